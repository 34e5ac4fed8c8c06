/**
 * The server of the dashboard: the page, and a way for it to the processes. What the page shows it makes itself of what they tell; nothing is
 * kept here.
 */
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import type { Connection } from "../client/connection.ts"
import type { TalkOptions } from "../client/talking.ts"
import { find, findAll } from "../client/find.ts"
import { findLeaks } from "../client/leaks.ts"
import { InspectError } from "../errors.ts"
import { placeOf, placeText } from "../place.ts"
import type { Request } from "../protocol.ts"
import { Guard, type Refusal } from "./guard.ts"
import type { Listed, Lost } from "./source.ts"

/** How the dashboard is served. */
export interface DashboardOptions {
  /** The processes, by number or name; all that can be looked into by default. */
  readonly processes: ReadonlyArray<string>
  readonly host: string
  readonly port: number
  readonly allowCancel: boolean
  /** How long to wait for an answer, in milliseconds. */
  readonly timeout?: number | undefined
}

export interface Dashboard {
  /** The address that opens the page. */
  readonly url: string
  readonly close: () => Promise<void>
}

/** What of the page is sent, as it was built beside this file. */
const files: Readonly<Record<string, readonly [file: string, type: string]>> = {
  "/": ["index.html", "text/html; charset=utf-8"],
  "/page.js": ["page.js", "text/javascript; charset=utf-8"],
  "/page.css": ["page.css", "text/css; charset=utf-8"],
  "/icon.svg": ["icon.svg", "image/svg+xml"]
}

const built = new URL(import.meta.url.endsWith(".ts") ? "../../dist/page/" : "../page/", import.meta.url)

const headers = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cache-Control": "no-store"
}

/** What a page may ask for. */
const questions = new Set<Request["request"]>(["summary", "task", "outcome"])
/** A question is a few words. */
const longestQuestion = 100_000
/** A process that is stopped in a debugger goes on some time: the page says that it does not answer. */
const day = 24 * 60 * 60 * 1000

/** Serves the page until it is closed. */
export const serveDashboard = async (options: DashboardOptions): Promise<Dashboard> => {
  const guard = new Guard(options.host)
  const site = new Site(options, guard)
  const server = createServer((request, response) => void site.answer(request, response))
  server.listen(options.port, options.host)
  await once(server, "listening")
  const { address, port } = server.address() as AddressInfo
  guard.listensOn(port)
  const name =
    address === "::" || address === "0.0.0.0" ? "localhost" : address.includes(":") ? `[${address}]` : address
  return {
    url: `http://${name}:${port}/${guard.query}`,
    close: async () => {
      const closed = once(server, "close")
      server.close()
      server.closeAllConnections()
      await closed
    }
  }
}

class Site {
  readonly #options: DashboardOptions
  readonly #guard: Guard

  constructor(options: DashboardOptions, guard: Guard) {
    this.#options = options
    this.#guard = guard
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    // The client may be gone before the answer.
    response.on("error", () => {})
    try {
      await this.#route(request, response)
    } catch (error) {
      const message = error instanceof InspectError ? error.message : String(error)
      if (response.headersSent) response.end()
      else json(response, error instanceof InspectError ? 409 : 500, { error: message })
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = this.#guard.refuses(request)
    if (refusal !== undefined) return refuse(response, refusal)
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost")
    const token = searchParams.get("token")
    if (pathname === "/" && token !== null) return this.#enter(response, token)
    const stranger = this.#guard.refusesCookie(request)
    if (stranger !== undefined) return refuse(response, stranger)
    if (request.method === "POST" && pathname === "/api/ask") return await this.#ask(request, response)
    if (request.method === "POST" && pathname === "/api/leaks") return await this.#leaks(request, response)
    if (request.method !== "GET") return void response.writeHead(405).end()
    if (pathname === "/api/processes") return await this.#processes(response)
    if (pathname === "/api/live") return await this.#live(searchParams.get("pid") ?? "", response)
    const [file, type] = files[pathname] ?? []
    if (file === undefined || type === undefined) return text(response, 404, "There is nothing here.")
    response.writeHead(200, { "Content-Type": type }).end(readFileSync(new URL(file, built)))
  }

  /** Gives the cookie. The page itself is opened by this one: a browser that follows a link from elsewhere sends no cookie with the first request. */
  #enter(response: ServerResponse, token: string): void {
    const refusal = this.#guard.refusesToken(token)
    if (refusal !== undefined) return refuse(response, refusal)
    response
      .writeHead(200, { "Content-Type": "text/html; charset=utf-8", "Set-Cookie": this.#guard.cookie })
      .end(
        '<!doctype html><meta http-equiv="refresh" content="0;url=/"><link rel="icon" href="/icon.svg"><title>effect-asyncio</title><a href="/">Open</a>'
      )
  }

  async #processes(response: ServerResponse): Promise<void> {
    const { allowCancel, processes, timeout } = this.#options
    const found = await findAll({ timeout: timeout ?? 2000 })
    const clusters = new Set<string>()
    const listed = found.flatMap(({ connection, place, problem }): ReadonlyArray<Listed> => {
      connection?.close()
      const { cluster, host, name, startedAt, version } = connection?.hello ?? {}
      const pid = place.part === 0 ? place.pid : placeText(place)
      const isWanted = processes.length === 0 || processes.includes(String(pid)) || processes.includes(name ?? "")
      // Many processes have a part in a cluster: one of them is enough.
      if (!isWanted || (cluster !== undefined && clusters.has(cluster))) return []
      if (problem !== undefined) return [{ pid, problem }]
      if (cluster !== undefined) clusters.add(cluster)
      const isCluster = cluster === undefined ? {} : { isCluster: true as const }
      return [{ pid, name: name!, host: host!, version: version!, startedAt: startedAt!, ...isCluster }]
    })
    json(response, 200, { processes: listed, allowCancel })
  }

  /** What a process tells, as server-sent events, no faster than the page takes it. */
  async #live(pid: string, response: ServerResponse): Promise<void> {
    // What it tells is read, and looked at, by the page.
    const connection = await this.#connect(pid, { timeout: day, passesOn: true })
    response.on("close", () => connection.close())
    response.writeHead(200, { "Content-Type": "text/event-stream" })
    try {
      for await (const piece of connection.texts({ request: "live" })) await send(response, "piece", piece)
    } catch (error) {
      await send(response, "problem", JSON.stringify(error instanceof Error ? error.message : String(error)))
    } finally {
      connection.close()
      response.end()
    }
  }

