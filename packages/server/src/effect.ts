/**
 * Requests of Effect's HTTP servers as tasks, and services that are Effects: what this package has for core.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import { HttpServerRequest } from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Scope from "effect/Scope"
import { admission, enter, leave, Work } from "./internal/inFlight.ts"
import { ServiceImpl } from "./internal/service.ts"
import type { ServeOptions, ServeReport, ServiceHandle } from "./Service.ts"

/**
 * Options of {@link requestTask}.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface RequestTaskOptions {
  /** How long until there is an answer; then the task is cancelled, with the kind `"timeout"`, and the client is answered 503. */
  readonly timeout?: Duration.Input | undefined
  /** What a request is answered whose time is up; 503 by default, 504 for who asks others. */
  readonly timeoutStatus?: 503 | 504 | undefined
}

/**
 * Middleware that runs each request in a task of its own, `GET /users/:id`, with its method and route as labels.
 *
 * **When to use**
 *
 * For a router, `HttpRouter.middleware(requestTask()).layer` behind its routes, where the pattern of the path is known; or as the middleware
 * of `HttpServer.serve`, which names the task by the path itself.
 *
 * **Details**
 *
 * The task belongs to the loop of the fiber: that of `run`, `withLoop` or `layer`. It has the services of the request, its span included, and
 * ends with the answer; a shutdown waits until that was sent.
 *
 * **Cancellation**
 *
 * The disconnect of the client cancels the task with the kind `"disconnect"`, and its end is awaited. A task that is cancelled otherwise is
 * answered 503; at a shutdown the connection ends with that.
 *
 * **asyncio**
 *
 * No such thing: asyncio has no requests.
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
  lowlevel.checkOptions(options, "requestTask()", '{ timeout: "30 seconds" }')
  const { timeout, timeoutStatus = 503 } = options
  const limit = timeout === undefined ? undefined : lowlevel.toMillis(timeout)
  return <E, R>(
    app: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>
  ): Effect.Effect<HttpServerResponse.HttpServerResponse, E, R | HttpServerRequest> =>
    Effect.withFiber((fiber) => {
      const now = admission()
      if (now === "refused") return Effect.succeed(unavailable(503, true))
      const { method, url } = Context.getUnsafe(fiber.context as Context.Context<HttpServerRequest>, HttpServerRequest)
      const path = Context.getOrUndefined(fiber.context, HttpRouter.RouteContext)?.route.path
      const route = path ?? url.split("?", 1)[0]!
      const scope = Context.getOrUndefined(fiber.context, Scope.Scope)
      const begun = asyncio.createTask(app, { name: `${method} ${route}`, labels: { method, route } })
      return Effect.flatMap(begun, (task) => {
        const request = new EffectRequest(task)
        request.enterUntil(scope)
        return Effect.map(request.answer(limit, timeoutStatus), (response) =>
          now === "open" ? response : HttpServerResponse.setHeader(response, "connection", "close")
        )
      })
    })
}

const unavailable = (status: number, isLast: boolean): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.empty({ status, headers: isLast ? { connection: "close", "retry-after": "1" } : {} })

class EffectRequest<A, E> extends Work {
  readonly task: asyncio.Task<A, E>

  constructor(task: asyncio.Task<A, E>) {
    super()
    this.task = task
  }

  stop(message: string): void {
    this.task.cancelUnsafe(message, { kind: "shutdown" })
  }

  /** Counts as in flight until the request's scope closes, which is behind its answer. */
  enterUntil(scope: Scope.Scope | undefined): void {
    enter(this)
    const over = () => leave(this)
    if (scope === undefined) this.task.addDoneCallbackUnsafe(over)
    else Effect.runSync(Scope.addFinalizer(scope, Effect.sync(over)))
  }

  /** Waits for the task, and cancels it when the fiber is interrupted: its client is gone. */
  answer(
    limit: number | undefined,
    timeoutStatus: number
  ): Effect.Effect<A | HttpServerResponse.HttpServerResponse, E> {
    const { task } = this
    const ended = Effect.callback<void>((resume) => {
      task.addDoneCallbackUnsafe(() => resume(Effect.void))
      const expire = () => task.cancelUnsafe("the request has timed out", { kind: "timeout" })
      const timer = limit === undefined ? undefined : task.loop.callLaterUnsafe(limit, expire)
      return Effect.callback<void>((resumeCleanup) => {
        timer?.cancelUnsafe()
        task.cancelUnsafe("the client is gone", { kind: "disconnect" })
        task.addDoneCallbackUnsafe(() => resumeCleanup(Effect.void))
      })
    })
    return Effect.andThen(
      ended,
      Effect.suspend((): Effect.Effect<A | HttpServerResponse.HttpServerResponse, E> => {
        if (!task.cancelled()) return task.exitUnsafe() as Effect.Effect<A, E>
        const kind = task.snapshot().cancellation?.kind
        return Effect.succeed(unavailable(kind === "timeout" ? timeoutStatus : 503, kind === "shutdown"))
      })
    )
  }
}

