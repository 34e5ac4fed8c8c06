/**
 * Requests of Express 5 as tasks.
 *
 * @since 0.1.0
 */
import type { NextFunction, Request, RequestHandler, Response } from "express"
import { NodeExchange, textOf } from "./internal/exchange.ts"
import { RequestTasks, type RequestTasksOptions } from "./RequestTasks.ts"

/**
 * Makes route handlers of Express whose requests are tasks; see {@link RequestTasks}. Give it the options once, and it each handler.
 *
 * **Details**
 *
 * The task is named by the pattern of the route, that of its router included. Middleware before the handler runs outside of it. What the
 * handler fails with goes to Express's error handlers, and so does what a request is told whose time is up: an error with `status`,
 * `headers` and a message that may be shown, which Express itself makes an answer of.
 *
 * **Cancellation**
 *
 * A handler whose client is gone is cancelled with the kind `"disconnect"`, and no error handler is called.
 *
 * **asyncio**
 *
 * No such thing: asyncio has no router. What comes nearest is the callback of
 * [`asyncio.start_server`](https://docs.python.org/3/library/asyncio-stream.html#asyncio.start_server), which becomes a task for each connection.
 *
 * **Example** (A handler that is a task)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 * import { requestTasks } from "@effect-asyncio/server/express"
 * import express from "express"
 * import { once } from "node:events"
 *
 * const task = requestTasks({ timeout: "30 seconds" })
 * const app = express()
 * app.get("/users/:id", task(async (request, response) => {
 *   response.send(`${request.params.id} in ${asyncio.currentTask()?.getName()}`)
 * }))
 *
 * const server = app.listen(0, "127.0.0.1")
 * await once(server, "listening")
 * const { port } = server.address() as { port: number }
 * const response = await fetch(`http://127.0.0.1:${port}/users/7`, { headers: { connection: "close" } })
 * const text = await response.text()
 * server.close()
 * text // => "7 in GET /users/:id"
 * ```
 *
 * @category requests
 * @stability unstable
 * @since 0.1.0
 */
export const requestTasks = (options?: RequestTasks | RequestTasksOptions) => {
  const tasks = RequestTasks.of(options)
  return <Params = Record<string, string>, ResBody = any, ReqBody = any, Query = any>(
    handler: (
      request: Request<Params, ResBody, ReqBody, Query>,
      response: Response<ResBody>,
      next: NextFunction
    ) => unknown
  ): RequestHandler<Params, ResBody, ReqBody, Query> =>
    (request, response, next) =>
      tasks.handle(new ExpressExchange(request as never, response as never, next), () =>
        handler(request, response, next)
      ) as Promise<void>
}

class ExpressExchange extends NodeExchange {
  readonly method: string
  readonly #request: Request
  readonly #next: NextFunction

  constructor(request: Request, response: Response, next: NextFunction) {
    super(response)
    this.#request = request
    this.#next = next
    this.method = request.method
  }

  get route(): string {
    const { baseUrl, path, route } = this.#request as Request & { readonly route?: { readonly path: unknown } }
    // Without a route the handler is middleware. A route may be a list of patterns, or a regular expression.
    return baseUrl + String(route?.path ?? path)
  }

  get id(): string | undefined {
    return this.header("x-request-id")
  }

  header(name: string): string | undefined {
    return textOf(this.#request.headers[name.toLowerCase()])
  }

  fail(error: Error): void {
    this.#next(error)
  }
}
