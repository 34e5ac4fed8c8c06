import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { run } from "../support.ts"

describe("CPython test_tasks", () => {
  describe("cancelling a gather", () => {
    it("is refused when all its children are done, and the results arrive (test_cancel_gather_1)", () =>
      run(
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop
          const future = yield* loop.createFuture<number>()
          const lines: Array<unknown> = []
          let gathering: asyncio.Future<unknown, unknown> | undefined
          const child = yield* asyncio.createTask(future)
          // Comes before the callback of the gather, so that the child is done and the gather is not.
          yield* child.addDoneCallback(() =>
            lines.push({ child: child.done(), gathering: gathering?.done(), accepted: gathering?.cancelUnsafe() })
          )
          const results = yield* asyncio.gatherFuture([child])
          gathering = results
          yield* asyncio.sleep(0)

          yield* future.setResult(42)

          assert.deepStrictEqual(yield* results, [42])
          assert.deepStrictEqual(lines, [{ child: true, gathering: false, accepted: false }])
        })
      ))

    it("through the task that waits for it keeps the message, also with returnExceptions (test_cancel_gather_2)", () =>
      run(
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop
          const seen: Array<unknown> = []
          const naps = Effect.forever(
            asyncio.gather([Effect.fail("each time"), asyncio.sleep(50)], { returnExceptions: true })
          )
          for (const message of [undefined, "my message"]) {
            const start = loop.time()
            const task = yield* asyncio.createTask(naps)
            yield* asyncio.sleep(220)

            yield* task.cancel(message)

            const error = yield* Effect.flip(task)
            seen.push([error.reason, error.cause, task.cancelled(), loop.time() - start])
          }

          assert.deepStrictEqual(seen, [
            [undefined, undefined, true, 220],
            ["my message", undefined, true, 220]
          ])
        })
      ))

    it("through the task that waits for it cancels the children and what they wait for (test_cancellation_broadcast)", () =>
      run(
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop
          const waiter = yield* loop.createFuture<void>()
          const went: Array<string> = []
          const inner = (name: string) =>
            Effect.andThen(
              waiter,
              Effect.sync(() => void went.push(name))
            )
          const children = [yield* asyncio.createTask(inner("one")), yield* asyncio.createTask(inner("two"))]
          const gathering = yield* asyncio.gatherFuture(children)
          const outer = yield* asyncio.createTask(
            Effect.andThen(
              gathering,
              Effect.sync(() => void went.push("outer"))
            )
          )
          yield* asyncio.sleep(0)

          const accepted = yield* outer.cancel("all of you")

          const error = yield* Effect.flip(outer)
          assert.deepStrictEqual(
            { accepted, gatheringAccepted: yield* gathering.cancel(), reason: error.reason },
            { accepted: true, gatheringAccepted: false, reason: "all of you" }
          )
          assert.deepStrictEqual(
            [waiter, ...children, outer].map((future) => future.cancelled()),
            [true, true, true, true]
          )
          assert.deepStrictEqual([gathering.cancelled(), went], [false, []])
        })
      ))
  })
})
