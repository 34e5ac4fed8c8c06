/**
 * Requests of Hono 4 as tasks, on Node.js, Bun and Deno.
 *
 * @since 0.1.0
 */
import type { Context, Env, Handler, Input, Next } from "hono"
import type { HandlerResponse } from "hono/types"
import type { Client, Exchange, NodeResponse } from "./internal/exchange.ts"
import { RequestError } from "./RequestError.ts"
import { RequestTasks, type RequestTasksOptions } from "./RequestTasks.ts"

/**
 * Makes handlers of Hono whose requests are tasks; see {@link RequestTasks}. Give it the options once, and it each handler.
 *
 * **Details**
 *
 * The task is named by the pattern of the route. Middleware before the handler runs outside of it. A request whose time is up, or that too
 * many others stand before, is an error for `app.onError`, with an answer: `getResponse()`, as an `HTTPException` has it.
 *
 * **Cancellation**
 *
 * A handler whose client is gone is cancelled with the kind `"disconnect"`, and `app.onError` is not called. On Node.js a stream is a part
 * of the request until its end; on other hosts the task ends with the handler.
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
 * import { requestTasks } from "@effect-asyncio/server/hono"
 * import { Hono } from "hono"
 *
 * const task = requestTasks({ timeout: "30 seconds" })
 * const app = new Hono()
 * app.get("/users/:id", task(async (context) => context.text(`${asyncio.currentTask()?.getName()}`)))
 *
 * const response = await app.request("/users/7")
 * const text = await response.text()
 * text // => "GET /users/:id"
 * ```
 *
 * @category requests
 * @stability unstable
 * @since 0.1.0
 */
export const requestTasks = (options?: RequestTasks | RequestTasksOptions) => {
  const tasks = RequestTasks.of(options)
  return <E extends Env, P extends string, I extends Input, R extends HandlerResponse<any>>(
    handler: Handler<E, P, I, R>
  ): Handler<E, P, I, R> =>
    (async (context: Context<E, P, I>, next: Next) => {
      const exchange = new HonoExchange(context)
      try {
        return await tasks.handle(exchange, () => handler(context, next) as Promise<unknown>)
      } catch (error) {
        throw error instanceof RequestError ? exceptionOf(error) : error
      } finally {
        exchange.handled()
      }
    }) as never
}

/** What Hono asks an error for that is to be answered, as those of its own class are. */
const exceptionOf = (error: RequestError): RequestError & { getResponse(): Response } => {
  const { headers, message, status } = error
  return Object.assign(error, { getResponse: () => new Response(message, { status, headers: { ...headers } }) })
}

/** What hosts that answer by a response of Node.js tell a handler. */
interface Bindings {
  readonly outgoing?: NodeResponse | undefined
}

class HonoExchange implements Exchange {
  readonly #context: Context<any, any, any>
  readonly #response: NodeResponse | undefined
  #ended = false
  #client: Client | undefined = undefined

  constructor(context: Context<any, any, any>) {
    this.#context = context
    this.#response = (context.env as Bindings | undefined)?.outgoing
  }

  get method(): string {
    return this.#context.req.method
  }

  get route(): string {
    // `routePath` of hono/route says the same for contexts of the same copy of Hono alone.
    // oxlint-disable-next-line typescript/no-deprecated
    return this.#context.req.routePath
  }

  get id(): string | undefined {
    return this.header("x-request-id")
  }

  header(name: string): string | undefined {
    return this.#context.req.header(name)
  }

  get answered(): boolean {
    return this.#response?.headersSent ?? this.#ended
  }

  get ended(): boolean {
    return this.#response?.writableEnded ?? this.#ended
  }

  get closed(): boolean {
    return this.#response?.closed ?? this.#context.req.raw.signal.aborted
  }

  watch(client: Client): void {
    const response = this.#response
    if (response !== undefined) {
      response.on("close", () => client.closed(!response.writableEnded || !response.writableFinished))
    } else {
      this.#client = client
      this.#context.req.raw.signal.addEventListener("abort", this.#gone)
      // A handler that gave its answer at once.
      if (this.#ended) this.handled()
    }
  }

  readonly #gone = (): void => this.#client?.closed(true)

  /** The handler is through, and the host has its answer. */
  handled(): void {
    this.#ended = true
    if (this.#client === undefined) return
    this.#context.req.raw.signal.removeEventListener("abort", this.#gone)
    this.#client.closed(false)
  }

  closeAfterwards(): void {
    this.#context.header("connection", "close")
  }

  // A handler of Hono gives its answer, so that there is no other way to answer.
  fail(): void {
    this.hangUp()
  }

  abandon(): unknown {
    return new Response(null, { status: 499 })
  }

  hangUp(): void {
    this.#response?.destroy()
  }
}
