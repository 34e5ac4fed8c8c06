/**
 * Requests of Effect's HTTP servers as tasks.
 *
 * @since 0.1.0
 */
import type * as asyncio from "@effect-asyncio/core"
import type * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import { ClientAbort } from "effect/http/HttpServerError"
import { HttpServerRequest } from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { EffectLimits, handle } from "../internal/effectRequest.ts"
import { admission } from "../internal/inFlight.ts"
import type { RequestError } from "../RequestError.ts"
import type { RequestLimits } from "../RequestLimits.ts"

/**
 * A request whose task has ended cancelled, for a log.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface CancelledRequest {
  /** The name of its task: `GET /users/:id`. */
  readonly name: string
  readonly labels: asyncio.Labels
  /** 499 where the client is gone; else what it was answered. */
  readonly status: number
  readonly cancellation: asyncio.CancellationSnapshot
}

/**
 * Options of {@link requestTask}.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface RequestTaskOptions extends RequestLimits {
  /** Is run for each request that has ended cancelled. */
  readonly onCancelled?: ((request: CancelledRequest) => Effect.Effect<void>) | undefined
  /** What a request is answered that was not handled to its end; by default the error's message, with its status and headers. */
  readonly respond?: ((error: RequestError) => HttpServerResponse.HttpServerResponse) | undefined
}

/**
 * Middleware that runs each request in a task of its own, `GET /users/:id`, with its method, its route and an id as labels.
 *
 * **When to use**
 *
 * For a router, `HttpRouter.middleware(requestTask()).layer` behind its routes, where the pattern of the path is known; or around an app that has no
 * router, `HttpServer.serve(requestTask()(app))`, which names the task by the path itself. Not as the middleware of `HttpServer.serve`: that is around the
 * sending of the answer, and sees no handler that was cancelled.
 *
 * **Details**
 *
 * The task belongs to the loop of the fiber: that of `run`, `withLoop` or `layer`. It has the services of the request, its span included, and
 * ends with the answer; a shutdown waits until that was sent. Effect's own tracing makes the span a child of what the tracing headers of the
 * request name; it has the attribute `task`, and of a request that was cancelled `cancellation.kind` and `cancellation.reason`.
 *
 * What is made by one call has one `concurrency` and `queue`: give it to several routers that are to share them. Throws a TypeError or a
 * ValueError for options that cannot be meant.
 *
 * **Cancellation**
 *
 * The disconnect of the client cancels the task with the kind `"disconnect"`, and its end is awaited. A task that is cancelled otherwise is
 * answered 503, or after the `timeout` as `timeoutStatus` says; at a shutdown the connection ends with that.
 *
 * **asyncio**
 *
 * No such thing: asyncio has no requests. What comes nearest is the callback of
 * [`asyncio.start_server`](https://docs.python.org/3/library/asyncio-stream.html#asyncio.start_server), which becomes a task for each connection.
 *
 * **Example** (A router)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { requestTask } from "@effect-asyncio/server/effect"
 * import { Effect, Layer } from "effect"
 * import { HttpRouter, HttpServerResponse } from "effect/http"
 *
 * const whoAmI = Effect.map(asyncio.currentTask, (task) => HttpServerResponse.text(task.getName()))
 * const routes = HttpRouter.add("GET", "/users/:id", whoAmI).pipe(
 *   Layer.provide(HttpRouter.middleware(requestTask()).layer)
 * )
 *
 * const { dispose, handler } = HttpRouter.toWebHandler(routes, { disableLogger: true })
 * const response = await handler(new Request("http://localhost/users/7"))
 * const text = await response.text()
 * await dispose()
 * text // => "GET /users/:id"
 * ```
 *
 * @category requests
 * @stability unstable
 * @since 0.1.0
 */
export const requestTask = (options: RequestTaskOptions = {}) => {
  const limits = new EffectLimits(options, "requestTask()")
  const { respond = responseOf } = options
  const refuse = (error: RequestError) => Effect.succeed(respond(error))
  return <E, R>(
    app: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>
  ): Effect.Effect<HttpServerResponse.HttpServerResponse, E, R | HttpServerRequest> =>
    Effect.withFiber((fiber) => {
      const { headers, method, url } = Context.getUnsafe(
        fiber.context as Context.Context<HttpServerRequest>,
        HttpServerRequest
      )
      const path = Context.getOrUndefined(fiber.context, HttpRouter.RouteContext)?.route.path
      const route = path ?? url.split("?", 1)[0]!
      const id = headers["x-request-id"]
      const handled = handle(app, {
        name: `${method} ${route}`,
        labels: { method, route, ...(id === undefined ? {} : { id }) },
        limits,
        timeout: limits.timeoutFor((name) => headers[name]),
        isGone,
        refuse
      })
      // Outside of any route nothing has said that a disconnect may interrupt it.
      const answer = path === undefined ? Effect.interruptible(handled) : handled
      return admission() === "open" ? answer : Effect.map(answer, HttpServerResponse.setHeader("connection", "close"))
    })
}

const responseOf = ({ headers, message, status }: RequestError): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.text(message, { status, headers })

const isGone = ({ reasons }: Cause.Cause<unknown>): boolean =>
  reasons.some((reason) => reason._tag === "Interrupt" && reason.annotations.has(ClientAbort.key))
