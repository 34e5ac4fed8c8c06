import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect, Result } from "effect"
import {
  andFinally,
  divideByZero,
  forever,
  logTo,
  MyError,
  namesOf,
  runBoth,
  ZeroDivisionError
} from "./scopeSupport.ts"

type Errors = ZeroDivisionError | MyError

/** How an Effect ends, as a list to compare. */
const outcome = <A, E extends { readonly name: string }>(self: Effect.Effect<A, E>) =>
  Effect.map(Effect.result(self), (result) =>
    Result.isSuccess(result)
      ? ["success", result.success]
      : [result.failure.name, ...(result.failure instanceof asyncio.ExceptionGroup ? namesOf(result.failure) : [])]
  )

/** A defect is what CPython's tests call a BaseException: a group with one is a BaseExceptionGroup, which is a defect as well. */
const defectIn = (self: Effect.Effect<unknown, { readonly name: string }>) =>
  Effect.catchDefect(outcome(self), (defect) => outcome(Effect.fail(defect as asyncio.ExceptionGroup)))

const crashLater = Effect.andThen(asyncio.sleep(100), divideByZero)

describe("CPython test_taskgroups", () => {
  it("cancels the siblings of a child that fails, and fails with a group of its error (test_taskgroup_04)", () =>
    runBoth(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const log = logTo(lines)
        const loop = yield* asyncio.getRunningLoop
        const start = loop.time()
        const grouped = Effect.gen(function* () {
          yield* asyncio.taskGroup((group: asyncio.TaskGroup<ZeroDivisionError>) =>
            Effect.gen(function* () {
              yield* group.createTask(Effect.onInterrupt(forever, () => log("sibling cancelled")))
              yield* group.createTask(crashLater)
            })
          )
          yield* log("not reached")
        })

        const error = yield* Effect.flip(grouped)

        assert.deepStrictEqual([...lines, loop.time() - start], ["sibling cancelled", 100])
        assert.deepStrictEqual(
          [error.message, namesOf(error)],
          ["unhandled errors in a TaskGroup", ["ZeroDivisionError"]]
        )
      })
    ))

  it("collects the failures of children, not their cancellations nor the body's (test_cancel_children_on_child_error)", () =>
    runBoth(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const log = logTo(lines)
        // Each fails, two of them because they are cancelled.
        const slowToFail = Effect.catchCause(asyncio.sleep(500), () => Effect.fail(new MyError()))
        const grouped = asyncio.taskGroup((group: asyncio.TaskGroup<Errors>) =>
          Effect.gen(function* () {
            yield* group.createTask(crashLater)
            yield* group.createTask(slowToFail)
            yield* group.createTask(slowToFail)
            const sleeper = yield* group.createTask(forever)
            yield* asyncio.catchCancelled(forever, () => log("body cancelled"))
            yield* asyncio.catchCancelled(sleeper, () => log("sleeper cancelled"))
          })
        )

        const ended = yield* outcome(grouped)

        assert.deepStrictEqual(lines, ["body cancelled", "sleeper cancelled"])
        assert.deepStrictEqual(ended, ["ExceptionGroup", "ZeroDivisionError", "MyError", "MyError"])
      })
    ))

  it("cancels the children when the body fails, and fails with a group of the body's error (test_taskgroup_09)", () =>
    runBoth(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const child = Effect.onInterrupt(forever, () => logTo(lines)("cancelled"))
        const grouped = asyncio.taskGroup((group) =>
          Effect.gen(function* () {
            yield* group.createTask(child)
            yield* group.createTask(child)
            yield* asyncio.sleep(100)
            return yield* divideByZero
          })
        )

        assert.deepStrictEqual(yield* outcome(grouped), ["ExceptionGroup", "ZeroDivisionError"])
        assert.deepStrictEqual(lines, ["cancelled", "cancelled"])
      })
    ))

  it("does not begin the children of a body that fails before their first step (test_taskgroup_10)", () =>
    runBoth(
      Effect.gen(function* () {
        const tasks: Array<asyncio.Task<unknown>> = []
        const grouped = asyncio.taskGroup((group) =>
          Effect.gen(function* () {
            tasks.push(yield* group.createTask(forever), yield* group.createTask(forever))
            return yield* divideByZero
          })
        )

        const ended = yield* outcome(grouped)

        assert.deepStrictEqual(ended, ["ExceptionGroup", "ZeroDivisionError"])
        assert.deepStrictEqual(
          tasks.map((task) => task.cancelled()),
          [true, true]
        )
      })
    ))

  it("cancels an inner group cleanly when a child of the outer one fails first (test_taskgroup_13)", () =>
    runBoth(
      Effect.gen(function* () {
        const crashInCleanup = andFinally(Effect.fail(new MyError()))
        const inner = asyncio.taskGroup((group) => Effect.andThen(group.createTask(forever), forever))
        const grouped = asyncio.taskGroup((group: asyncio.TaskGroup<Errors>) =>
          Effect.gen(function* () {
            yield* group.createTask(crashInCleanup(asyncio.sleep(100)))
            yield* inner
          })
        )

        assert.deepStrictEqual(yield* outcome(grouped), ["ExceptionGroup", "MyError"])
      })
    ))

  it("cancels the outer group when a child of the inner one fails first, one group within the other (test_taskgroup_14)", () =>
    runBoth(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const sleeper = Effect.onInterrupt(forever, () => logTo(lines)("sleeper cancelled"))
        const grouped = asyncio.taskGroup((outer) =>
          Effect.gen(function* () {
            yield* outer.createTask(sleeper)
            yield* asyncio.taskGroup((inner: asyncio.TaskGroup<ZeroDivisionError>) => inner.createTask(crashLater))
          })
        )

        assert.deepStrictEqual(yield* outcome(grouped), ["ExceptionGroup", ["ZeroDivisionError"]])
        assert.deepStrictEqual(lines, ["sleeper cancelled"])
      })
    ))

  it("appends the error with which the body answers its cancellation to the child's (test_taskgroup_19)", () =>
    runBoth(
      Effect.gen(function* () {
        const grouped = asyncio.taskGroup((group: asyncio.TaskGroup<ZeroDivisionError>) =>
          Effect.andThen(group.createTask(crashLater), andFinally(Effect.fail(new MyError()))(forever))
        )

        assert.deepStrictEqual(yield* outcome(grouped), ["ExceptionGroup", "ZeroDivisionError", "MyError"])
      })
    ))

  it("lets a KeyboardInterrupt of the body out as it is and drops all other errors (test_taskgroup_20)", () =>
    runBoth(
      Effect.gen(function* () {
        const interrupt = new asyncio.KeyboardInterrupt()
        const grouped = asyncio.taskGroup((group: asyncio.TaskGroup<ZeroDivisionError>) =>
          Effect.andThen(group.createTask(crashLater), andFinally(Effect.die(interrupt))(forever))
        )

        const defect = yield* Effect.catchDefect(Effect.flip(grouped), Effect.succeed)

        assert.strictEqual(defect, interrupt)
      })
    ))

  it("groups a defect of the body with the failures of its children (test_taskgroup_20a)", () =>
    runBoth(
      Effect.gen(function* () {
        const grouped = asyncio.taskGroup((group: asyncio.TaskGroup<ZeroDivisionError>) =>
          Effect.andThen(group.createTask(crashLater), andFinally(Effect.die(new TypeError("bug")))(forever))
        )

        assert.deepStrictEqual(yield* defectIn(grouped), ["ExceptionGroup", "ZeroDivisionError", "TypeError"])
      })
    ))

  it("groups a defect of a child with the body's error (test_taskgroup_21a)", () =>
    runBoth(
      Effect.gen(function* () {
        const bug = Effect.andThen(asyncio.sleep(100), Effect.die(new TypeError("bug")))
        const grouped = asyncio.taskGroup((group) =>
          Effect.andThen(group.createTask(bug), andFinally(Effect.fail(new MyError()))(forever))
        )

        assert.deepStrictEqual(yield* defectIn(grouped), ["ExceptionGroup", "TypeError", "MyError"])
      })
    ))

  it("keeps both errors when leaving something inside the block fails while it aborts (test_taskgroup_context_manager_exit_raises)", () =>
    runBoth(
      Effect.gen(function* () {
        const holding = andFinally(Effect.fail(new ZeroDivisionError()))
        const grouped = asyncio.taskGroup((group: asyncio.TaskGroup<ZeroDivisionError>) =>
          holding(Effect.andThen(group.createTask(crashLater), forever))
        )

        const ended = yield* outcome(grouped)

        const cancelling = (yield* asyncio.currentTask).cancelling()
        assert.deepStrictEqual([ended, cancelling], [["ExceptionGroup", "ZeroDivisionError", "ZeroDivisionError"], 0])
      })
    ))
})
