import { assert, describe, it, vi } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect } from "effect"
import { run } from "../support.ts"

const inner = Effect.fn("inner")(function* () {
  yield* asyncio.sleep("1 hour")
})
const middle = Effect.fn("middle")(function* () {
  yield* inner()
})
const outer = Effect.fn("outer")(function* () {
  yield* middle()
})

/** Texts with the path of this file cut to its name, and its lines to N. */
const shown = (text: string | undefined) =>
  text?.replace(/[^ '(]*\/snapshot\.test\.ts/g, "FILE").replace(/(FILE:|line )\d+/g, "$1N")

const place = ({ definedAt, location, name }: asyncio.StackEntry) => [name, shown(location), shown(definedAt)]

/** A task that has come to its first await. */
const started = <A, E>(body: Effect.Effect<A, E>, name: string, labels?: asyncio.Labels) =>
  Effect.tap(asyncio.createTask(body, { name, labels }), () => asyncio.sleep(0))

describe("the snapshot of a task", () => {
  it("tells what a task that waits for another is doing", () =>
    run(
      Effect.gen(function* () {
        const waited = yield* started(asyncio.sleep("1 hour"), "waited")
        const task = yield* started(waited, "waiting", { job: 17 })

        const { stack, ...shot } = task.snapshot()

        const main = yield* asyncio.currentTask
        assert.deepStrictEqual(shot, {
          id: task.id,
          name: "waiting",
          labels: { job: 17 },
          createdBy: { id: main.id, name: "Task-1" },
          createdAt: 0,
          detached: false,
          state: "pending",
          cancelling: 0,
          coroutine: "coroutine() running",
          waitingFor: "waited",
          awaitedBy: [],
          awaiters: []
        })
        assert.deepStrictEqual(stack, [])
        assert.deepStrictEqual(waited.snapshot().awaitedBy, ["waiting"])
        assert.deepStrictEqual(waited.snapshot().awaiters, [task.id])
      })
    ))

  it("tells the cancellation that is due, and the one that it has ended with", () =>
    run(
      Effect.gen(function* () {
        const main = yield* asyncio.currentTask
        const by = { id: main.id, name: "Task-1" }
        const ended = yield* started(asyncio.sleep("1 hour"), "ended")
        const late = yield* started(Effect.exit(asyncio.timeout(5, asyncio.sleep("1 hour"))), "late")
        const due = yield* asyncio.createTask(asyncio.sleep("1 hour"))
        yield* due.cancel("first")
        yield* ended.cancel("gone", { kind: "disconnect" })
        const shots = [due.snapshot().cancellation]
        yield* asyncio.sleep(10)
        shots.push(ended.snapshot().cancellation, late.snapshot().cancellation)

        assert.deepStrictEqual(shots, [
          { kind: "requested", reason: "first", requestedBy: by },
          { kind: "disconnect", reason: "gone", requestedBy: by },
          undefined
        ])
      })
    ))

  it("tells the cancellation that is on its way by what the task waits for, and none that was caught", () =>
    run(
      Effect.gen(function* () {
        const cleanup = Effect.ensuring(asyncio.sleep("1 hour"), asyncio.sleep(5))
        const last = yield* started(
          asyncio.catchCancelled(asyncio.sleep("1 hour"), () => asyncio.sleep(5)),
          "last"
        )
        const tasks = [
          yield* started(asyncio.sleep("1 hour"), "sleeping"),
          yield* started(asyncio.gather([asyncio.sleep("1 hour"), last]), "gathering"),
          yield* started(yield* started(cleanup, "cleaning up"), "waiting"),
          last
        ]
        for (const task of tasks) yield* task.cancel("stop", { kind: "disconnect" })
        const kinds = () => tasks.map((task) => task.snapshot().cancellation?.kind)
        const due = kinds()
        yield* asyncio.sleep(1)

        const later = kinds()

        assert.deepStrictEqual(due, ["disconnect", "disconnect", "disconnect", "disconnect"])
        assert.deepStrictEqual(later, ["disconnect", "disconnect", "disconnect", undefined])
      })
    ))

  it("names everybody who waits for the task once, in the order they came", () =>
    run(
      Effect.gen(function* () {
        const task = yield* started(asyncio.sleep("1 hour"), "task")
        yield* started(task, "first")
        yield* started(asyncio.gather([task]), "second")
        yield* started(asyncio.wait([task]), "third")
        yield* started(asyncio.shield(task), "fourth")
        yield* started(Effect.all([task, task], { concurrency: "unbounded" }), "in branches")

        assert.deepStrictEqual(task.snapshot().awaitedBy, ["first", "second", "third", "fourth", "in branches"])
      })
    ))

  it("prints a future that the task waits for, and knows no other thing", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const future = yield* loop.createFuture<void>()
        const tasks = [
          yield* asyncio.createTask(future),
          yield* asyncio.createTask(Effect.sleep("1 hour")),
          yield* asyncio.createTask(Effect.forever(asyncio.sleep(0)))
        ]
        yield* asyncio.sleep(0)

        assert.deepStrictEqual(
          tasks.map((task) => task.snapshot().waitingFor),
          ["<Future pending cb=[Task.task_wakeup()]>", undefined, undefined]
        )
      })
    ))

  it("follows the task through its states", () =>
    run(
      Effect.gen(function* () {
        const states: Array<readonly [string, number]> = []
        const note = (task: asyncio.Task<unknown, unknown>) => {
          const { cancelling, state } = task.snapshot()
          states.push([state, cancelling])
        }
        const slow = asyncio.catchCancelled(asyncio.sleep("1 hour"), () => asyncio.sleep(1))
        const task = yield* asyncio.createTask(Effect.andThen(slow, Effect.interrupt))
        note(task)
        yield* asyncio.sleep(0)
        yield* task.cancel()
        yield* asyncio.sleep(0)
        note(task)
        yield* task.cancel()
        note(task)
        yield* task.uncancel()
        note(task)
        yield* Effect.exit(task)
        note(task)
        const failed = yield* asyncio.createTask(Effect.fail("broken"))
        yield* Effect.exit(failed)
        note(failed)

        assert.deepStrictEqual(states, [
          ["pending", 0],
          ["cancelling", 1],
          ["cancelling", 2],
          ["cancelling", 1],
          ["cancelled", 1],
          ["finished", 0]
        ])
      })
    ))

  it("has the coroutines of a task that waits, and of a task that is done none", () =>
    run(
      Effect.gen(function* () {
        const task = yield* started(outer(), "task")

        const waiting = task.snapshot()
        yield* task.cancel()
        yield* Effect.exit(task)
        const done = task.snapshot()

        assert.strictEqual(shown(waiting.coroutine), "outer() running at FILE:N")
        assert.deepStrictEqual(waiting.stack.map(place), [
          ["outer", "FILE:N", "FILE:N"],
          ["middle", "FILE:N", "FILE:N"],
          ["inner", undefined, "FILE:N"]
        ])
        assert.deepStrictEqual(
          [shown(done.coroutine), done.stack, done.awaitedBy, done.waitingFor],
          ["outer() done, defined at FILE:N", [], [], undefined]
        )
      })
    ))
})

