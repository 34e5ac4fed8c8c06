// What every server of JSON needs.
import type { IncomingMessage, ServerResponse } from "node:http"

/** An error that a client is to see. */
export class HttpError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export interface Reply {
  readonly status: number
  readonly body: unknown
}

/** The answer to a request whose handling failed. */
export const errorReply = (error: unknown): Reply => {
  if (error instanceof HttpError) return { status: error.status, body: { error: error.message } }
  console.error(error)
  return { status: 500, body: { error: "internal error" } }
}

export const send = (request: IncomingMessage, response: ServerResponse, { status, body }: Reply): void => {
  if (response.destroyed) return
  // Nobody wants to read what is left of it.
  if (!request.complete) response.setHeader("connection", "close")
  response.writeHead(status, { "content-type": "application/json" })
  response.end(JSON.stringify(body))
}

/** Where a request goes: its path, the id in it, and its query. Throws an HttpError 400 for what is no path. */
export const parseTarget = (request: IncomingMessage) => {
  const url = URL.parse(`http://localhost${request.url}`)
  if (url === null) throw new HttpError(400, `not a path: ${request.url}`)
  const [, id] = /^\/jobs\/([^/]+)$/.exec(url.pathname) ?? []
  return { route: `${request.method} ${id === undefined ? url.pathname : "/jobs/:id"}`, id: id ?? "", url }
}

/** How long a client wants to wait for a job. Throws an HttpError 400. */
export const parseWait = (url: URL): number => {
  const wait = url.searchParams.get("wait") ?? "0"
  if (!/^\d{1,7}$/.test(wait)) throw new HttpError(400, "wait must be a number of milliseconds")
  return Number(wait)
}

/** Reads the body. Rejects with an HttpError: 413 for too much of it, 400 for what is not JSON. */
export const readJson = async (request: IncomingMessage, limit: number): Promise<unknown> => {
  const chunks: Array<Buffer> = []
  let size = 0
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > limit) throw new HttpError(413, `the body must not have more than ${limit} bytes`)
      chunks.push(chunk)
    }
    return JSON.parse(Buffer.concat(chunks).toString()) as unknown
  } catch (error) {
    throw error instanceof HttpError ? error : new HttpError(400, "the body must be JSON")
  }
}

/** Prints an event as a line of JSON. */
export const log = (event: string, fields: object): void => console.log(JSON.stringify({ event, ...fields }))
