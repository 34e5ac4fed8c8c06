import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { Context, Deferred, Effect, Exit } from "effect"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { run } from "../support.ts"

const eager = <A, E, R>(body: Effect.Effect<A, E, R>, name?: string) =>
  asyncio.createTask(body, { eagerStart: true, name })

const taskName = Effect.map(asyncio.currentTask, (task) => task.getName())
const allNames = Effect.map(asyncio.allTasks, (tasks) => Array.from(tasks, (task) => task.getName()))

describe("eagerStart", () => {
  // test_eager_completion
  it("has a task that does not suspend done when the call returns", () =>
    run(
      Effect.gen(function* () {
        const task = yield* eager(Effect.succeed("value"))

        assert.deepStrictEqual([task.done(), yield* task], [true, "value"])
      })
    ))

  it("has a task that fails at once done, too", () =>
    run(
      Effect.gen(function* () {
        const task = yield* eager(Effect.fail("broken"))

        assert.deepStrictEqual([task.done(), yield* Effect.flip(task)], [true, "broken"])
      })
    ))

  // test_block_after_eager_step
  it("leaves a task that suspends to the loop", () =>
    run(
      Effect.gen(function* () {
        const task = yield* eager(asyncio.sleep(0, "value"))

        assert.deepStrictEqual([task.done(), yield* task], [false, "value"])
      })
    ))

  it("in a fiber of another task, which goes on inside a step, leaves that task the current one", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const woken = yield* Deferred.make<void>()
        const lines: Array<string | undefined> = []
        const branch = Effect.gen(function* () {
          yield* Deferred.await(woken)
          yield* asyncio.createTask(Effect.void, { eagerStart: true })
          lines.push(loop.currentTaskUnsafe()?.getName())
        })
        const owner = yield* asyncio.createTask(
          Effect.andThen(Effect.forkChild(branch, { startImmediately: true }), asyncio.sleep(5)),
          { name: "owner" }
        )
        yield* asyncio.sleep(1)
        yield* yield* asyncio.createTask(
          Effect.sync(() => {
            Deferred.doneUnsafe(woken, Effect.void)
            lines.push("woken")
          }),
          { name: "waker" }
        )
        yield* owner
        assert.deepStrictEqual(lines, ["owner", "woken"])
      })
    ))

  it("inside an eager first step leaves the creator's own fiber the one around the step", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const lines: Array<string | undefined> = []
        const current = () => loop.currentTaskUnsafe()?.getName()
        const coroutine = (name: string, first: () => void) =>
          lowlevel.createCoroutineTaskUnsafe(
            loop,
            {
              begin(control: lowlevel.CoroutineControl<void, never>) {
                first()
                control.end(Exit.void)
              },
              cancelRequested: () => {},
              describe: () => ({ name, definedAt: undefined, calledAt: undefined })
            },
            { name, eagerStart: true }
          )

        yield* asyncio.createTask(
          Effect.sync(() => {
            coroutine("outer", () => {
              coroutine("inner", () => lines.push(`inner: ${current()}`))
              lines.push(`outer: ${current()}`)
            })
            lines.push(`creator: ${current()}`)
          }),
          { name: "creator" }
        )

        yield* asyncio.sleep(0)
        assert.deepStrictEqual(lines, ["inner: inner", "outer: outer", "creator: creator"])
      })
    ))

  // test_await_future_during_eager_step
  it("lets the first step finish what its creator waits for", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const future = yield* loop.createFuture<string>()

        const task = yield* eager(future.setResult("from the task"))

        assert.deepStrictEqual([task.done(), yield* future], [true, "from the task"])
      })
    ))

  // test_current_task, test_name
  it("makes the new task the current one during its first step only", () =>
    run(
      Effect.gen(function* () {
        const names: Array<string> = []
        const note = Effect.map(taskName, (name) => void names.push(name))

        const task = yield* eager(Effect.andThen(note, Effect.andThen(asyncio.sleep(0), note)), "child")
        yield* note

        yield* task
        assert.deepStrictEqual(names, ["child", "Task-1", "child"])
      })
    ))

  it("makes the creator the loop's current task again", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const seen: Array<string | undefined> = []
        const note = Effect.sync(() => void seen.push(loop.currentTaskUnsafe()?.getName()))

        yield* eager(note, "child")

        yield* note
        assert.deepStrictEqual(seen, ["child", "Task-1"])
      })
    ))

  // test_all_tasks_with_eager_completion, test_all_tasks_with_blocking
  it("has the task among all tasks during its first step, and after it as long as it is not done", () =>
    run(
      Effect.gen(function* () {
        const seen: Array<ReadonlyArray<string>> = []
        const note = Effect.map(allNames, (names) => void seen.push(names))

        yield* eager(note, "done")
        yield* note
        const task = yield* eager(Effect.andThen(note, asyncio.sleep(0)), "waiting")
        yield* note

        yield* task
        assert.deepStrictEqual(seen, [["Task-1", "done"], ["Task-1"], ["Task-1", "waiting"], ["Task-1", "waiting"]])
      })
    ))

  // test_context_vars
  it("runs the first step in a copy of the creator's context", () =>
    run(
      Effect.gen(function* () {
        const Level = Context.Reference<number>("test/EagerLevel", { defaultValue: () => 0 })
        const body = Effect.gen(function* () {
          const inherited = yield* Level
          const own = yield* Effect.provideService(Effect.andThen(asyncio.sleep(0), Level), Level, 2)
          return [inherited, own]
        })

        const seen = yield* Effect.provideService(
          Effect.gen(function* () {
            const task = yield* eager(body)
            return [...(yield* task), yield* Level]
          }),
          Level,
          1
        )

        assert.deepStrictEqual(seen, [1, 2, 1])
      })
    ))

  // test_cancellation_after_eager_completion
  it("does not let a task that is done be cancelled", () =>
    run(
      Effect.gen(function* () {
        const task = yield* eager(Effect.succeed("value"))

        const accepted = yield* task.cancel()

        assert.deepStrictEqual(
          { accepted, cancelled: task.cancelled(), result: yield* task },
          { accepted: false, cancelled: false, result: "value" }
        )
      })
    ))

  // test_cancellation_after_eager_step_blocks
  it("lets a task that has suspended be cancelled", () =>
    run(
      Effect.gen(function* () {
        const task = yield* eager(asyncio.sleep("1 hour"))

        yield* task.cancel("cancellation message")

        const error = yield* Effect.flip(task)
        assert.deepStrictEqual([error.reason, task.cancelling()], ["cancellation message", 1])
      })
    ))

  it("waits for its iteration on a loop that does not run", async () => {
    const loop = makeVirtualTimeLoop()
    let ran = false
    const body = Effect.sync(() => (ran = true))
    const create = Effect.provideService(eager(body), asyncio.RunningLoop, loop)

    const task = Effect.runSync(create)

    assert.isFalse(ran)
    await loop.runUntilComplete(task)
    assert.isTrue(ran)
    loop.closeUnsafe()
  })
})