describe("the snapshot of a loop", () => {
  it("tells its time, its state, what is ready, its timers and its tasks in the order they were made", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        yield* loop.callLater(50, () => {})
        const task = yield* started(asyncio.sleep(100), "sleeper")
        yield* asyncio.sleep(10)
        yield* loop.callSoon(() => {})
        yield* loop.callSoon(() => {})
        yield* asyncio.createTask(Effect.void, { name: "new" })

        const { tasks, ...shot } = loop.snapshot()

        assert.deepStrictEqual(shot, { time: 10, state: "running", debug: false, ready: 3, timers: 2, endedTasks: [] })
        assert.deepStrictEqual(
          tasks.map(({ name }) => name),
          ["Task-1", "sleeper", "new"]
        )
        assert.deepStrictEqual(tasks[1], task.snapshot())
      })
    ))

  it("is stopped before and between runs, and closed in the end", async () => {
    const loop = makeVirtualTimeLoop()
    const states = [loop.snapshot().state]
    const runner = new asyncio.Runner({ loopFactory: () => loop, debug: true, handleSigint: false })

    await runner.run(asyncio.sleep(1))
    const between = loop.snapshot()
    await runner.close()

    states.push(between.state, loop.snapshot().state)
    assert.deepStrictEqual({ states, debug: between.debug }, { states: ["stopped", "stopped", "closed"], debug: true })
  })
})

