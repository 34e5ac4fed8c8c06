import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { run } from "../support.ts"

/** Runs `main` on a loop that starts every task eagerly. */
const runEagerly = <A, E>(main: Effect.Effect<A, E>): Promise<A> =>
  run(
    Effect.gen(function* () {
      const loop = yield* asyncio.getRunningLoop
      yield* loop.setTaskFactory(asyncio.eagerTaskFactory)
      return yield* main
    })
  )

const names = Effect.map(asyncio.allTasks, (tasks) => Array.from(tasks, (task) => task.getName()))

describe("CPython test_eager_task_factory", () => {
  it("makes tasks of the usual type when the factory is set (test_eager_task_factory_set)", () =>
    runEagerly(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop

        const task = yield* asyncio.createTask(asyncio.sleep(0, "result"))

        assert.strictEqual(loop.getTaskFactory(), asyncio.eagerTaskFactory)
        assert.deepStrictEqual([asyncio.isTask(task), yield* task], [true, "result"])
      })
    ))

  it("lets a child set the result its parent waits for during its eager step (test_await_future_during_eager_step)", () =>
    runEagerly(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const future = yield* loop.createFuture<string>()

        const child = yield* asyncio.createTask(Effect.as(future.setResult("from the child"), "child"))

        assert.deepStrictEqual(
          { done: child.done(), childResult: yield* child, futureResult: yield* future },
          { done: true, childResult: "child", futureResult: "from the child" }
        )
      })
    ))

  it("finishes a coroutine that does not suspend inside createTask (test_eager_completion)", () =>
    runEagerly(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(Effect.succeed("hello"))

        assert.deepStrictEqual(
          { done: task.done(), result: yield* task.result(), awaited: yield* task },
          { done: true, result: "hello", awaited: "hello" }
        )
      })
    ))

  it("leaves a coroutine that suspends to the loop (test_block_after_eager_step)", () =>
    runEagerly(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const task = yield* asyncio.createTask(
          Effect.gen(function* () {
            lines.push("eager step")
            yield* asyncio.sleep(100)
            lines.push("the rest")
            return "finished"
          })
        )
        lines.push(`created, done: ${task.done()}`)

        const result = yield* task

        assert.deepStrictEqual([...lines, result], ["eager step", "created, done: false", "the rest", "finished"])
      })
    ))

  it("does not cancel a task that is done already (test_cancellation_after_eager_completion)", () =>
    runEagerly(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(Effect.succeed("kept"))

        const accepted = yield* task.cancel()

        assert.deepStrictEqual(
          { accepted, cancelled: task.cancelled(), result: yield* task },
          { accepted: false, cancelled: false, result: "kept" }
        )
      })
    ))

  it("cancels a task that suspended in its eager step (test_cancellation_after_eager_step_blocks)", () =>
    runEagerly(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(asyncio.sleep("1 hour"))

        yield* task.cancel("cancellation message")

        assert.deepStrictEqual([task.cancelling(), task.cancelled()], [1, false])
        const error = yield* Effect.flip(task)
        assert.deepStrictEqual([error.reason, task.cancelled()], ["cancellation message", true])
      })
    ))

  it("makes the new task the current one in its eager step and the creator again after it (test_current_task)", () =>
    runEagerly(
      Effect.gen(function* () {
        const creator = yield* asyncio.currentTask
        const seen: Array<asyncio.Task<unknown, unknown>> = []
        const note = Effect.map(asyncio.currentTask, (task) => void seen.push(task))

        const task = yield* asyncio.createTask(Effect.andThen(note, Effect.andThen(asyncio.sleep(0), note)))
        yield* note
        yield* task
        yield* note

        assert.deepStrictEqual(
          seen.map((each) => (each === task ? "task" : each === creator ? "creator" : "other")),
          ["task", "creator", "task", "creator"]
        )
      })
    ))

  it("has a task among all tasks in its eager step and not once it is done (test_all_tasks_with_eager_completion)", () =>
    runEagerly(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(names, { name: "eager" })

        assert.deepStrictEqual([yield* task, yield* names], [["Task-1", "eager"], ["Task-1"]])
      })
    ))

  it("has a task among all tasks until it is done (test_all_tasks_with_blocking)", () =>
    runEagerly(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const seen: Array<ReadonlyArray<string>> = []
        const note = Effect.map(names, (all) => void seen.push(all))
        const [first, second] = [yield* loop.createFuture<void>(), yield* loop.createFuture<void>()]
        const body = (future: asyncio.Future<void>) => Effect.andThen(note, future)

        const one = yield* asyncio.createTask(body(first), { name: "one" })
        const two = yield* asyncio.createTask(body(second), { name: "two" })
        yield* note
        yield* first.setResult()
        yield* one
        yield* note
        yield* second.setResult()
        yield* two
        yield* note

        assert.deepStrictEqual(seen, [
          ["Task-1", "one"],
          ["Task-1", "one", "two"],
          ["Task-1", "one", "two"],
          ["Task-1", "two"],
          ["Task-1"]
        ])
      })
    ))

  it("runs the eager step in a copy of the creator's context variables (test_context_vars)", () =>
    runEagerly(
      Effect.gen(function* () {
        const variable = asyncio.ContextVar.make("variable", { defaultValue: 0 })
        const seen: Array<number> = []
        const note = Effect.map(variable.get(), (value) => void seen.push(value))
        yield* variable.set(1)

        const task = yield* asyncio.createTask(
          Effect.gen(function* () {
            yield* note
            yield* variable.set(2)
            yield* asyncio.sleep(0)
            yield* note
            yield* variable.set(3)
            yield* note
          })
        )
        yield* note
        yield* task
        yield* note

        assert.deepStrictEqual(seen, [1, 1, 2, 3, 1])
      })
    ))

  it("puts the first step on the loop for eagerStart: false (test_eager_start_false)", () =>
    runEagerly(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const body = Effect.sync(() => lines.push("ran"))

        const task = yield* asyncio.createTask(body, { eagerStart: false, name: "lazy" })

        lines.push(`created, done: ${task.done()}`)
        yield* task
        assert.deepStrictEqual([...lines, task.getName()], ["created, done: false", "ran", "lazy"])
      })
    ))

  it("starts eagerly without the factory when it is asked to (test_eager_start_true_with_default_factory)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const name = Effect.map(asyncio.currentTask, (task) => task.getName())

        const task = yield* asyncio.createTask(name, { eagerStart: true, name: "example" })

        assert.deepStrictEqual(
          { taskFactory: loop.getTaskFactory(), done: task.done(), result: yield* task, name: task.getName() },
          { taskFactory: undefined, done: true, result: "example", name: "example" }
        )
      })
    ))

  it("has its name in its eager step (test_name)", () =>
    runEagerly(
      Effect.gen(function* () {
        const seen: Array<string> = []
        const note = Effect.map(asyncio.currentTask, (task) => void seen.push(task.getName()))

        const task = yield* asyncio.createTask(Effect.andThen(note, Effect.andThen(asyncio.sleep(0), note)), {
          name: "test task"
        })
        seen.push("created")

        yield* task
        assert.deepStrictEqual(seen, ["test task", "created", "test task"])
      })
    ))
})