/**
 * What the main Effect of {@link serve} is given.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface Service extends ServiceHandle {
  /** Waits until the service was told to stop, and all that it has taken on is over: what is released behind it can be a database. */
  readonly drained: Effect.Effect<void>
}

/**
 * Runs a service: an Effect that has servers listen. It goes on until a signal comes, and then ends, whatever becomes of the requests.
 *
 * **Details**
 *
 * As `serve` of `@effect-asyncio/server`, whose options and report are these, for an Effect. Give its server to the service,
 * `NodeHttpServer.layer(() => service.track(createServer()), { port })`, and the middleware {@link requestTask} to the router; build the
 * layer and wait for `service.drained`. The layer closes behind that, when no request uses it any more.
 *
 * **Cancellation**
 *
 * By `service.stop()`, as by a signal.
 *
 * **asyncio**
 *
 * No such function. [`asyncio.run`](https://docs.python.org/3/library/asyncio-runner.html#handling-keyboard-interruption) cancels the main
 * task at Ctrl-C.
 *
 * **Example** (A service, which stops itself for this page)
 *
 * ```ts import.meta.vitest
 * import { serve } from "@effect-asyncio/server/effect"
 * import { Effect } from "effect"
 *
 * const lines: Array<string> = []
 * const database = Effect.acquireRelease(
 *   Effect.sync(() => lines.push("opened")),
 *   () => Effect.sync(() => lines.push("closed"))
 * )
 * const main = Effect.fn("main")(function*(service: import("@effect-asyncio/server/effect").Service) {
 *   yield* database
 *   service.ready()
 *   service.stop("enough")
 *   yield* service.drained
 * })
 * const report = await serve((service) => Effect.scoped(main(service)), { exit: false })
 * const seen = [lines, report.reason, report.exitCode]
 * seen // => [["opened", "closed"], "enough", 0]
 * ```
 *
 * @category running
 * @stability unstable
 * @since 0.1.0
 */
export const serve = <A, E>(
  main: (service: Service) => Effect.Effect<A, E, asyncio.Loop>,
  options: ServeOptions & Omit<asyncio.RunOptions, "grace" | "handleSigint" | "signals"> = {}
): Promise<ServeReport> => {
  const service = new EffectService(options)
  const body = Effect.gen(function* () {
    service.begin(yield* asyncio.getRunningLoop, yield* asyncio.currentTask)
    yield* main(service)
    yield* service.drained
  })
  return service.serve(() => asyncio.run(body, { name: "main", ...options, ...ofTheService }), options)
}

// What stops it, and how long that may take, is not the run's to say.
const ofTheService = { grace: undefined, handleSigint: false, signals: [] } as const

class EffectService extends ServiceImpl implements Service {
  readonly drained: Effect.Effect<void> = Effect.suspend(() => Effect.orDie(this.whenDrained()))
}

export type { IgnoringWork, ServeOptions, ServeReport, ServiceHandle, ServiceState, TrackedServer } from "./Service.ts"
