import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect } from "effect"
import { run } from "../support.ts"

// `python -m asyncio ps` and `pstree` look at another process. What carries over is what they show: the tasks of a loop,
// their coroutines, and who waits for whom, in the snapshot of a loop.

const snapshot = Effect.map(asyncio.getRunningLoop, (loop) => loop.snapshot())

/** The tasks but the main one, each with those who wait for it. */
const awaiters = Effect.map(snapshot, ({ tasks }) =>
  tasks.filter(({ name }) => name !== "main").map(({ name, awaitedBy }) => [name, ...awaitedBy])
)

/** Runs `body` as the main task, and ends what it leaves behind. */
const runMain = <A, E>(body: Effect.Effect<A, E>): Promise<A> => run(body, { name: "main" })

const sleeper = (name: string) => asyncio.createTask(asyncio.sleep("1 hour"), { name })
const waiterFor = (task: asyncio.Task<unknown>, name: string) => asyncio.createTask(task, { name })

describe("CPython test_tools", () => {
  it("has no tasks when there are none (test_empty_input_tree, test_empty_input_table)", () => {
    const loop = makeVirtualTimeLoop()

    assert.deepStrictEqual(loop.snapshot().tasks, [])
  })

  it("shows a single task that nobody waits for (test_single_task_tree, test_single_task_table)", () =>
    runMain(
      Effect.gen(function* () {
        yield* sleeper("Task-1")

        assert.deepStrictEqual(yield* awaiters, [["Task-1"]])
      })
    ))

  it("shows independent tasks one by one (test_only_independent_tasks_tree, test_only_independent_tasks_table)", () =>
    runMain(
      Effect.gen(function* () {
        yield* sleeper("taskA")
        yield* sleeper("taskB")

        assert.deepStrictEqual(yield* awaiters, [["taskA"], ["taskB"]])
      })
    ))

  it("shows who waits for whom along a chain of tasks (test_complex_tree, test_complex_table)", () =>
    runMain(
      Effect.gen(function* () {
        const innermost = yield* sleeper("Task-3")
        const middle = yield* waiterFor(innermost, "Task-2")
        yield* waiterFor(middle, "Task-1")
        yield* asyncio.sleep(0)

        assert.deepStrictEqual(yield* awaiters, [["Task-3", "Task-2"], ["Task-2", "Task-1"], ["Task-1"]])
      })
    ))

  it("shows everyone who waits for a task, in the order they came (TestAsyncioToolsTree.test_asyncio_utils, TestAsyncioToolsTable.test_asyncio_utils)", () =>
    runMain(
      Effect.gen(function* () {
        const timer = yield* sleeper("timer")
        const groups = ["root1", "root2"].map((root) =>
          asyncio.taskGroup(
            Effect.fnUntraced(function* (group: asyncio.TaskGroup) {
              for (const child of ["child1", "child2"]) yield* group.createTask(timer, { name: `${child} of ${root}` })
            })
          )
        )
        for (const [i, group] of groups.entries()) yield* asyncio.createTask(group, { name: `root${i + 1}` })
        yield* asyncio.sleep(0)
        yield* asyncio.sleep(0)

        assert.deepStrictEqual(yield* awaiters, [
          ["timer", "child1 of root1", "child2 of root1", "child1 of root2", "child2 of root2"],
          ["root1"],
          ["root2"],
          ["child1 of root1", "root1"],
          ["child2 of root1", "root1"],
          ["child1 of root2", "root2"],
          ["child2 of root2", "root2"]
        ])
      })
    ))

  it("shows the coroutines of a task, the outermost first (test_deep_coroutine_chain)", () =>
    runMain(
      Effect.gen(function* () {
        const leaf = Effect.fn("leaf")(() => asyncio.sleep("1 hour"))
        const names = ["c1", "c2", "c3", "c4", "c5", "root"]
        const chain = names.reduce((inner, name) => Effect.fn(name)(() => inner()), leaf)
        const task = yield* asyncio.createTask(chain())
        yield* asyncio.sleep(0)

        const { stack } = task.snapshot()

        assert.deepStrictEqual(
          stack.map(({ name }) => name),
          ["root", "c5", "c4", "c3", "c2", "c1", "leaf"]
        )
      })
    ))

  it("is plain data of a fixed shape (test_table_output_format)", () =>
    runMain(
      Effect.gen(function* () {
        const waited = yield* sleeper("waited")
        yield* waiterFor(waited, "waiting")
        yield* asyncio.sleep(0)

        const shot = yield* snapshot

        const copy = JSON.parse(JSON.stringify(shot)) as asyncio.LoopSnapshot
        const made = ["createdAt", "detached", "state", "cancelling", "coroutine"]
        const main = ["id", "name", "labels", ...made, "awaitedBy", "awaiters", "stack"]
        const child = ["id", "name", "labels", "createdBy", ...made, "waitingFor", "awaitedBy", "awaiters", "stack"]
        assert.deepStrictEqual(
          copy.tasks.map((task) => Object.keys(task)),
          [main, child, child]
        )
        assert.deepStrictEqual(
          copy.tasks.map(({ name, awaitedBy, waitingFor }) => ({ name, awaitedBy, waitingFor })),
          [
            { name: "main", awaitedBy: [], waitingFor: undefined },
            { name: "waited", awaitedBy: ["waiting"], waitingFor: "<Future pending cb=[Task.task_wakeup()]>" },
            { name: "waiting", awaitedBy: [], waitingFor: "waited" }
          ]
        )
      })
    ))
})
