/**
 * Requests of Fastify 5 as tasks.
 *
 * @since 0.1.0
 */
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from "fastify"
import { NodeExchange, textOf } from "./internal/exchange.ts"
import { RequestTasks, type CancelledRequest, type RequestTasksOptions } from "./RequestTasks.ts"

/**
 * A plugin for Fastify: the requests of all routes that are added after it, also in plugins beside it, are tasks; see
 * {@link RequestTasks}. Give a route `{ config: { requestTasks: false } }`, and it is left as it is.
 *
 * **Details**
 *
 * The task is named by the route, and has the request's id as a label. It begins with the handler; hooks run outside of it. A request that
 * was cancelled is noted in the request's log at level `info` with `statusCode` 499, 503 or 504, and is no error.
 *
 * **Cancellation**
 *
 * A handler whose client is gone is cancelled with the kind `"disconnect"`.
 *
 * **asyncio**
 *
 * No such thing: asyncio has no router. What comes nearest is the callback of
 * [`asyncio.start_server`](https://docs.python.org/3/library/asyncio-stream.html#asyncio.start_server), which becomes a task for each connection.
 *
 * **Example** (A server)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 * import { requestTasks } from "@effect-asyncio/server/fastify"
 * import fastify from "fastify"
 *
 * const app = fastify()
 * await app.register(requestTasks, { timeout: "30 seconds" })
 * app.get("/users/:id", async () => asyncio.currentTask()?.getName())
 *
 * const { body } = await app.inject("/users/7")
 * body // => "GET /users/:id"
 * ```
 *
 * @category requests
 * @stability unstable
 * @since 0.1.0
 */
export const requestTasks = (
  app: FastifyInstance,
  options: RequestTasksOptions & { readonly tasks?: RequestTasks | undefined },
  done: () => void
): void => {
  const { tasks = new RequestTasks(options) } = options
  app.addHook("onRoute", (route) => {
    const config: { readonly requestTasks?: boolean } | undefined = route.config
    if (config?.requestTasks === false) return
    const { handler, url } = route
    route.handler = function (this: FastifyInstance, request, reply) {
      const exchange = new FastifyExchange(url, request, reply)
      return tasks.handle(exchange, () => (handler as RouteHandlerMethod).call(this, request, reply))
    }
  })
  done()
}

// For all of the application, and not only for what this plugin registers: what the package fastify-plugin says, too.
Object.assign(requestTasks, { [Symbol.for("skip-override")]: true })

class FastifyExchange extends NodeExchange {
  readonly method: string
  readonly route: string
  readonly #request: FastifyRequest
  readonly #reply: FastifyReply

  constructor(route: string, request: FastifyRequest, reply: FastifyReply) {
    super(reply.raw)
    this.#request = request
    this.#reply = reply
    this.method = request.method
    this.route = route
  }

  get id(): string {
    return this.#request.id
  }

  header(name: string): string | undefined {
    return textOf(this.#request.headers[name.toLowerCase()])
  }

  fail(error: Error): void {
    this.#reply.send(error)
  }

  override abandon(): unknown {
    // Else Fastify would try to answer, and complain that it cannot.
    this.#reply.hijack()
    return undefined
  }

  noteCancelled({ error, status }: CancelledRequest): void {
    const { kind, reason } = error
    this.#request.log.info({ statusCode: status, kind, reason }, "request cancelled")
  }
}
