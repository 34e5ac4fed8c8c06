import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect, Exit } from "effect"
import {
  andFinally,
  divideByZero,
  forever,
  logTo,
  MyError,
  namesOf,
  runBoth,
  started,
  type ZeroDivisionError
} from "./scopeSupport.ts"

type Errors = ZeroDivisionError | MyError

const crashInCleanup = andFinally(divideByZero)(forever)

/** The error a task ended with: "CancelledError", or the names in its group. */
const ending = <A, E>(task: asyncio.Task<A, E>) =>
  Effect.map(Effect.exit(task), (exit) => {
    const error = Exit.isFailure(exit) ? asyncio.exceptionOf(exit.cause) : undefined
    return error instanceof asyncio.ExceptionGroup ? namesOf(error) : error instanceof Error ? error.name : error
  })

describe("CPython test_taskgroups", () => {
  it("cancels all children when it is cancelled at the end of the block, and passes the cancellation on (test_cancellation)", () =>
    runBoth(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const log = logTo(lines)
        const task = yield* started(
          asyncio.taskGroup((group) =>
            Effect.replicateEffect(group.createTask(Effect.onInterrupt(forever, () => log("child cancelled"))), 5)
          )
        )

        yield* task.cancel("stop")

        lines.push(`done: ${task.done()}`)
        const error = yield* Effect.flip(task)
        assert.deepStrictEqual(lines, ["done: false", ...Array.from({ length: 5 }, () => "child cancelled")])
        assert.deepStrictEqual([error._tag, task.cancelled()], ["CancelledError", true])
      })
    ))

  it("cancels body and children when it is cancelled while the body waits (test_taskgroup_07)", () =>
    runBoth(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const log = logTo(lines)
        const task = yield* started(
          asyncio.taskGroup((group) =>
            Effect.gen(function* () {
              yield* Effect.replicateEffect(group.createTask(Effect.onInterrupt(forever, () => log("child"))), 5)
              yield* Effect.onInterrupt(forever, () => log("body"))
            })
          ),
          2
        )

        yield* task.cancel()

        assert.deepStrictEqual([yield* ending(task), task.cancelled()], ["CancelledError", true])
        assert.deepStrictEqual(lines, ["body", "child", "child", "child", "child", "child"])
      })
    ))

  it("fails with what its children raise in their cleanup, rather than with its cancellation (test_taskgroup_08)", () =>
    runBoth(
      Effect.gen(function* () {
        const task = yield* started(
          asyncio.taskGroup((group: asyncio.TaskGroup<ZeroDivisionError>) =>
            Effect.andThen(Effect.replicateEffect(group.createTask(crashInCleanup), 3), forever)
          ),
          2
        )

        yield* task.cancel()

        assert.deepStrictEqual(yield* ending(task), ["ZeroDivisionError", "ZeroDivisionError", "ZeroDivisionError"])
        assert.isFalse(task.cancelled())
      })
    ))

  it("puts the group of an inner group whose cleanup crashes into its own (test_taskgroup_11)", () =>
    runBoth(
      Effect.gen(function* () {
        const inner = asyncio.taskGroup((group: asyncio.TaskGroup<ZeroDivisionError>) =>
          Effect.andThen(Effect.replicateEffect(group.createTask(crashInCleanup), 2), forever)
        )
        const task = yield* started(
          asyncio.taskGroup(() => inner),
          2
        )

        yield* task.cancel()

        assert.deepStrictEqual(yield* ending(task), [["ZeroDivisionError", "ZeroDivisionError"]])
      })
    ))

  it("puts it there with a sleeper in the outer group, too, which is cancelled (test_taskgroup_12)", () =>
    runBoth(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const inner = asyncio.taskGroup((group: asyncio.TaskGroup<ZeroDivisionError>) =>
          Effect.andThen(Effect.replicateEffect(group.createTask(crashInCleanup), 2), forever)
        )
        const task = yield* started(
          asyncio.taskGroup((outer) =>
            Effect.andThen(outer.createTask(Effect.onInterrupt(forever, () => logTo(lines)("sleeper"))), inner)
          ),
          2
        )

        yield* task.cancel()

        assert.deepStrictEqual(
          [yield* ending(task), lines],
          [[["ZeroDivisionError", "ZeroDivisionError"]], ["sleeper"]]
        )
      })
    ))

  it("fails with the error of a child that crashes while the cancelled body takes its time (test_taskgroup_15)", () =>
    runBoth(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const start = loop.time()
        const task = yield* started(
          asyncio.taskGroup((group: asyncio.TaskGroup<ZeroDivisionError>) =>
            Effect.gen(function* () {
              yield* group.createTask(Effect.andThen(asyncio.sleep(300), divideByZero))
              yield* andFinally(Effect.ignore(Effect.exit(asyncio.sleep(500))))(forever)
            })
          )
        )
        yield* asyncio.sleep(100)

        yield* task.cancel()

        // The child's failure cancels the body's delay: at 300 and not at 600.
        assert.deepStrictEqual([yield* ending(task), loop.time() - start], [["ZeroDivisionError"], 300])
        assert.deepStrictEqual([task.cancelled(), task.cancelling()], [false, 1])
      })
    ))

  it("does so, too, when the cancellation comes by way of a task that awaits it (test_taskgroup_16)", () =>
    runBoth(
      Effect.gen(function* () {
        const group = yield* started(
          asyncio.taskGroup((group: asyncio.TaskGroup<ZeroDivisionError>) =>
            Effect.gen(function* () {
              yield* group.createTask(Effect.andThen(asyncio.sleep(300), divideByZero))
              yield* andFinally(Effect.exit(asyncio.sleep(500)))(forever)
            })
          )
        )
        const outer = yield* started(group)
        yield* asyncio.sleep(100)

        yield* outer.cancel()

        assert.deepStrictEqual(
          [yield* ending(outer), yield* ending(group)],
          [["ZeroDivisionError"], ["ZeroDivisionError"]]
        )
      })
    ))

  it("passes the cancellation of a body without children on, after its cleanup (test_taskgroup_17)", () =>
    runBoth(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const log = logTo(lines)
        const body = andFinally(Effect.andThen(asyncio.sleep(10), log("body cleaned up")))(forever)
        const grouped = andFinally(log("outside"))(asyncio.taskGroup(() => body))
        const task = yield* started(grouped)

        yield* task.cancel()

        assert.deepStrictEqual([yield* ending(task), lines], ["CancelledError", ["body cleaned up", "outside"]])
      })
    ))

  it("fails with the error that the body turns the cancellation into (test_taskgroup_18)", () =>
    runBoth(
      Effect.gen(function* () {
        const body = asyncio.catchCancelled(forever, () => Effect.fail(new MyError()))
        const task = yield* started(asyncio.taskGroup(() => body))

        yield* task.cancel()

        assert.deepStrictEqual([yield* ending(task), task.cancelled()], [["MyError"], false])
      })
    ))

  it("passes the cancellation on when two children sleep (test_taskgroup_22)", () =>
    runBoth(
      Effect.gen(function* () {
        const tasks: Array<asyncio.Task<void>> = []
        const task = yield* started(
          asyncio.taskGroup((group) =>
            Effect.gen(function* () {
              tasks.push(yield* group.createTask(forever), yield* group.createTask(forever))
            })
          )
        )

        yield* task.cancel()

        assert.deepStrictEqual(
          [yield* ending(task), tasks.map((child) => child.cancelled())],
          ["CancelledError", [true, true]]
        )
      })
    ))

  it("takes back the one cancellation that it asked of its parent (test_cancelling_level_preserved)", () =>
    runBoth(
      Effect.gen(function* () {
        const self = yield* asyncio.currentTask

        yield* Effect.flip(
          asyncio.taskGroup((group: asyncio.TaskGroup<ZeroDivisionError>) => group.createTask(divideByZero))
        )

        assert.strictEqual(self.cancelling(), 0)
        yield* asyncio.sleep(0)
      })
    ))

  it("keeps the outer group's request when both fail, so that the next await is cancelled (test_nested_groups_both_cancelled)", () =>
    runBoth(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const self = yield* asyncio.currentTask
        const grouped = asyncio.taskGroup((outer: asyncio.TaskGroup<MyError>) =>
          Effect.gen(function* () {
            const inner = asyncio.taskGroup((group: asyncio.TaskGroup<Errors>) =>
              Effect.andThen(group.createTask(divideByZero), outer.createTask(Effect.fail(new MyError())))
            )
            const error = yield* Effect.flip(inner)
            lines.push(namesOf(error), self.cancelling())
            yield* asyncio.sleep(0)
            lines.push("not reached")
          })
        )

        const error = yield* Effect.flip(grouped)

        lines.push(namesOf(error), self.cancelling())
        assert.deepStrictEqual(lines, [["ZeroDivisionError"], 1, ["MyError"], 0])
      })
    ))

  it("fails with the child's error and leaves a cancellation that came with it to the next await (test_error_and_cancel)", () =>
    runBoth(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const task = yield* started(
          Effect.gen(function* () {
            const self = yield* asyncio.currentTask
            const crash = Effect.gen(function* () {
              yield* asyncio.sleep(100)
              yield* self.cancel("outside")
              return yield* divideByZero
            })
            const error = yield* Effect.flip(
              asyncio.taskGroup((group: asyncio.TaskGroup<ZeroDivisionError>) =>
                Effect.andThen(group.createTask(crash), forever)
              )
            )
            lines.push(namesOf(error), self.cancelling())
            yield* asyncio.sleep(0)
            lines.push("not reached")
          })
        )

        assert.strictEqual(yield* ending(task), "CancelledError")
        assert.deepStrictEqual(
          { lines, cancelled: task.cancelled(), cancelling: task.cancelling() },
          { lines: [["ZeroDivisionError"], 1], cancelled: true, cancelling: 1 }
        )
      })
    ))
})
