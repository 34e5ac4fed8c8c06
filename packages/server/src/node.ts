/**
 * Requests of `node:http` as tasks.
 *
 * @since 0.1.0
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import { NodeExchange, textOf } from "./internal/exchange.ts"
import { isHangUp } from "./internal/hangUps.ts"
import { RequestError } from "./RequestError.ts"
import { RequestTasks, type RequestTasksOptions } from "./RequestTasks.ts"

/**
 * Options of {@link requestListener}.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface RequestListenerOptions extends RequestTasksOptions {
  /** The pattern of a request's path, for the name of its task; by default the path itself. */
  readonly route?: ((request: IncomingMessage) => string) | undefined
  /** Is told what a handler has failed with; by default the process is, on stderr. */
  readonly onError?: ((error: unknown, request: IncomingMessage) => void) | undefined
}

/**
 * A listener for `createServer` whose requests are tasks; see {@link RequestTasks}.
 *
 * **Details**
 *
 * The handler answers by `response`, and may return before it has. What it fails with is answered 500 where nothing was sent yet; else the
 * connection ends in the middle.
 *
 * **Cancellation**
 *
 * A handler whose client is gone is cancelled with the kind `"disconnect"`. One that closes only its own side, after the request, is there.
 *
 * **asyncio**
 *
 * What comes nearest is the callback of
 * [`asyncio.start_server`](https://docs.python.org/3/library/asyncio-stream.html#asyncio.start_server), which becomes a task for each
 * connection.
 *
 * **Example** (A server)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 * import { requestListener } from "@effect-asyncio/server/node"
 * import { once } from "node:events"
 * import { createServer } from "node:http"
 *
 * const server = createServer(requestListener((_, response) => {
 *   response.end(asyncio.currentTask()?.getName())
 * }))
 * server.listen(0, "127.0.0.1")
 * await once(server, "listening")
 * const { port } = server.address() as { port: number }
 * const response = await fetch(`http://127.0.0.1:${port}/users`, { headers: { connection: "close" } })
 * const text = await response.text()
 * server.close()
 * text // => "GET /users"
 * ```
 *
 * @category requests
 * @stability unstable
 * @since 0.1.0
 */
export const requestListener = (
  handler: (request: IncomingMessage, response: ServerResponse) => unknown,
  options: RequestListenerOptions & { readonly tasks?: RequestTasks | undefined } = {}
): ((request: IncomingMessage, response: ServerResponse) => void) => {
  const {
    onError = (error: unknown) => console.error(error),
    route = pathOf,
    tasks = new RequestTasks(options)
  } = options
  return (request, response) => {
    const failed = (error: unknown) => {
      if (!(error instanceof RequestError)) onError(error, request)
      answer(response, error)
    }
    // A second answer is an event, which ends the process where it has no listener.
    response.on("error", (error) => {
      if (!isHangUp(error)) onError(error, request)
    })
    const exchange = new ListenerExchange(request, response, route(request))
    try {
      const handled = tasks.handle(exchange, () => handler(request, response))
      if (handled instanceof Promise) handled.catch(failed)
    } catch (error) {
      failed(error)
    }
  }
}

const answer = (response: ServerResponse, error: unknown): void => {
  if (response.headersSent) return void response.destroy()
  const { headers, message, status } =
    error instanceof RequestError ? error : { headers: {}, message: "internal error", status: 500 }
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", ...headers })
  response.end(message)
}

const pathOf = ({ url = "/" }: IncomingMessage): string => {
  const query = url.indexOf("?")
  return query === -1 ? url : url.slice(0, query)
}

class ListenerExchange extends NodeExchange {
  readonly method: string
  readonly route: string
  readonly #request: IncomingMessage

  constructor(request: IncomingMessage, response: ServerResponse, route: string) {
    super(response)
    this.#request = request
    this.method = request.method ?? "GET"
    this.route = route
  }

  get id(): string | undefined {
    return this.header("x-request-id")
  }

  header(name: string): string | undefined {
    return textOf(this.#request.headers[name.toLowerCase()])
  }

  fail(error: Error): void {
    answer(this.response as ServerResponse, error)
  }
}
