import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect, Exit } from "effect"
import { collectReports, run } from "../support.ts"

class Broken extends Error {
  override readonly name = "Broken"
}

const setUp = Effect.map(asyncio.getRunningLoop, (loop) => ({
  loop,
  reports: collectReports(loop),
  inner: loop.createFutureUnsafe<number, Broken>()
}))

describe("CPython test_tasks", () => {
  describe("shield", () => {
    it("tells nobody when the awaitable succeeds after the shield was cancelled (test_shield_cancel_outer_result)", () =>
      run(
        Effect.gen(function* () {
          const { inner, reports } = yield* setUp
          const outer = yield* asyncio.shieldFuture(inner)
          yield* asyncio.sleep(0)
          yield* outer.cancel()
          yield* asyncio.sleep(0)

          yield* inner.setResult(1)

          yield* asyncio.sleep(0)
          assert.deepStrictEqual(
            { cancelled: outer.cancelled(), result: yield* inner, reports },
            { cancelled: true, result: 1, reports: [] }
          )
        })
      ))

    // Where CPython tells at once, also of what somebody retrieves later, the loop waits until nobody can.
    it("tells the exception handler when the awaitable fails after the shield was cancelled (test_shield_cancel_outer_exception)", async () => {
      const error = new Broken("late")
      const reports: Array<asyncio.ExceptionContext> = []
      await run(
        Effect.gen(function* () {
          const { inner, loop } = yield* setUp
          loop.setExceptionHandlerUnsafe((_, context) => reports.push(context))
          const outer = yield* asyncio.shieldFuture(inner)
          yield* asyncio.sleep(0)
          yield* outer.cancel()
          yield* asyncio.sleep(0)

          yield* inner.setException(error)
          yield* asyncio.sleep(0)
        })
      )

      assert.deepStrictEqual(
        reports.map(({ exception, future, message }) => [message, future, exception === error]),
        [["Broken exception in shielded future", "<Future finished exception=Broken('late')>", true]]
      )
    })

    it("tells of the failure once when two shields of it were cancelled (test_shield_duplicate_log_once)", async () => {
      const reports: Array<asyncio.ExceptionContext> = []
      await run(
        Effect.gen(function* () {
          const { inner, loop } = yield* setUp
          loop.setExceptionHandlerUnsafe((_, context) => reports.push(context))
          for (const _ of ["first", "second"]) {
            const outer = yield* asyncio.shieldFuture(inner)
            yield* asyncio.sleep(0)
            yield* outer.cancel()
            yield* asyncio.sleep(0)
          }

          yield* inner.setException(new Broken())
          yield* asyncio.sleep(0)
        })
      )

      assert.deepStrictEqual(
        reports.map(({ message }) => message),
        ["Broken exception in shielded future"]
      )
    })

    it("of something done is that thing itself (test_shield_shortcut)", () =>
      run(
        Effect.gen(function* () {
          const { inner } = yield* setUp
          yield* inner.setResult(42)

          const outer = yield* asyncio.shieldFuture(inner)

          assert.strictEqual(outer, inner)
          assert.strictEqual(yield* asyncio.shield(inner), 42)
        })
      ))

    it("cancels the waiting task at once while the awaitable runs to its end (test_shield_effect)", () =>
      run(
        Effect.gen(function* () {
          const lines: Array<string> = []
          const { inner: waiter } = yield* setUp
          const inner = Effect.andThen(
            waiter,
            Effect.sync(() => void lines.push("inner done"))
          )
          const outer = Effect.andThen(
            asyncio.shield(inner),
            Effect.sync(() => void lines.push("outer done"))
          )
          const task = yield* asyncio.createTask(outer)
          yield* asyncio.sleep(0)

          yield* task.cancel()

          yield* asyncio.sleep(0)
          const cancelled = task.cancelled()
          yield* waiter.setResult(1)
          yield* asyncio.sleep(0)
          assert.deepStrictEqual([cancelled, ...lines], [true, "inner done"])
        })
      ))

    it("keeps a cancellation from a gather, which goes on to its results (test_shield_gather)", () =>
      run(
        Effect.gen(function* () {
          const { loop } = yield* setUp
          const children = [loop.createFutureUnsafe<number>(), loop.createFutureUnsafe<number>()] as const
          const gathering = yield* asyncio.gatherFuture(children)
          const outer = yield* asyncio.shieldFuture(gathering)
          yield* asyncio.sleep(0)

          const accepted = yield* outer.cancel()

          yield* children[0].setResult(1)
          yield* children[1].setResult(2)
          yield* asyncio.sleep(0)
          assert.deepStrictEqual(
            {
              accepted,
              outerCancelled: outer.cancelled(),
              childrenCancelled: children.map((child) => child.cancelled())
            },
            { accepted: true, outerCancelled: true, childrenCancelled: [false, false] }
          )
          assert.deepStrictEqual(gathering.exitUnsafe(), Exit.succeed([1, 2]))
        })
      ))

    it("takes the cancellation of a gather upon itself, which then fails with it (test_gather_shield)", () =>
      run(
        Effect.gen(function* () {
          const { loop } = yield* setUp
          const children = [loop.createFutureUnsafe<number>(), loop.createFutureUnsafe<number>()] as const
          const shields = [yield* asyncio.shieldFuture(children[0]), yield* asyncio.shieldFuture(children[1])] as const
          const gathering = yield* asyncio.gatherFuture(shields)
          yield* asyncio.sleep(0)

          const accepted = yield* gathering.cancel("enough")

          const before = gathering.done()
          yield* asyncio.sleep(0)
          const error = yield* gathering.exception()
          assert.deepStrictEqual(
            {
              accepted,
              before,
              done: gathering.done(),
              cancelled: gathering.cancelled(),
              shieldsCancelled: shields.map((shield) => shield.cancelled())
            },
            { accepted: true, before: false, done: true, cancelled: false, shieldsCancelled: [true, true] }
          )
          assert.isTrue(error instanceof asyncio.CancelledError)
          assert.strictEqual((error as asyncio.CancelledError).reason, "enough")
          yield* children[0].setResult(1)
          yield* children[1].setResult(2)
          yield* asyncio.sleep(0)
          assert.deepStrictEqual([yield* children[0], yield* children[1]], [1, 2])
        })
      ))

    it("starts a coroutine on the running loop (test_shield_coroutine_use_running_loop)", () =>
      run(
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop
          const before = loop.allTasksUnsafe().length

          const outer = yield* asyncio.shieldFuture(Effect.succeed("test"))

          assert.deepStrictEqual(
            { sameLoop: outer.loop === loop, newTasks: loop.allTasksUnsafe().length - before, done: outer.done() },
            { sameLoop: true, newTasks: 1, done: false }
          )
          assert.strictEqual(yield* outer, "test")
        })
      ))
  })
})
