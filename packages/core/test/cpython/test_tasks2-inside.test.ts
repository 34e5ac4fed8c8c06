import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Context, Effect, Exit } from "effect"
import { run } from "../support.ts"

/** A task whose coroutine is driven by the test. */
const driven = (loop: asyncio.EventLoop, name: string, context?: Context.Context<never>) => {
  let control: lowlevel.CoroutineControl<void, never> | undefined
  const lines: Array<string> = []
  const coroutine: lowlevel.Coroutine<void, never> = {
    begin: (given) => {
      control = given
      lines.push(`begin in ${loop.currentTaskUnsafe()?.getName()}`)
    },
    cancelRequested: () => {},
    describe: () => ({ name: "driven", definedAt: undefined, calledAt: undefined })
  }
  const task = lowlevel.createCoroutineTaskUnsafe(loop, coroutine, { name, context })
  return { coroutine, lines, task, control: () => control! }
}

const names = (loop: asyncio.EventLoop) => loop.allTasksUnsafe().map((task) => task.getName())

describe("CPython test_tasks", () => {
  describe("the loop's tasks", () => {
    it("are the tasks of every kind of coroutine that are not done (test__register_task_1, test__register_task_2, test__register_task_3)", () =>
      run(
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop
          const before = names(loop)
          const { control, task } = driven(loop, "driven")
          const other = yield* asyncio.createTask(asyncio.sleep(0), { name: "effect" })
          yield* asyncio.sleep(0)
          const during = names(loop)

          control().end(Exit.void)

          assert.deepStrictEqual(
            [before, during, names(loop)],
            [["Task-1"], ["Task-1", "driven", "effect"], ["Task-1", "effect"]]
          )
          assert.deepStrictEqual(
            { done: task.done(), listed: (yield* asyncio.allTasks).has(task) },
            { done: true, listed: false }
          )
          yield* other
        })
      ))

    it("lose a task once, whatever is done to it later (test__unregister_task, test__unregister_task_not_registered)", () =>
      run(
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop
          const { control, task } = driven(loop, "driven")
          yield* asyncio.createTask(asyncio.sleep(1), { name: "effect" })
          yield* asyncio.sleep(0)
          control().end(Exit.void)
          const once = names(loop)

          control().end(Exit.void)
          yield* task.cancel()

          yield* asyncio.sleep(0)
          assert.deepStrictEqual(
            [once, names(loop)],
            [
              ["Task-1", "effect"],
              ["Task-1", "effect"]
            ]
          )
        })
      ))
  })

  describe("the current task", () => {
    it("is the one whose step runs, for as long as the step (test__enter_task, test__leave_task)", () =>
      run(
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop
          const future = yield* loop.createFuture<void>()
          const { control, lines, task } = driven(loop, "driven")
          const note = (where: string) => () => void lines.push(`${where} in ${loop.currentTaskUnsafe()?.getName()}`)
          yield* loop.callSoon(note("callback"))
          yield* asyncio.sleep(0)
          control().await(future, note("resumed"))
          note("main")()
          yield* future.setResult()

          yield* asyncio.sleep(0)

          note("main")()
          control().end(Exit.void)
          yield* task
          assert.deepStrictEqual(lines, [
            "begin in driven",
            "callback in undefined",
            "main in Task-1",
            "resumed in driven",
            "main in Task-1"
          ])
        })
      ))

    it("is nobody on a loop that does not run (test_current_task_no_running_loop)", async () => {
      const loop = makeVirtualTimeLoop()
      const { task } = driven(loop, "waiting")

      const current = [loop.currentTaskUnsafe()]

      await run(
        Effect.sync(() => void current.push(loop.currentTaskUnsafe())),
        { loopFactory: makeVirtualTimeLoop }
      )
      assert.deepStrictEqual(
        { current, names: names(loop), done: task.done() },
        { current: [undefined, undefined], names: ["waiting"], done: false }
      )
    })

    it("is the same whichever way one asks, and nobody after the run (test_current_task_with_implicit_loop)", async () => {
      const loop = makeVirtualTimeLoop()

      const [task, ...asked] = await run(
        Effect.gen(function* () {
          const [main] = yield* asyncio.allTasks
          return [main, yield* asyncio.currentTask, yield* asyncio.CurrentTask, loop.currentTaskUnsafe()]
        }),
        { loopFactory: () => loop }
      )

      assert.strictEqual(task?.getName(), "Task-1")
      assert.deepStrictEqual(
        asked.map((each) => each === task),
        [true, true, true]
      )
      assert.isUndefined(loop.currentTaskUnsafe())
    })
  })

  describe("a task", () => {
    it("tells the coroutine it was made of, before and after its end (test_get_coro)", () =>
      run(
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop
          const effect = Effect.succeed(1)
          const other = driven(loop, "driven")
          const task = yield* asyncio.createTask(effect)
          const coros = () => ({
            isEffect: task.getCoro() === effect,
            isCoroutine: other.task.getCoro() === other.coroutine
          })
          const before = coros()
          yield* asyncio.sleep(0)

          other.control().end(Exit.void)

          yield* task
          assert.deepStrictEqual(
            { before, after: coros() },
            { before: { isEffect: true, isCoroutine: true }, after: { isEffect: true, isCoroutine: true } }
          )
        })
      ))

    it("tells the context it was made with, each time the same object (test_get_context)", () =>
      run(
        Effect.gen(function* () {
          const Level = Context.Reference<number>("test/TaskContextLevel", { defaultValue: () => 0 })
          const loop = yield* asyncio.getRunningLoop
          const context = Context.add(yield* Effect.context(), Level, 7)
          const other = driven(loop, "driven", context)

          const task = yield* Effect.provideContext(asyncio.createTask(Level), context)

          yield* asyncio.sleep(0)
          other.control().end(Exit.void)
          for (const made of [task, other.task]) assert.strictEqual(made.getContext(), made.getContext())
          assert.strictEqual(Context.get(other.task.getContext(), Level), 7)
          assert.strictEqual(Context.get(task.getContext(), Level), 7)
          assert.strictEqual(yield* task, 7)
        })
      ))

    it("is a future (test_future_subclass)", () =>
      run(
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop
          const task = yield* asyncio.createTask(Effect.succeed(1))
          const future: asyncio.Future<number> = task

          const kinds = [task, yield* loop.createFuture()].map((each) => [asyncio.isFuture(each), asyncio.isTask(each)])

          assert.deepStrictEqual(kinds, [
            [true, true],
            [true, false]
          ])
          assert.strictEqual(yield* future, 1)
        })
      ))

    it("registers one callback with what it awaits, a future or a task (test_subclasses_ctask_cfuture)", () =>
      run(
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop
          const future = yield* loop.createFuture<string>()
          const inner = yield* asyncio.createTask(future, { name: "inner" })
          const outer = yield* asyncio.createTask(inner, { name: "outer" })
          yield* asyncio.sleep(0)

          const reprs = [String(future), String(inner)]

          yield* future.setResult("result")
          assert.deepStrictEqual(reprs, [
            "<Future pending cb=[Task.task_wakeup()]>",
            "<Task pending name='inner' coro=<coroutine() running> wait_for=<Future pending cb=[Task.task_wakeup()]> cb=[Task.task_wakeup()]>"
          ])
          assert.strictEqual(yield* outer, "result")
        })
      ))
  })
})
