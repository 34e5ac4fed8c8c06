/**
 * What goes wrong with a queue or a barrier.
 */
import type { ErrorNotes } from "./hints.ts"
import { TaggedError } from "./errorClasses.ts"

/**
 * `getNowait` was called on a queue that has nothing.
 *
 * **asyncio**
 *
 * Same as [`asyncio.QueueEmpty`](https://docs.python.org/3/library/asyncio-queue.html#asyncio.QueueEmpty).
 *
 * **Example** (Nothing to get)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const queue = yield* asyncio.Queue.make<string>()
 *   return yield* Effect.catchTag(queue.getNowait, "QueueEmpty", () => Effect.succeed("nothing there"))
 * })
 *
 * await asyncio.run(main) // => "nothing there"
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class QueueEmpty extends /*#__PURE__*/ TaggedError("QueueEmpty")<{}> {
  readonly hint: string = "Wait for an item with `get`, or ask `empty()` first."
}

/**
 * `putNowait` was called on a queue that has no free place.
 *
 * **asyncio**
 *
 * Same as [`asyncio.QueueFull`](https://docs.python.org/3/library/asyncio-queue.html#asyncio.QueueFull).
 *
 * **Example** (No place left)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const queue = yield* asyncio.Queue.make<string>({ maxsize: 1 })
 *   yield* queue.put("first")
 *   return yield* Effect.catchTag(queue.putNowait("second"), "QueueFull", () => Effect.succeed("no place"))
 * })
 *
 * await asyncio.run(main) // => "no place"
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class QueueFull extends /*#__PURE__*/ TaggedError("QueueFull")<{}> {
  readonly hint: string = "Wait for a free place with `put`, or ask `full()` first."
}

/**
 * The queue was shut down: nothing can be put any more, and nothing is left to get.
 *
 * **asyncio**
 *
 * Same as [`asyncio.QueueShutDown`](https://docs.python.org/3/library/asyncio-queue.html#asyncio.QueueShutDown).
 *
 * **Example** (The end of a consumer)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const queue = yield* asyncio.Queue.make<string>()
 *   yield* queue.shutdown()
 *   return yield* Effect.catchTag(queue.get, "QueueShutDown", () => Effect.succeed("no more"))
 * })
 *
 * await asyncio.run(main) // => "no more"
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class QueueShutDown extends /*#__PURE__*/ TaggedError("QueueShutDown")<{}> {
  readonly hint: string = "Take it as the end of the work; `for await` over a queue of compat ends by itself."
}

/**
 * The barrier was aborted or reset while a task waited for it, or is broken.
 *
 * **What to do**
 *
 * Give up as well, or wait again: after a `reset` the barrier is as new.
 *
 * **asyncio**
 *
 * Same as [`asyncio.BrokenBarrierError`](https://docs.python.org/3/library/asyncio-sync.html#asyncio.BrokenBarrierError).
 *
 * **Example** (A task gave up)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const barrier = yield* asyncio.Barrier.make(2)
 *   const waiting = yield* asyncio.createTask(barrier.wait)
 *   yield* asyncio.sleep(0)
 *   yield* barrier.abort
 *   return yield* Effect.catchTag(waiting, "BrokenBarrierError", () => Effect.succeed("broken"))
 * })
 *
 * await asyncio.run(main) // => "broken"
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class BrokenBarrierError
  extends /*#__PURE__*/ TaggedError("BrokenBarrierError")<{ readonly message: string } & ErrorNotes>
{
  constructor(message: string) {
    super({ message })
  }
}