  async #ask(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.headers["content-type"] !== "application/json") return text(response, 415, "Send JSON.")
    const body = await read(request)
    if (body === undefined) return text(response, 413, "That is too long.")
    const { pid, question } = body as { readonly pid?: unknown; readonly question?: Request }
    const isCancel = question?.request === "cancel"
    if (isCancel && !this.#options.allowCancel) {
      return json(response, 403, {
        error: "this dashboard only looks: start it with --allow-cancel to cancel tasks from it"
      })
    }
    if (question === undefined || (!isCancel && !questions.has(question.request))) {
      return json(response, 400, { error: "there is no such request" })
    }
    const connection = await this.#connect(String(pid), this.#options)
    try {
      json(response, 200, { answer: await connection.ask(question) })
    } finally {
      connection.close()
    }
  }

  /** Not one of the questions: the answer is a file, which is read here. */
  async #leaks(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pid } = ((await read(request)) ?? {}) as { readonly pid?: unknown }
    const connection = await this.#connect(String(pid), this.#options)
    try {
      const { found } = await findLeaks(connection)
      const answer: Lost = { tasks: found.leaks.map(({ id }) => id), stall: found.stall }
      json(response, 200, { answer })
    } finally {
      connection.close()
    }
  }

  async #connect(pid: string, { passesOn, timeout }: TalkOptions): Promise<Connection> {
    if (placeOf(pid) === undefined) throw new InspectError("a process is asked for by its number")
    const connection = await find(pid, { timeout, passesOn })
    const { processes } = this.#options
    if (processes.length === 0 || processes.includes(pid) || processes.includes(connection.hello.name))
      return connection
    connection.close()
    throw new InspectError("this dashboard is not for that process")
  }
}

const refuse = (response: ServerResponse, { status, text: why }: Refusal): void => text(response, status, why)

const text = (response: ServerResponse, status: number, body: string): void =>
  void response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8" }).end(`${body}\n`)

const json = (response: ServerResponse, status: number, body: object): void =>
  void response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body))

const send = async (response: ServerResponse, event: string, json: string): Promise<void> => {
  // A carriage return, which JSON allows between its values, would end the line.
  const data = json.replaceAll("\r", "")
  if (response.closed || response.write(`event: ${event}\ndata: ${data}\n\n`)) return
  await new Promise<void>((resolve) => {
    const goOn = () => {
      response.off("drain", goOn)
      response.off("close", goOn)
      resolve()
    }
    response.on("drain", goOn)
    response.on("close", goOn)
  })
}

/** The JSON that a request brings; undefined where it is too long, or none. */
const read = async (request: IncomingMessage): Promise<unknown> => {
  let body = ""
  let length = 0
  request.setEncoding("utf8")
  // To its end, also of one that is refused: a client that is cut off does not hear why.
  for await (const part of request) {
    length += String(part).length
    if (length <= longestQuestion) body += String(part)
  }
  if (length > longestQuestion) return undefined
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === "object" && value !== null ? value : {}
  } catch {
    return {}
  }
}
