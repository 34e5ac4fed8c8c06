// The server that jobs fetch from. A test decides when and how each request is answered.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { within } from "./within.ts"

/** One request that arrived. */
export class UpstreamRequest {
  readonly path: string
  /** Settles when the connection is gone. */
  readonly hungUp: Promise<void>
  readonly #response: ServerResponse

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.path = request.url ?? ""
    this.hungUp = new Promise((resolve) => request.socket.once("close", () => resolve()))
    this.#response = response
  }

  answer(status: number, body: string): void {
    this.#response.writeHead(status)
    this.#response.end(body)
  }

  /** The head and the first part of a body that has another one. */
  answerPart(body: string): void {
    this.#response.writeHead(200)
    this.#response.write(body)
  }

  answerRest(body: string): void {
    this.#response.end(body)
  }
}

/** Answers `/ok/TEXT` with the text and `/status/N` with that status. All other paths wait for the test. */
export class Upstream {
  static async start(guard: number): Promise<Upstream> {
    const upstream = new Upstream(guard)
    await new Promise<void>((resolve) => upstream.#server.listen(0, "127.0.0.1", resolve))
    return upstream
  }

  /** The paths of all requests, in the order they arrived. */
  readonly paths: Array<string> = []
  readonly #guard: number
  readonly #server: Server
  readonly #arrived: Array<UpstreamRequest> = []
  readonly #expected: Array<{ readonly path: string; readonly resolve: (request: UpstreamRequest) => void }> = []

  private constructor(guard: number) {
    this.#guard = guard
    this.#server = createServer((request, response) => {
      const path = request.url ?? ""
      this.paths.push(path)
      const [, kind, rest = ""] = /^\/(ok|status)\/(.*)$/.exec(path) ?? []
      if (kind !== undefined) {
        response.writeHead(kind === "ok" ? 200 : Number(rest))
        response.end(kind === "ok" ? rest : "no")
        return
      }
      const arrived = new UpstreamRequest(request, response)
      const index = this.#expected.findIndex((expected) => expected.path === path)
      if (index < 0) this.#arrived.push(arrived)
      else this.#expected.splice(index, 1)[0]!.resolve(arrived)
    })
  }

  url(path: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${path}`
  }

  /** The next request for `path` that nobody was given yet. */
  next(path: string, patience = this.#guard): Promise<UpstreamRequest> {
    const index = this.#arrived.findIndex((arrived) => arrived.path === path)
    if (index >= 0) return Promise.resolve(this.#arrived.splice(index, 1)[0]!)
    const request = new Promise<UpstreamRequest>((resolve) => this.#expected.push({ path, resolve }))
    return within(patience, `a request for ${path}`, request)
  }

  stop(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}
