/**
 * Loops for programs that have a runtime already.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { EventLoop } from "./EventLoop.ts"
import { CurrentTask, Loop, RunningLoop } from "./fiberRefs.ts"
import type { EventLoopImpl } from "./internal/make/eventLoop.ts"
import { makePerpetualLoop } from "./internal/make/loops.ts"
import { Shutdown } from "./internal/run/shutdown.ts"
import { checkEffect } from "./internal/model/arguments.ts"
import { coroutineOf, type Made, type MadeError, type MadeServices, type MadeSuccess } from "./internal/model/bodies.ts"
import { checkLoopOptions } from "./internal/model/loopArguments.ts"

/**
 * Options of {@link layer} and {@link withLoop}.
 *
 * @category models
 * @since 0.1.0
 */
export interface ScopedLoopOptions {
  /** Records more about what happens, at some cost; off by default. */
  readonly debug?: boolean | undefined
  /** How many threads `toThread` may use at a time; `min(32, processors + 4)` by default. */
  readonly maxThreads?: number | undefined
}

/**
 * A loop that lives as long as a scope, on the clock and the scheduler of the fiber that opens it.
 *
 * **Cancellation**
 *
 * When the scope closes, the loop's tasks are cancelled and awaited; what fails on the way goes to the exception handler.
 *
 * **Example** (A loop that closes with its scope)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const loop = yield* asyncio.scopedLoop()
 *   const worker = asyncio.createTask(asyncio.sleep("1 hour"), { name: "worker" })
 *   const task = yield* Effect.provideService(worker, asyncio.RunningLoop, loop)
 *   return { loop, task }
 * })
 *
 * const { loop, task } = await Effect.runPromise(Effect.scoped(program))
 * const seen = [loop.isClosed(), task.cancelled()]
 * seen // => [true, true]
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const scopedLoop = (options: ScopedLoopOptions = {}): Effect.Effect<EventLoop, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.withFiberSucceed((fiber) => {
      checkLoopOptions(options, "scopedLoop()")
      // Callbacks, and reports, have the services of the program; they are in no task.
      return makePerpetualLoop(fiber, { ...options, context: Context.add(fiber.context, CurrentTask, undefined) })
    }),
    shutDown
  )

const shutDown = (loop: EventLoopImpl): Effect.Effect<void> =>
  Effect.withFiber((fiber) => {
    const shutdown = new Shutdown(loop, fiber)
    return Effect.callback<void>((resume) => {
      const next = () => {
        const round = shutdown.next()
        if (round !== undefined) return round.addCallback(next, "shutDown")
        shutdown.end()
        loop.retireUnsafe(() => resume(Effect.void))
      }
      next()
    })
  })

/**
 * Gives a runtime's programs a loop: tasks made under this layer belong to it, and end with it.
 *
 * **When to use**
 *
 * Use it where Effect runs the program: with `ManagedRuntime`, in an HTTP server, in `Layer.launch`. Without it such
 * programs use the loop of their clock, which never ends, and never cancels the tasks on it. A service that is built beside this
 * layer (`Layer.merge`), and not on top of it (`Layer.provideMerge`), puts its tasks on the loop of the clock too. The compiler prevents
 * that for a service that asks for {@link Loop}.
 *
 * **asyncio**
 *
 * Python has no such thing: a loop is that of [`asyncio.run`](https://docs.python.org/3/library/asyncio-runner.html#asyncio.run),
 * or of an [`asyncio.Runner`](https://docs.python.org/3/library/asyncio-runner.html#asyncio.Runner).
 *
 * **Example** (Tasks in a runtime)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect, ManagedRuntime } from "effect"
 *
 * const lines: Array<string> = []
 * const runtime = ManagedRuntime.make(asyncio.layer())
 * await runtime.runPromise(Effect.gen(function*() {
 *   const cleanup = Effect.sync(() => lines.push("cleaned up"))
 *   yield* asyncio.createTask(Effect.ensuring(asyncio.sleep("1 hour"), cleanup))
 *   yield* asyncio.sleep(0)
 * }))
 * lines.push("disposing")
 * await runtime.dispose()
 * lines // => ["disposing", "cleaned up"]
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const layer = (options?: ScopedLoopOptions): Layer.Layer<Loop> => {
  checkLoopOptions(options, "layer()")
  return Layer.effectContext(Effect.map(scopedLoop(options), onLoop))
}

// A task of another loop, where there is one, is left outside: it could not await what belongs to this loop.
const onLoop = (loop: EventLoop): Context.Context<Loop> =>
  Context.make(Loop, loop).pipe(Context.add(RunningLoop, loop), Context.add(CurrentTask, undefined))

// One signature and no overloads: of a function with several, TypeScript forgets the types where it stands in a `pipe`.
type Program = Effect.Effect<any, any, any> | (() => Made)
type MadeBy<P> = P extends () => infer M ? M : P

/**
 * Runs a program, an Effect or a generator function, with a loop of its own; the tasks it leaves behind are cancelled and awaited at
 * its end.
 *
 * **asyncio**
 *
 * What [`asyncio.run`](https://docs.python.org/3/library/asyncio-runner.html#asyncio.run) does, as an Effect: the program keeps
 * the fiber, the clock and the services it has.
 *
 * **Example** (What the program leaves is cancelled)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const lines: Array<string> = []
 * const note = (line: string) => Effect.sync(() => lines.push(line))
 *
 * const program = Effect.gen(function*() {
 *   yield* asyncio.createTask(Effect.ensuring(asyncio.sleep("1 hour"), note("cleaned up")))
 *   yield* asyncio.sleep(0)
 *   yield* note("the program is over")
 * })
 *
 * await Effect.runPromise(asyncio.withLoop(program))
 * lines // => ["the program is over", "cleaned up"]
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const withLoop = <P extends Program>(
  program: P,
  options?: ScopedLoopOptions
): Effect.Effect<MadeSuccess<MadeBy<P>>, MadeError<MadeBy<P>>, Exclude<MadeServices<MadeBy<P>>, Loop>> =>
  Effect.scoped(
    Effect.suspend(() => {
      const body = checkEffect(coroutineOf(program) as Effect.Effect<never>, "withLoop()")
      return Effect.flatMap(scopedLoop(options), (loop) => Effect.provideContext(body, onLoop(loop)))
    })
  )
