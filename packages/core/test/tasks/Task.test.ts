import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Context, Effect } from "effect"
import { run } from "../support.ts"

describe("createTask", () => {
  it("queues the first step and never runs it inside the call", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const log = (line: string) => Effect.sync(() => void lines.push(line))

        const first = yield* asyncio.createTask(log("first"))
        const second = yield* asyncio.createTask(log("second"))
        yield* log("created")

        yield* first
        yield* second
        assert.deepStrictEqual(lines, ["created", "first", "second"])
      })
    ))

  it("makes a task that alternates with its creator", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const count = Effect.fn("count")(function* (name: string) {
          for (const n of [1, 2, 3]) {
            lines.push(`${name} ${n}`)
            yield* asyncio.sleep(0)
          }
        })
        const task = yield* asyncio.createTask(count("task"))

        yield* count("main")

        yield* task
        assert.deepStrictEqual(lines, ["main 1", "task 1", "main 2", "task 2", "main 3", "task 3"])
      })
    ))

  // test_create_task_with_noncoroutine
  it("dies with a TypeError when it is not given an Effect", () =>
    run(
      Effect.gen(function* () {
        const defect = yield* Effect.catchDefect(
          asyncio.createTask(123 as unknown as Effect.Effect<void>),
          Effect.succeed
        )

        assert.strictEqual(String(defect), "TypeError: a coroutine was expected, got 123")
      })
    ))

  // test_coroutine_non_gen_function_return_future
  it("does not flatten a future that the coroutine returns", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const future = yield* loop.createFuture<number>()

        const task = yield* asyncio.createTask(Effect.succeed(future))

        assert.strictEqual(yield* task, future)
      })
    ))

  it("gives a failure, a defect and a value to everyone who awaits, as often as they do", () =>
    run(
      Effect.gen(function* () {
        const error = new Error("broken")
        const failed = yield* asyncio.createTask(Effect.fail(error))
        const died = yield* asyncio.createTask(Effect.die(error))

        const seen = [
          yield* Effect.flip(failed),
          yield* Effect.flip(failed),
          yield* Effect.catchDefect(died, Effect.succeed),
          yield* died.exception()
        ]

        assert.deepStrictEqual(
          seen.map((each) => each === error),
          [true, true, true, true]
        )
      })
    ))

  // test_awaitables_chain
  it("awaits something done without an iteration", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const loop = yield* asyncio.getRunningLoop
        const task = yield* asyncio.createTask(Effect.succeed("done"))
        yield* task
        yield* loop.callSoon(() => lines.push("callback"))

        lines.push(yield* task)

        yield* asyncio.sleep(0)
        assert.deepStrictEqual(lines, ["done", "callback"])
      })
    ))

  // test_task_awaits_on_itself
  it("lets a task that awaits itself die", () =>
    run(
      Effect.gen(function* () {
        const selfish = Effect.fn("selfish")(function* () {
          return yield* yield* asyncio.currentTask
        })
        const task = yield* asyncio.createTask(selfish(), { name: "narcissus" })
        const branch = yield* asyncio.createTask(Effect.all([selfish(), Effect.never], { concurrency: 2 }))

        yield* Effect.exit(task)
        yield* Effect.exit(branch)

        assert.match(
          String(yield* task.exception()),
          /^RuntimeError: Task cannot await on itself: <Task pending name='narcissus' coro=<selfish\(\) running at .*Task\.test\.ts:\d+>/
        )
        assert.match(String(yield* branch.exception()), /^RuntimeError: Task cannot await on itself: <Task pending/)
      })
    ))

  it("fails on a loop that is closed", async () => {
    let loop: asyncio.EventLoop | undefined
    await run(Effect.map(asyncio.getRunningLoop, (running) => (loop = running)))

    const create = Effect.provideService(asyncio.createTask(Effect.void), asyncio.RunningLoop, loop)
    const defect = Effect.runSync(Effect.catchDefect(create, Effect.succeed))

    assert.strictEqual(String(defect), "RuntimeError: Event loop is closed")
  })
})