describe("the stack of a task", () => {
  it("has the oldest coroutine first, each with the place where it stands as far as that is known", () =>
    run(
      Effect.gen(function* () {
        const task = yield* started(outer(), "task")

        const lines = task.getStack().map(({ location }) => Number(/\d+$/.exec(location ?? "")?.[0]))

        // `middle` stands where it calls inner, `outer` three lines on, where it calls middle.
        assert.strictEqual(lines[0]! - lines[1]!, 3)
        assert.isNaN(lines[2]!)
      })
    ))

  it("keeps the newest for a positive limit and nothing for any other", () =>
    run(
      Effect.gen(function* () {
        const task = yield* started(outer(), "task")

        const names = [undefined, 1, 2, 9, 0, -1].map((limit) => task.getStack({ limit }).map(({ name }) => name))

        const all = ["outer", "middle", "inner"]
        assert.deepStrictEqual(names, [all, ["inner"], ["middle", "inner"], all, [], []])
      })
    ))

  it("of a task that has not started is its coroutine, at its definition", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(outer())

        const stack = task.getStack()

        assert.deepStrictEqual(stack.map(place), [["outer", "FILE:N", "FILE:N"]])
        assert.strictEqual(stack[0]!.location, stack[0]!.definedAt)
      })
    ))

  it("of the running task ends where the task stands", async () => {
    const look = Effect.fn("look")(function* () {
      const task = yield* asyncio.currentTask
      return task.getStack()
    })
    const main = Effect.fn("main")(function* () {
      return yield* look()
    })

    const stack = await run(main())

    assert.deepStrictEqual(stack.map(place), [
      ["main", "FILE:N", "FILE:N"],
      ["look", "FILE:N", "FILE:N"]
    ])
    const [call, here] = stack.map(({ location }) => Number(/\d+$/.exec(location!)![0]))
    assert.strictEqual(call! - here!, 3)
  })

  it("knows no line of a coroutine that is no generator, nor of a call that somebody else makes", () =>
    run(
      Effect.gen(function* () {
        const indirect = Effect.fn("indirect")(() => Effect.flatMap(Effect.void, inner))
        const suspended = yield* started(indirect(), "task")
        const plain = Effect.fn("plain")(() => Effect.map(asyncio.currentTask, (task) => task.getStack()))

        const running = yield* yield* asyncio.createTask(plain())

        assert.deepStrictEqual(suspended.getStack().map(place), [
          ["indirect", undefined, "FILE:N"],
          ["inner", undefined, "FILE:N"]
        ])
        assert.deepStrictEqual(running.map(place), [["plain", undefined, "FILE:N"]])
      })
    ))

  it("is in Python's format when it is text", () =>
    run(
      Effect.gen(function* () {
        const task = yield* started(outer(), "task")

        const text = task.formatStack()

        assert.deepStrictEqual(shown(text)!.split("\n"), [
          `Stack for ${shown(String(task))} (most recent call last):`,
          "  File 'FILE', line N, in async outer()",
          "  File 'FILE', line N, in async middle()",
          "  File 'FILE', defined at line N, in async inner()"
        ])
        assert.deepStrictEqual(task.formatStack({ limit: 1 }).split("\n").slice(1), text.split("\n").slice(3))
      })
    ))

  it("has the name alone of a coroutine whose place nothing tells", async () => {
    const task = lowlevel.createCoroutineTaskUnsafe(
      makeVirtualTimeLoop(),
      {
        begin: () => {},
        cancelRequested: () => {},
        describe: () => ({ name: "somewhere", definedAt: undefined, calledAt: undefined })
      },
      { name: "task" }
    )

    assert.deepStrictEqual(task.formatStack().split("\n").slice(1), ["  async somewhere()"])
  })

  it("says so when there is none", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(Effect.succeed(1), { name: "done" })
        yield* task

        assert.strictEqual(
          task.formatStack(),
          "No stack for <Task finished name='done' coro=<coroutine() done> result=1>"
        )
      })
    ))

  it("is printed to the program's stderr", () =>
    run(
      Effect.gen(function* () {
        const error = vi.spyOn(console, "error").mockImplementation(() => {})
        const task = yield* started(outer(), "task")
        const expected = task.formatStack({ limit: 2 })

        yield* task.printStack({ limit: 2 })

        const calls = error.mock.calls
        error.mockRestore()
        assert.deepStrictEqual(calls, [[expected]])
      })
    ))
})
