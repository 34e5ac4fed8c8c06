import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { run } from "../support.ts"

/** A task or future, its coroutines with the newest first, and those who wait for it, by name. */
interface Shape {
  readonly node: string
  readonly stack: ReadonlyArray<string>
  readonly awaitedBy: ReadonlyArray<Shape>
}

const shapeOf = (graph: asyncio.FutureCallGraph): Shape => ({
  node: asyncio.isTask(graph.future) ? `T<${graph.future.getName()}>` : "F",
  stack: graph.callStack.map(({ name }) => name),
  awaitedBy: graph.awaitedBy.map(shapeOf)
})

const node = (name: string, stack: ReadonlyArray<string>, awaitedBy: ReadonlyArray<Shape> = []): Shape => ({
  node: name,
  stack,
  awaitedBy
})

/** The graph of a future, or of the current task, and how it prints without ids and places. */
const capture = Effect.fnUntraced(function* (future?: asyncio.Future<unknown, unknown>) {
  const graph = yield* asyncio.captureCallGraph(future)
  const text = yield* asyncio.formatCallGraph(future)
  const lines = text.replace(/id=0x[0-9a-f]+/g, "id=0x").replace(/File '[^']+', (defined at )?line \d+/g, "File")
  return { shape: shapeOf(graph!), lines: lines.split("\n") }
})

const child = Effect.fn("child")(function* () {
  return yield* capture()
})

describe("CPython test_graph", () => {
  it("shows a task that two siblings and their group wait for (test_stack_tgroup)", async () => {
    const c5 = Effect.fn("c5")(function* () {
      return yield* capture()
    })
    const c4 = Effect.fn("c4")(function* () {
      yield* asyncio.sleep(0)
      return yield* c5()
    })
    const c3 = Effect.fn("c3")(() => c4())
    const c2 = Effect.fn("c2")(() => c3())
    const c1 = Effect.fn("c1")(function* (task: asyncio.Task<unknown>) {
      yield* task
    })
    const main = Effect.fn("main")(function* () {
      return yield* asyncio.taskGroup(
        Effect.fnUntraced(function* (group: asyncio.TaskGroup) {
          const task = yield* group.createTask(c2(), { name: "c2_root" })
          yield* group.createTask(c1(task), { name: "sub_main_1" })
          yield* group.createTask(c1(task), { name: "sub_main_2" })
          return task
        })
      )
    })

    const { shape, lines } = await run(Effect.flatten(main()))

    const group = node("T<Task-1>", ["main"])
    const waiters = [group, node("T<sub_main_1>", ["c1"], [group]), node("T<sub_main_2>", ["c1"], [group])]
    assert.deepStrictEqual(shape, node("T<c2_root>", ["c5", "c4", "c3", "c2"], waiters))
    assert.deepStrictEqual(lines.slice(0, 13), [
      "* Task(name='c2_root', id=0x)",
      "  + Call stack:",
      "  |   File, in async c5()",
      "  |   File, in async c4()",
      "  |   File, in async c3()",
      "  |   File, in async c2()",
      "  + Awaited by:",
      "    * Task(name='Task-1', id=0x)",
      "      + Call stack:",
      "      |   File, in async main()",
      "    * Task(name='sub_main_1', id=0x)",
      "      + Call stack:",
      "      |   File, in async c1()"
    ])
  })

  it("shows the task that gathers, and no future between (test_stack_gather)", async () => {
    const main = Effect.fn("main")(function* () {
      const [captured] = yield* asyncio.gather([child()])
      return captured
    })

    const { shape } = await run(main())

    assert.deepStrictEqual(shape, node("T<Task-2>", ["child"], [node("T<Task-1>", ["main"])]))
  })

  it("shows the task that waits behind a shield, and no future between (test_stack_shield)", async () => {
    const main = Effect.fn("main")(function* () {
      return yield* asyncio.shield(child())
    })

    const { shape } = await run(main())

    assert.deepStrictEqual(shape, node("T<Task-2>", ["child"], [node("T<Task-1>", ["main"])]))
  })

  it("does not show a timeout (test_stack_timeout)", async () => {
    const waiting = Effect.fn("waiting")(function* (task: asyncio.Task<unknown>) {
      return yield* asyncio.timeout("1 hour", task)
    })
    const main = Effect.fn("main")(function* () {
      const task = yield* asyncio.createTask(child(), { name: "there there" })
      yield* waiting(task)
      return yield* task
    })

    const { shape } = await run(main())

    assert.deepStrictEqual(shape, node("T<there there>", ["child"], [node("T<Task-1>", ["waiting", "main"])]))
  })

  it("shows the task that is in wait, for each it waits for (test_stack_wait)", async () => {
    const waiting = Effect.fn("waiting")(function* (tasks: ReadonlyArray<asyncio.Task<unknown>>) {
      yield* asyncio.wait(tasks)
    })
    const main = Effect.fn("main")(function* () {
      const one = yield* asyncio.createTask(child(), { name: "one" })
      const two = yield* asyncio.createTask(child(), { name: "two" })
      yield* waiting([one, two])
      return [yield* one, yield* two]
    })

    const captured = await run(main())

    const waiter = node("T<Task-1>", ["waiting", "main"])
    assert.deepStrictEqual(
      captured.map(({ shape }) => shape),
      [node("T<one>", ["child"], [waiter]), node("T<two>", ["child"], [waiter])]
    )
  })

  it("shows a task under its name (test_stack_task)", async () => {
    const main = Effect.fn("main")(function* () {
      return yield* yield* asyncio.createTask(child(), { name: "there there" })
    })

    const { shape, lines } = await run(main())

    assert.deepStrictEqual(shape, node("T<there there>", ["child"], [node("T<Task-1>", ["main"])]))
    assert.deepStrictEqual(lines, [
      "* Task(name='there there', id=0x)",
      "  + Call stack:",
      "  |   File, in async child()",
      "  + Awaited by:",
      "    * Task(name='Task-1', id=0x)",
      "      + Call stack:",
      "      |   File, in async main()"
    ])
  })

  it("shows a future without a stack, and both tasks that wait for it (test_stack_future)", async () => {
    const waiting = Effect.fn("waiting")(function* (future: asyncio.Future<void>) {
      yield* future
    })
    const main = Effect.fn("main")(function* () {
      const loop = yield* asyncio.getRunningLoop
      const future = yield* loop.createFuture<void>()
      const capturing = yield* asyncio.createTask(Effect.andThen(asyncio.sleep(0), capture(future)))
      yield* asyncio.taskGroup(
        Effect.fnUntraced(function* (group: asyncio.TaskGroup) {
          yield* group.createTask(waiting(future), { name: "foo1" })
          yield* group.createTask(waiting(future), { name: "foo2" })
          yield* Effect.ensuring(capturing, Effect.ignore(future.setResult()))
        })
      )
      return yield* capturing
    })

    const { shape, lines } = await run(main())

    const group = node("T<Task-1>", ["main"])
    const waiters = [node("T<foo1>", ["waiting"], [group]), node("T<foo2>", ["waiting"], [group])]
    assert.deepStrictEqual(shape, node("F", [], waiters))
    assert.deepStrictEqual(lines.slice(0, 5), [
      "* Future(id=0x)",
      "  + Awaited by:",
      "    * Task(name='foo1', id=0x)",
      "      + Call stack:",
      "      |   File, in async waiting()"
    ])
  })
})
