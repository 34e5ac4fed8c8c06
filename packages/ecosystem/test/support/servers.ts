/**
 * HTTP servers that never answer, or never finish their answer, and tell when a request came and when it was given up.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

/** What the server does with a request before it falls silent. */
export type Reply = (request: IncomingMessage, response: ServerResponse) => void

export interface Request {
  readonly url: string
  /** The request has arrived, and the part of the answer that comes was sent. */
  readonly begun: Promise<void>
  /** The client has closed the connection, or its stream. */
  readonly stopped: Promise<void>
}

interface Expected {
  readonly arrived: () => void
  readonly gone: () => void
}

export class SilentServer {
  readonly #expected = new Map<string, Expected>()
  readonly #reply: Reply
  #server: Server | undefined = undefined
  #origin = ""
  #count = 0

  /** Answers nothing, unless `reply` says something. */
  constructor(reply: Reply = () => {}) {
    this.#reply = reply
  }

  get origin(): string {
    return this.#origin
  }

  async open(): Promise<void> {
    const server = createServer((request, response) => this.#handle(request, response))
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    this.#server = server
    this.#origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    const server = this.#server
    if (server === undefined) return
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }

  /** A request that is to come, to a path of its own below `path`. */
  expect(path = ""): Request {
    const key = `n${++this.#count}`
    const begun = Promise.withResolvers<void>()
    const stopped = Promise.withResolvers<void>()
    this.#expected.set(key, { arrived: begun.resolve, gone: stopped.resolve })
    return { url: `${this.#origin}/${key}${path}`, begun: begun.promise, stopped: stopped.promise }
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const key = /^\/(n\d+)/.exec(request.url ?? "")?.[1] ?? ""
    const expected = this.#expected.get(key)
    this.#expected.delete(key)
    response.on("close", () => expected?.gone())
    this.#reply(request, response)
    expected?.arrived()
  }
}