describe("currentTask", () => {
  // test_current_task_with_interleaving_tasks
  it("is each task's own when they alternate", () =>
    run(
      Effect.gen(function* () {
        const whoAmI = Effect.map(asyncio.currentTask, (task) => task.getName())
        const twice = Effect.all([whoAmI, asyncio.sleep(0), whoAmI])
        const one = yield* asyncio.createTask(twice, { name: "one" })
        const two = yield* asyncio.createTask(twice, { name: "two" })

        assert.deepStrictEqual(
          [yield* one, yield* two],
          [
            ["one", undefined, "one"],
            ["two", undefined, "two"]
          ]
        )
      })
    ))

  it("is the loop's during a step and nobody's in a callback", () =>
    run(
      Effect.gen(function* () {
        const seen: Array<string | undefined> = []
        const loop = yield* asyncio.getRunningLoop
        const note = () => void seen.push(loop.currentTaskUnsafe()?.getName())
        note()

        yield* loop.callSoon(note)

        yield* asyncio.sleep(0)
        note()
        assert.deepStrictEqual(seen, ["Task-1", undefined, "Task-1"])
      })
    ))
})

describe("allTasks", () => {
  it("has the tasks that are not done, in the order they were made", () =>
    run(
      Effect.gen(function* () {
        const names = Effect.map(asyncio.allTasks, (tasks) => Array.from(tasks, (task) => task.getName()))
        const short = yield* asyncio.createTask(Effect.void, { name: "short" })
        const middle = yield* asyncio.createTask(asyncio.sleep(0), { name: "middle" })
        const long = yield* asyncio.createTask(asyncio.sleep("1 hour"), { name: "long" })
        const before = yield* names

        yield* short

        const between = yield* names
        yield* middle
        yield* long.cancel()
        yield* Effect.ignore(long)
        assert.deepStrictEqual(
          [before, between, yield* names],
          [["Task-1", "short", "middle", "long"], ["Task-1", "middle", "long"], ["Task-1"]]
        )
      })
    ))
})

describe("a task's context", () => {
  const Level = Context.Reference<number>("test/Level", { defaultValue: () => 0 })
  const child = Effect.provideService(Effect.all([Level, asyncio.sleep(0), Level]), Level, 2)

  // test_context_1, test_context_3
  it("is copied at creation, and what either side changes later the other does not see", () =>
    run(
      Effect.gen(function* () {
        const reader = yield* asyncio
          .createTask(Effect.andThen(asyncio.sleep(0), Level))
          .pipe(Effect.provideService(Level, 1))
        const setter = yield* asyncio.createTask(child)

        const seen = yield* Effect.provideService(Effect.all([reader, setter, Level]), Level, 3)

        assert.deepStrictEqual([...seen, yield* Level], [1, [2, undefined, 2], 3, 0])
        assert.strictEqual(Context.get(reader.getContext(), Level), 1)
      })
    ))

  it("has the services that the coroutine requires", () =>
    run(
      Effect.gen(function* () {
        class Port extends Context.Service<Port, number>()("test/Port") {}

        const task = yield* Effect.provideService(asyncio.createTask(Effect.map(Port, (port) => port + 1)), Port, 80)

        assert.strictEqual(yield* task, 81)
      })
    ))

  // test_get_coro
  it("goes with the coroutine, which is the object the task was made of", () =>
    run(
      Effect.gen(function* () {
        const coroutine = Effect.succeed(1)
        const task = yield* asyncio.createTask(coroutine)

        yield* task

        assert.strictEqual(task.getCoro(), coroutine)
      })
    ))
})

describe("a task as a future", () => {
  // test_task_set_methods
  it("does not let anybody set its result, and is unharmed", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(asyncio.sleep(0, "value"))
        const attempts = [task.setResult("forced"), task.setException(undefined as never)]

        const defects = yield* Effect.all(attempts.map((attempt) => Effect.catchDefect(attempt, Effect.succeed)))

        assert.throws(() => task.setExitUnsafe(Effect.succeed("forced") as never), "does not support")
        assert.deepStrictEqual(defects.map(String), [
          "RuntimeError: Task does not support set_result operation",
          "RuntimeError: Task does not support set_exception operation"
        ])
        assert.strictEqual(yield* task, "value")
      })
    ))

  it("is told apart by guards", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const values = [yield* asyncio.createTask(Effect.void), yield* loop.createFuture(), Effect.void, undefined]

        const answers = values.map((value) => [asyncio.isTask(value), asyncio.isFuture(value)])

        assert.deepStrictEqual(answers, [
          [true, true],
          [false, true],
          [false, false],
          [false, false]
        ])
      })
    ))
})
