/**
 * Services that are Effects.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import * as Effect from "effect/Effect"
import { ofTheService, ServiceImpl } from "../internal/service.ts"
import type { ServeOptions, ServeReport, ServiceHandle } from "../Service.ts"

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
 * Runs a service: an Effect that has servers listen. It goes on until a signal comes, and then ends, also where requests do not.
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

class EffectService extends ServiceImpl implements Service {
  readonly drained: Effect.Effect<void> = Effect.suspend(() => Effect.orDie(this.whenDrained()))
}
