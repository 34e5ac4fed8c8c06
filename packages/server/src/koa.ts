/**
 * Requests of Koa 3 as tasks.
 *
 * @since 0.1.0
 */
import type { Context, Middleware } from "koa"
import { NodeExchange } from "./internal/exchange.ts"
import { isHangUp } from "./internal/hangUps.ts"
import { RequestTasks, type RequestTasksOptions } from "./RequestTasks.ts"

/**
 * Options of {@link requestTasks}.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface KoaRequestTasksOptions extends RequestTasksOptions {
  /** The limits, where others share them. */
  readonly tasks?: RequestTasks | undefined
  /** The pattern of the path. By default what `@koa/router` has matched, where this stands behind it; else the path itself. */
  readonly route?: ((context: Context) => string) | undefined
}

/**
 * Middleware of Koa whose requests are tasks; see {@link RequestTasks}. What stands behind it is a part of the task.
 *
 * **Details**
 *
 * Give it to a router, `router.use(requestTasks())`, and the task is named by the pattern of its route. What a request is told whose time is
 * up is an error with `status`, `headers` and a message that may be shown, which Koa itself makes an answer of.
 *
 * **Cancellation**
 *
 * A handler whose client is gone is cancelled with the kind `"disconnect"`, and no error is emitted.
 *
 * **asyncio**
 *
 * No such thing: asyncio has no router. What comes nearest is the callback of
 * [`asyncio.start_server`](https://docs.python.org/3/library/asyncio-stream.html#asyncio.start_server), which becomes a task for each connection.
 *
 * **Example** (All routes, with a limit)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 * import { requestTasks } from "@effect-asyncio/server/koa"
 * import Koa from "koa"
 * import { once } from "node:events"
 *
 * const app = new Koa()
 * app.use(requestTasks({ timeout: "30 seconds" }))
 * app.use(async (context) => {
 *   context.body = asyncio.currentTask()?.getName()
 * })
 *
 * const server = app.listen(0, "127.0.0.1")
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
export const requestTasks = (options: KoaRequestTasksOptions = {}): Middleware => {
  const { route = routeOf, tasks = new RequestTasks(options) } = options
  return async (context, next) => {
    await tasks.handle(new KoaExchange(context, route(context)), next)
  }
}

const routeOf = (context: Context): string => {
  const matched = (context as { readonly _matchedRoute?: string | RegExp })._matchedRoute
  return matched === undefined ? context.path : String(matched)
}

class KoaExchange extends NodeExchange {
  readonly route: string
  readonly #context: Context

  constructor(context: Context, route: string) {
    super(context.res)
    this.#context = context
    this.route = route
    // Koa reports what the socket ends with when its client hangs up, in the middle of a body for one.
    const report = context.onerror.bind(context)
    Object.assign(context, {
      onerror: (error: Error) => {
        if (!isHangUp(error)) report(error)
      }
    })
  }

  get method(): string {
    return this.#context.method
  }

  get id(): string | undefined {
    return this.header("x-request-id")
  }

  header(name: string): string | undefined {
    return this.#context.get(name) || undefined
  }

  fail(error: Error): void {
    this.#context.onerror(error)
  }

  override abandon(): unknown {
    // The client waits for no answer, and one that has begun is not to be touched.
    this.#context.respond = false
    return undefined
  }
}