/** What starting `program` as a task costs: how many tasks it makes, and how many of them go through the loop. */
const count = (program: Effect.Effect<unknown, unknown>, eagerStart: boolean) =>
  run(
    Effect.gen(function* () {
      const loop = yield* asyncio.getRunningLoop
      const counts = { made: 0, scheduled: 0 }
      yield* loop.setTaskFactory((make, options) => {
        counts.made++
        const task = make({ ...options, eagerStart })
        if (!task.done()) counts.scheduled++
        return task
      })
      yield* yield* asyncio.createTask(program)
      return counts
    })
  )

describe("CPython test_eager_task_factory, tasks that are made", () => {
  const chain = (depth: number): Effect.Effect<number> =>
    depth === 0
      ? Effect.succeed(0)
      : Effect.map(
          Effect.suspend(() => chain(depth - 1)),
          (below) => below + 1
        )

  it("needs one task for a chain of a hundred awaits, and no iteration of the loop eagerly (test_awaitables_chain)", async () => {
    const lazily = await count(chain(100), false)
    const eagerly = await count(chain(100), true)

    assert.deepStrictEqual(
      [lazily, eagerly],
      [
        { made: 1, scheduled: 1 },
        { made: 1, scheduled: 0 }
      ]
    )
  })

  // 5 wide, 4 deep: 1 + 5 + 25 + 125 + 625 tasks.
  const branches = [1, 2, 3, 4, 5]

  const groups = (depth: number): Effect.Effect<void, unknown> =>
    depth === 0
      ? Effect.void
      : asyncio.taskGroup((group: asyncio.TaskGroup) =>
          Effect.forEach(branches, () => group.createTask(groups(depth - 1)), { discard: true })
        )

  // In CPython 3.14 a group learns of an eager child in its next step, as of any other: only the leaves take no iteration.
  it("schedules only the groups of an eager tree of task groups (test_recursive_taskgroups)", async () => {
    const lazily = await count(groups(4), false)
    const eagerly = await count(groups(4), true)

    assert.deepStrictEqual(
      [lazily, eagerly],
      [
        { made: 781, scheduled: 781 },
        { made: 781, scheduled: 156 }
      ]
    )
  })

  const gathers = (depth: number): Effect.Effect<void, unknown> =>
    Effect.suspend(() =>
      depth === 0 ? Effect.void : Effect.asVoid(asyncio.gather(branches.map(() => gathers(depth - 1))))
    )

  it("schedules nothing of an eager tree of gathers (test_recursive_gather)", async () => {
    const lazily = await count(gathers(4), false)
    const eagerly = await count(gathers(4), true)

    assert.deepStrictEqual(
      [lazily, eagerly],
      [
        { made: 781, scheduled: 781 },
        { made: 781, scheduled: 0 }
      ]
    )
  })
})
