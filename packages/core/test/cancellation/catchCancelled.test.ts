import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { run } from "../support.ts"

const logTo = (lines: Array<string>) => (line: string) => Effect.sync(() => void lines.push(line))

const reasonOf = (error: asyncio.CancelledError) => Effect.succeed(`caught ${error.reason}`)

/** Starts `body` as a task and lets it run until it waits. */
const started = <A, E>(body: Effect.Effect<A, E>) => Effect.tap(asyncio.createTask(body), asyncio.sleep(0))

describe("catchCancelled", () => {
  const waits = {
    "an await of our own": asyncio.sleep("1 hour"),
    "a sleep of zero": Effect.forever(asyncio.sleep(0)),
    "a foreign effect": Effect.never,
    "a foreign effect with branches": Effect.all([asyncio.sleep("1 hour"), Effect.never], {
      concurrency: "unbounded"
    })
  }
  for (const [kind, wait] of Object.entries(waits)) {
    it(`lets a task that was in ${kind} go on`, () =>
      run(
        Effect.gen(function* () {
          const task = yield* started(
            Effect.gen(function* () {
              const caught = yield* asyncio.catchCancelled(Effect.as(wait, "not reached"), reasonOf)
              yield* asyncio.sleep("1 second")
              yield* Effect.sleep("1 second")
              return caught
            })
          )

          yield* task.cancel("stop")

          assert.deepStrictEqual(
            { result: yield* task, cancelled: task.cancelled(), cancelling: task.cancelling() },
            { result: "caught stop", cancelled: false, cancelling: 1 }
          )
        })
      ))
  }

  it("catches the cancellation of a task that cancels itself, at its next await", () =>
    run(
      Effect.gen(function* () {
        const body = Effect.gen(function* () {
          yield* (yield* asyncio.currentTask).cancel("myself")
          yield* asyncio.sleep("1 hour")
          return "not reached"
        })

        const task = yield* asyncio.createTask(asyncio.catchCancelled(body, reasonOf))

        assert.strictEqual(yield* task, "caught myself")
      })
    ))

  it("does not catch a cancellation that its body was asked for and left to the next await", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const log = logTo(lines)
        const task = yield* asyncio.createTask(
          Effect.gen(function* () {
            const self = yield* asyncio.currentTask
            yield* asyncio.catchCancelled(self.cancel("myself"), () => log("caught"))
            yield* log("after")
            yield* asyncio.sleep(0)
          })
        )

        const error = yield* Effect.flip(task)

        assert.deepStrictEqual([...lines, error.reason], ["after", "myself"])
      })
    ))

  it("catches the cancellation of an awaited task and of an awaited future", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const other = yield* started(asyncio.sleep("1 hour", ""))
        const future = yield* loop.createFuture<string>()
        yield* other.cancel("task")
        yield* future.cancel("future")

        const caught = [yield* asyncio.catchCancelled(other, reasonOf), yield* asyncio.catchCancelled(future, reasonOf)]

        assert.deepStrictEqual(caught, ["caught task", "caught future"])
      })
    ))

  it("gives the cancellation to the innermost of nested boundaries only", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const log = logTo(lines)
        for (const wait of [asyncio.sleep("1 hour"), Effect.never]) {
          const inner = asyncio.catchCancelled(wait, () => log("inner"))
          const outer = asyncio.catchCancelled(Effect.andThen(inner, log("between")), () => log("outer"))
          const task = yield* started(Effect.andThen(outer, log("after")))

          yield* task.cancel()

          yield* task
        }
        assert.deepStrictEqual(lines, ["inner", "between", "after", "inner", "between", "after"])
      })
    ))

  it("catches again what its own handler is cancelled with, one boundary further out", () =>
    run(
      Effect.gen(function* () {
        for (const wait of [asyncio.sleep("1 hour"), Effect.sleep("1 hour")]) {
          const inner = asyncio.catchCancelled(Effect.never, (first) => Effect.as(wait, `not reached ${first.reason}`))
          const task = yield* started(asyncio.catchCancelled(inner, reasonOf))
          yield* task.cancel("first")
          yield* asyncio.sleep(0)
          yield* asyncio.sleep(0)

          yield* task.cancel("second")

          assert.deepStrictEqual([yield* task, task.cancelling()], ["caught second", 2])
        }
      })
    ))

  it("ends the task when a second cancellation interrupts its handler", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const log = logTo(lines)
        const handler = Effect.onInterrupt(asyncio.sleep("1 hour"), () => log("handler interrupted"))
        const task = yield* started(asyncio.catchCancelled(asyncio.sleep("1 hour"), () => handler))
        yield* task.cancel("first")
        yield* asyncio.sleep(0)

        yield* task.cancel("second")

        const error = yield* Effect.flip(task)
        assert.deepStrictEqual([...lines, error.reason], ["handler interrupted", "second"])
      })
    ))

  it("does not wait for an iteration when its body completes at once", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const loop = yield* asyncio.getRunningLoop
        yield* loop.callSoon(() => lines.push("callback"))

        lines.push(yield* asyncio.catchCancelled(Effect.succeed("value"), reasonOf))
        lines.push(yield* Effect.flip(asyncio.catchCancelled(Effect.fail("error"), reasonOf)))

        yield* asyncio.sleep(0)
        assert.deepStrictEqual(lines, ["value", "error", "callback"])
      })
    ))

  it("lets every other failure pass, also one that is raised during a cancellation", () =>
    run(
      Effect.gen(function* () {
        const cleanup = Effect.catchCause(asyncio.sleep("1 hour"), () => Effect.fail("broken"))
        const task = yield* started(asyncio.catchCancelled(cleanup, reasonOf))

        yield* task.cancel()

        assert.strictEqual(yield* Effect.flip(task), "broken")
      })
    ))

  it("lets an error of cleanup win over the cancellation", () =>
    run(
      Effect.gen(function* () {
        const defect = new Error("cleanup failed")
        for (const wait of [asyncio.sleep("1 hour"), Effect.never]) {
          const task = yield* started(
            asyncio.catchCancelled(Effect.ensuring(wait, Effect.die(defect)), () => Effect.void)
          )

          yield* task.cancel()

          assert.strictEqual(yield* Effect.catchDefect(task, Effect.succeed), defect)
        }
      })
    ))

  it("catches a native interrupt of its body, whose reason is that", () =>
    run(
      Effect.gen(function* () {
        assert.strictEqual(
          yield* asyncio.catchCancelled(Effect.interrupt, reasonOf),
          "caught its fiber was interrupted"
        )
      })
    ))

  it("leaves the task the same inside, and its awaits the task's own", () =>
    run(
      Effect.gen(function* () {
        const outside = yield* asyncio.currentTask

        const inside = yield* asyncio.catchCancelled(Effect.andThen(asyncio.sleep(0), asyncio.currentTask), () =>
          Effect.die("not reached")
        )

        assert.strictEqual(inside, outside)
      })
    ))

  it("does not catch in a branch of Effect.all, which is interrupted natively", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const branch = asyncio.catchCancelled(asyncio.sleep("1 hour"), () => logTo(lines)("caught"))
        const task = yield* started(Effect.all([branch, branch], { concurrency: "unbounded" }))

        yield* task.cancel()

        yield* Effect.flip(task)
        assert.deepStrictEqual([...lines, task.cancelled()], [true])
      })
    ))

  // test_cancel_task_catching
  it("lets a task that catches return its own result", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const future = yield* loop.createFuture<number>()
        const task = yield* started(asyncio.catchCancelled(future, () => Effect.succeed(42)))

        yield* task.cancel()

        const cancelledAtOnce = future.cancelled()
        assert.deepStrictEqual(
          { cancelledAtOnce, result: yield* task, cancelled: task.cancelled() },
          { cancelledAtOnce: true, result: 42, cancelled: false }
        )
      })
    ))

  // test_cancel_task_ignoring
  it("leaves what a catching task awaits afterwards alone", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const first = yield* loop.createFuture<number>()
        const second = yield* loop.createFuture<number>()
        const task = yield* started(
          Effect.andThen(
            asyncio.catchCancelled(first, () => Effect.void),
            second
          )
        )
        yield* task.cancel()
        yield* asyncio.sleep(0)

        yield* second.setResult(42)

        assert.deepStrictEqual([first.cancelled(), yield* task], [true, 42])
      })
    ))

  // test_yield_future_passes_cancel
  it("lets the outer task swallow what the inner one raised again", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const log = logTo(lines)
        const inner = yield* started(
          asyncio.catchCancelled(asyncio.sleep("1 hour"), (error) => Effect.andThen(log("inner"), Effect.fail(error)))
        )
        const outer = yield* started(asyncio.catchCancelled(inner, () => log("outer")))

        yield* outer.cancel()

        yield* outer
        assert.deepStrictEqual(lines, ["inner", "outer"])
        assert.deepStrictEqual(
          { innerCancelled: inner.cancelled(), outerCancelled: outer.cancelled() },
          { innerCancelled: true, outerCancelled: false }
        )
      })
    ))
})
