import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import {
  andFinally,
  divideByZero,
  forever,
  logTo,
  namesOf,
  runBoth,
  started,
  type ZeroDivisionError
} from "./scopeSupport.ts"

const double = (n: number) => asyncio.sleep(100, 2 * n)

describe("CPython test_taskgroups", () => {
  it("waits for all children at the end of the block, after which their results can be read (test_taskgroup_01)", () =>
    runBoth(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop

        const tasks = yield* asyncio.taskGroup((group) =>
          Effect.all([group.createTask(double(1)), group.createTask(double(2))])
        )

        assert.deepStrictEqual([loop.time(), yield* tasks[0].result(), yield* tasks[1].result()], [100, 2, 4])
      })
    ))

  it("takes another child after an await in the body (test_taskgroup_02)", () =>
    runBoth(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop

        const tasks = yield* asyncio.taskGroup((group) =>
          Effect.gen(function* () {
            const first = yield* group.createTask(double(1))
            yield* asyncio.sleep(10)
            return [first, yield* group.createTask(double(2))] as const
          })
        )

        assert.deepStrictEqual([loop.time(), yield* tasks[0].result(), yield* tasks[1].result()], [110, 2, 4])
      })
    ))

  it("does not take a child that is cancelled by hand for an error (test_taskgroup_03)", () =>
    runBoth(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop

        const [cancelled, other] = yield* asyncio.taskGroup((group) =>
          Effect.gen(function* () {
            const first = yield* group.createTask(forever)
            const second = yield* group.createTask(double(2))
            yield* asyncio.sleep(10)
            yield* first.cancel()
            return [first, second] as const
          })
        )

        assert.deepStrictEqual(
          { time: loop.time(), cancelled: cancelled.cancelled(), result: yield* other.result() },
          { time: 100, cancelled: true, result: 4 }
        )
      })
    ))

  it("lets finished children go while the body still runs (test_taskgroup_23)", () =>
    runBoth(
      Effect.gen(function* () {
        const printed: Array<string> = []

        yield* asyncio.taskGroup((group) =>
          Effect.gen(function* () {
            for (let n = 1; n <= 5; n++) yield* group.createTask(asyncio.sleep(10 * n))
            for (let n = 0; n < 6; n++) {
              printed.push(String(group))
              yield* asyncio.sleep(10.5)
            }
          })
        )

        const counts = [5, 4, 3, 2, 1].map((count) => `<TaskGroup tasks=${count} entered>`)
        assert.deepStrictEqual(printed, [...counts, "<TaskGroup entered>"])
      })
    ))

  it("takes children from children while it waits for them at the end of the block (test_taskgroup_24)", () =>
    runBoth(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const log = logTo(lines)

        yield* asyncio.taskGroup((group) => {
          const child = (level: number): Effect.Effect<void> =>
            Effect.gen(function* () {
              yield* asyncio.sleep(10)
              if (level < 3) yield* group.createTask(child(level + 1))
              yield* log(`child ${level}`)
            })
          return Effect.andThen(group.createTask(child(1)), log("body"))
        })

        yield* log("after")
        assert.deepStrictEqual(lines, ["body", "child 1", "child 2", "child 3", "after"])
      })
    ))

  it("stops children that multiply endlessly when a sibling fails: they add no more (test_taskgroup_25)", () =>
    runBoth(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        let made = 0
        const tasks = yield* asyncio.allTasks
        const error = yield* asyncio
          .taskGroup((group: asyncio.TaskGroup<ZeroDivisionError>) => {
            const multiply: Effect.Effect<void> = Effect.gen(function* () {
              made++
              yield* asyncio.sleep(10)
              yield* group.createTask(multiply)
              yield* group.createTask(multiply)
              yield* forever
            })
            const crash = Effect.andThen(asyncio.sleep(45), divideByZero)
            return Effect.andThen(group.createTask(multiply), group.createTask(crash))
          })
          .pipe(Effect.flip)

        // 1 at the start, then 2, 4, 8, 16 at 10, 20, 30 and 40 milliseconds.
        assert.deepStrictEqual([namesOf(error), loop.time(), made], [["ZeroDivisionError"], 45, 31])
        assert.deepStrictEqual(yield* asyncio.allTasks, tasks)
      })
    ))

  it("names its children as they are asked to be called (test_taskgroup_task_name, test_name)", () =>
    runBoth(
      Effect.gen(function* () {
        const ownName = Effect.map(asyncio.currentTask, (task) => task.getName())

        const task = yield* asyncio.taskGroup((group) => group.createTask(ownName, { name: "yolo" }))

        assert.deepStrictEqual([task.getName(), yield* task], ["yolo", "yolo"])
      })
    ))

  it("lets a child set variables in the context it is given, which others may share (test_taskgroup_task_context)", () =>
    runBoth(
      Effect.gen(function* () {
        const user = asyncio.ContextVar.make("user", { defaultValue: "nobody" })
        const variables = yield* asyncio.copyContext
        const seen: Array<string> = []
        const note = Effect.map(user.get(), (value) => void seen.push(value))

        yield* asyncio.taskGroup((group) =>
          Effect.gen(function* () {
            yield* yield* group.createTask(user.set("own"))
            yield* note
            yield* yield* group.createTask(user.set("shared"), { variables })
            yield* note
            yield* yield* group.createTask(note, { variables })
          })
        )

        assert.deepStrictEqual(seen, ["nobody", "nobody", "shared"])
      })
    ))

  it("adds no child while it is being aborted (test_taskgroup_no_create_task_after_failure)", () =>
    runBoth(
      Effect.gen(function* () {
        const lines: Array<string> = []
        let ran = false
        const error = yield* asyncio
          .taskGroup((group: asyncio.TaskGroup<ZeroDivisionError>) => {
            const addAnother = group
              .createTask(Effect.sync(() => (ran = true)))
              .pipe(Effect.catchDefect((defect) => logTo(lines)(String(defect))))
            return Effect.gen(function* () {
              yield* group.createTask(andFinally(asyncio.sleep(10))(forever))
              yield* group.createTask(divideByZero)
              yield* andFinally(addAnother)(forever)
            })
          })
          .pipe(Effect.flip)

        assert.deepStrictEqual(lines, [
          "RuntimeError: TaskGroup <TaskGroup tasks=1 errors=1 cancelling> is shutting down"
        ])
        assert.deepStrictEqual([namesOf(error), ran], [["ZeroDivisionError"], false])
      })
    ))

  it("adds no child when it is over, and does not run what it refuses (test_taskgroup_finished, test_coro_closed_when_tg_closed)", () =>
    runBoth(
      Effect.gen(function* () {
        const names: Array<string> = []
        const group = yield* asyncio.taskGroup((open) => Effect.succeed(open))

        const refused = yield* group
          .createTask(Effect.sync(() => names.push("ran")))
          .pipe(Effect.catchDefect(Effect.succeed))

        yield* asyncio.sleep(10)
        assert.strictEqual(String(refused), "RuntimeError: TaskGroup <TaskGroup entered> is finished")
        assert.deepStrictEqual(names, [])
      })
    ))

  it("cancels a child that made a failing child in its first step, at its next await (test_cancels_task_if_created_during_creation)", () =>
    runBoth(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const log = logTo(lines)
        const error = yield* asyncio
          .taskGroup((group: asyncio.TaskGroup<ZeroDivisionError>) => {
            const parent = Effect.gen(function* () {
              yield* group.createTask(divideByZero)
              yield* log("created")
              yield* asyncio.catchCancelled(forever, () => log("cancelled"))
              yield* asyncio.sleep(0)
              yield* log("went on")
            })
            return Effect.andThen(group.createTask(parent), forever)
          })
          .pipe(Effect.flip)

        assert.deepStrictEqual(lines, ["created", "cancelled", "went on"])
        assert.deepStrictEqual([namesOf(error), (yield* asyncio.currentTask).cancelling()], [["ZeroDivisionError"], 0])
      })
    ))

  it("does not leak its cancellation, not even when a child fails inside createTask (test_cancellation_does_not_leak_out_of_tg)", () =>
    runBoth(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const failing = asyncio.taskGroup((group: asyncio.TaskGroup<ZeroDivisionError>) =>
          Effect.andThen(group.createTask(divideByZero), logTo(lines)("body goes on"))
        )
        const task = yield* started(
          Effect.gen(function* () {
            const error = yield* Effect.flip(failing)
            yield* asyncio.sleep(0)
            return namesOf(error)
          })
        )

        const names = yield* task

        assert.deepStrictEqual([...lines, names, task.cancelling()], ["body goes on", ["ZeroDivisionError"], 0])
      })
    ))
})
