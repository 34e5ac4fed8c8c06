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
import { failureOf } from "../support.ts"

// `TaskGroup.cancel()` of Python 3.15, gh-108951.
describe("CPython test_taskgroups", () => {
  it("group.cancel cancels the children and the body, and ends the block without an error", () =>
    runBoth(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const log = logTo(lines)
        const self = yield* asyncio.currentTask
        const loop = yield* asyncio.getRunningLoop
        const start = loop.time()
        const logged = (name: string) => Effect.onInterrupt(forever, () => log(`${name} cancelled`))

        yield* asyncio.taskGroup((group) =>
          Effect.gen(function* () {
            const done = yield* group.createTask(log("quick"))
            yield* group.createTask(logged("child"))
            yield* done
            yield* group.cancel
            yield* log(`cancelling ${self.cancelling()}`)
            yield* logged("body")
            yield* log("not reached")
          })
        )

        yield* log(`cancelling ${self.cancelling()}`)
        yield* asyncio.sleep(0)
        assert.deepStrictEqual(lines, ["quick", "cancelling 1", "child cancelled", "body cancelled", "cancelling 0"])
        assert.strictEqual(loop.time(), start)
      })
    ))

  it("group.cancel is called from a child while the group waits at the end of the block, and ends it, too", () =>
    runBoth(
      Effect.gen(function* () {
        const self = yield* asyncio.currentTask

        const [sleeper, stopper] = yield* asyncio.taskGroup((group) =>
          Effect.all([group.createTask(forever), group.createTask(Effect.andThen(asyncio.sleep(100), group.cancel))])
        )

        // The one that calls is a child, too, and returns without another await.
        assert.deepStrictEqual(
          {
            sleeperCancelled: sleeper.cancelled(),
            stopperCancelled: stopper.cancelled(),
            selfCancelling: self.cancelling()
          },
          { sleeperCancelled: true, stopperCancelled: true, selfCancelling: 0 }
        )
        yield* asyncio.sleep(0)
      })
    ))

  it("group.cancel counts one request however often it is called", () =>
    runBoth(
      Effect.gen(function* () {
        const self = yield* asyncio.currentTask
        const counts: Array<number> = []
        const child = yield* asyncio.taskGroup((group) =>
          Effect.gen(function* () {
            const task = yield* group.createTask(forever)
            yield* group.cancel
            yield* group.cancel
            counts.push(self.cancelling(), task.cancelling())
            return task
          })
        )

        assert.deepStrictEqual(
          { counts, selfCancelling: self.cancelling(), childCancelled: child.cancelled() },
          { counts: [1, 1], selfCancelling: 0, childCancelled: true }
        )
      })
    ))

  it("group.cancel does nothing when the group is over", () =>
    runBoth(
      Effect.gen(function* () {
        const self = yield* asyncio.currentTask
        const group = yield* asyncio.taskGroup((open) => Effect.succeed(open))

        yield* group.cancel

        yield* asyncio.sleep(0)
        assert.deepStrictEqual([String(group), self.cancelling()], ["<TaskGroup entered>", 0])
      })
    ))

  it("adds no child after group.cancel (test_taskgroup_cancel_before_create_task)", () =>
    runBoth(
      Effect.gen(function* () {
        const group = asyncio.taskGroup((group) => Effect.andThen(group.cancel, group.createTask(forever)))

        const refused: unknown = yield* Effect.orDie(failureOf(group))

        assert.deepStrictEqual((refused as asyncio.ExceptionGroup).errors.map(String), [
          "RuntimeError: TaskGroup <TaskGroup cancelling> is shutting down"
        ])
      })
    ))

  it("cancels an eager child that calls group.cancel before its first await (test_taskgroup_cancel_from_child_before_first_suspension)", () =>
    runBoth(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const start = loop.time()

        const child = yield* asyncio.taskGroup((group) =>
          group.createTask(Effect.andThen(group.cancel, forever), { eagerStart: true })
        )

        assert.deepStrictEqual([child.cancelled(), loop.time() - start], [true, 0])
      })
    ))

  it("still fails with what children raise in their cleanup after group.cancel", () =>
    runBoth(
      Effect.gen(function* () {
        const self = yield* asyncio.currentTask
        const error = yield* asyncio
          .taskGroup((group: asyncio.TaskGroup<ZeroDivisionError>) =>
            Effect.gen(function* () {
              yield* group.createTask(andFinally(divideByZero)(forever))
              yield* asyncio.sleep(10)
              yield* group.cancel
            })
          )
          .pipe(Effect.flip)

        assert.deepStrictEqual([namesOf(error), self.cancelling()], [["ZeroDivisionError"], 0])
      })
    ))

  it("still fails with what the body raises after group.cancel", () =>
    runBoth(
      Effect.gen(function* () {
        const error = yield* asyncio
          .taskGroup((group) => Effect.andThen(group.cancel, Effect.fail(new MyError())))
          .pipe(Effect.flip)

        assert.deepStrictEqual(namesOf(error), ["MyError"])
        yield* asyncio.sleep(0)
      })
    ))

  it("lets a cancellation from outside pass that comes with group.cancel", () =>
    runBoth(
      Effect.gen(function* () {
        const task = yield* started(
          asyncio.taskGroup((group) =>
            Effect.gen(function* () {
              yield* group.createTask(Effect.andThen(asyncio.sleep(50), group.cancel))
              yield* andFinally(Effect.exit(asyncio.sleep(100)))(forever)
            })
          )
        )
        yield* asyncio.sleep(100)

        yield* task.cancel("outside")

        const exit = yield* Effect.exit(task)
        assert.deepStrictEqual(
          { failed: Exit.isFailure(exit), cancelled: task.cancelled(), cancelling: task.cancelling() },
          { failed: true, cancelled: true, cancelling: 1 }
        )
      })
    ))
})
