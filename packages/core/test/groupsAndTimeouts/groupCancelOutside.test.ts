/**
 * `group.cancel()` ends the group, and takes back the one request that it made: what others ask for meanwhile goes on.
 * Python 3.14 has no `TaskGroup.cancel`; 3.15's first versions lost the other request (python/cpython gh-155433).
 */
import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Cause, Effect, Exit } from "effect"
import { run } from "../support.ts"

/** A child that takes 100 milliseconds to clean up. */
const slowChild = (group: asyncio.TaskGroup<never>) =>
  group.createTask(Effect.ensuring(asyncio.sleep("1 hour"), asyncio.sleep(100)))

/** A group that is cancelled after 10 milliseconds, by its body. */
const cancelledGroup = (
  before: Effect.Effect<unknown> = Effect.void,
  after: Effect.Effect<unknown> = Effect.void
): Effect.Effect<void, unknown> =>
  asyncio.taskGroup((group) =>
    Effect.gen(function* () {
      yield* slowChild(group)
      yield* asyncio.sleep(10)
      yield* before
      yield* group.cancel
      yield* after
    })
  )

const cancelSelf = Effect.flatMap(asyncio.currentTask, (task) => task.cancel("outer"))

const ending = (task: asyncio.Task<unknown, unknown>) =>
  Effect.map(Effect.exit(task), (exit) =>
    Exit.isSuccess(exit) ? ["ended", exit.value] : [Cause.squash(exit.cause), task.loop.time()]
  )

const expectCancelled = ([error, time]: ReadonlyArray<unknown>, at: number) => {
  assert.instanceOf(error, asyncio.CancelledError)
  assert.strictEqual(time, at)
}

const bodies: Record<string, Effect.Effect<void, unknown>> = {
  "before it, in the same step": cancelledGroup(cancelSelf),
  "behind it, in the same step": cancelledGroup(Effect.void, cancelSelf),
  "before it, where the body goes into an own wait": cancelledGroup(cancelSelf, asyncio.sleep("1 hour")),
  "behind it, where the body goes into a foreign effect": cancelledGroup(
    Effect.void,
    Effect.andThen(cancelSelf, Effect.never)
  )
}

describe("a group that was cancelled by group.cancel", () => {
  for (const [place, body] of Object.entries(bodies)) {
    it(`passes on what was asked of its task ${place}`, () =>
      run(
        Effect.gen(function* () {
          const task = yield* asyncio.createTask(Effect.as(body, "went on"))

          expectCancelled(yield* ending(task), 110)
        })
      ))
  }

  it("passes on what is asked of its task while it waits for its members", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(Effect.as(cancelledGroup(), "went on"))
        yield* asyncio.sleep(60)

        yield* task.cancel("outer")

        const end = yield* ending(task)
        expectCancelled(end, 110)
        assert.strictEqual((end[0] as asyncio.CancelledError).reason, "outer")
        assert.strictEqual(task.cancelling(), 1)
      })
    ))

  it("passes on the cancellation of a timeout around it, whose time is up while it waits for its members", () =>
    run(
      Effect.gen(function* () {
        const { loop } = yield* asyncio.currentTask

        const error = yield* Effect.flip(asyncio.timeout(50, cancelledGroup()))

        assert.deepStrictEqual([(error as asyncio.TimeoutError)._tag, loop.time()], ["TimeoutError", 110])
      })
    ))

  it("passes on the cancellation of a group around it, whose body ends there", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const { loop } = yield* asyncio.currentTask
        const outer = asyncio.taskGroup((group) =>
          Effect.gen(function* () {
            yield* loop.callLater(30, () => void Effect.runFork(group.cancel))
            yield* cancelledGroup()
            lines.push("the outer body goes on")
          })
        )

        yield* outer

        assert.deepStrictEqual([...lines, loop.time()], [110])
      })
    ))

  it("ends without an error where nobody else has asked, and where the other has withdrawn", () =>
    run(
      Effect.gen(function* () {
        const alone = yield* asyncio.createTask(Effect.as(cancelledGroup(), "went on"))
        const withdrawn = yield* asyncio.createTask(Effect.as(cancelledGroup(), "went on"))
        yield* asyncio.sleep(60)
        yield* withdrawn.cancel()
        yield* asyncio.sleep(10)
        yield* withdrawn.uncancel()

        assert.deepStrictEqual([yield* alone, yield* withdrawn], ["went on", "went on"])
      })
    ))
})
