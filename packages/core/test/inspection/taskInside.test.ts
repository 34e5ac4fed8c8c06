import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Console, Effect, Exit } from "effect"
import { collectReports, run } from "../support.ts"

const nap = Effect.fn("nap")(function* () {
  yield* asyncio.sleep("1 hour")
})

describe("the snapshot of a task", () => {
  it("is plain data that tells its state, what it waits for and who waits for it", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(nap(), { name: "napping" })
        const waiting = yield* asyncio.createTask(task, { name: "waiting" })
        const snapshots = [task.snapshot()]
        yield* asyncio.sleep(0)
        snapshots.push(task.snapshot(), waiting.snapshot())

        yield* task.cancel()
        snapshots.push(task.snapshot())
        yield* Effect.ignore(waiting)
        snapshots.push(task.snapshot())
        const finished = yield* asyncio.createTask(Effect.void)
        yield* finished
        snapshots.push(finished.snapshot())

        const told = snapshots.map(({ awaitedBy, cancelling, state, waitingFor }) => [
          state,
          cancelling,
          waitingFor,
          awaitedBy.join()
        ])
        assert.deepStrictEqual(told, [
          ["pending", 0, undefined, ""],
          ["pending", 0, "<Future pending cb=[Task.task_wakeup()]>", "waiting"],
          ["pending", 0, "napping", ""],
          ["cancelling", 1, "<Future cancelled>", "waiting"],
          ["cancelled", 1, undefined, ""],
          ["finished", 0, undefined, ""]
        ])
        assert.deepStrictEqual(JSON.parse(JSON.stringify(snapshots[2])), snapshots[2])
      })
    ))
})

describe("the stack of a task", () => {
  it("is printed to the console's stderr, and of a task that is done there is none", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const log = (line: string) => void lines.push(line.replaceAll(/'[^' ]*\/taskInside\.test\.ts'/g, "FILE"))
        const print = (task: asyncio.Task<unknown, unknown>) =>
          Effect.provideService(task.printStack(), Console.Console, { ...globalThis.console, error: log })
        const task = yield* asyncio.createTask(nap(), { name: "napping" })
        yield* asyncio.sleep(0)
        yield* print(task)

        yield* task.cancel()
        yield* Effect.ignore(task)
        yield* print(task)

        assert.match(
          lines[0]!,
          /^Stack for <Task pending name='napping' .*> \(most recent call last\):\n {2}File FILE, defined at line \d+, in async nap\(\)$/
        )
        assert.match(lines[1]!, /^No stack for <Task cancelled name='napping' coro=<nap\(\) done, defined at .*>>$/)
      })
    ))
})

describe("a future that a plain fiber waits for", () => {
  it("names no task in its callbacks", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const future = yield* loop.createFuture<void>()
        yield* Effect.forkChild(future)
        yield* asyncio.sleep(0)

        const line = String(future)

        assert.strictEqual(line, "<Future pending cb=[Fiber.wakeup()]>")
        yield* future.setResult()
      })
    ))
})

/** What is reported of a task that catches its cancellation, and withdraws the request or does not. */
const swallowing = (withdraw: boolean) =>
  Effect.gen(function* () {
    const reports = collectReports(yield* asyncio.getRunningLoop)
    const self = asyncio.currentTask
    const answer = withdraw ? Effect.flatMap(self, (task) => task.uncancel()) : Effect.void
    const task = yield* asyncio.createTask(asyncio.catchCancelled(asyncio.sleep("1 hour"), () => answer))
    yield* asyncio.sleep(0)
    yield* task.cancel()
    yield* task
    return reports.map(({ message }) => message)
  })

describe("a cancellation that has no effect", () => {
  it("is reported in debug mode only, and not when the task has withdrawn it", async () => {
    const inDebug = { debug: true, loopFactory: makeVirtualTimeLoop }

    const reports = [
      await run(swallowing(false), inDebug),
      await run(swallowing(true), inDebug),
      await run(swallowing(false))
    ]

    const message = "Task swallowed its cancellation: it was cancelled, returned, and did not call uncancel()"
    assert.deepStrictEqual(reports, [[message], [], []])
  })

  it("is kept for the next step where what the task awaits does not take it", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const loop = yield* asyncio.getRunningLoop
        const child = yield* loop.createFuture<string>()
        const gathering = yield* asyncio.gatherFuture([child])
        const task = yield* asyncio.createTask(
          Effect.gen(function* () {
            yield* (yield* asyncio.currentTask).cancel("myself")
            // Until the next iteration the gathering is pending, and has no child left to cancel.
            yield* child.setResult("done")
            yield* gathering
            lines.push("not reached")
          })
        )

        const error = yield* Effect.flip(task)

        assert.deepStrictEqual(
          [(error as asyncio.CancelledError).reason, yield* gathering, lines],
          ["myself", ["done"], []]
        )
      })
    ))
})

/** What a gather and two awaits of a cancelled task are told, one after the other. */
const messages = (task: asyncio.Task<unknown>) =>
  Effect.gen(function* () {
    const [exit] = yield* asyncio.gather([task], { returnExceptions: true })
    const gathered = Exit.isFailure(exit) ? asyncio.exceptionOf(exit.cause) : undefined
    const awaited = [yield* Effect.flip(task), yield* Effect.flip(task)]
    return [gathered, ...awaited].map((error) => (error as asyncio.CancelledError).message)
  })

describe("the message of a cancellation", () => {
  // CPython gives away the error that a coroutine raised, and makes a new one each time for one that returned.
  it("is handed out once where the coroutine raised it, and always where it never got there", () =>
    run(
      Effect.gen(function* () {
        const unstarted = yield* asyncio.createTask(asyncio.sleep(1))
        yield* unstarted.cancel("m")
        const returned = yield* asyncio.createTask(Effect.flatMap(asyncio.currentTask, (task) => task.cancel("m")))

        const seen = [yield* messages(unstarted), yield* messages(returned)]

        assert.deepStrictEqual(seen, [
          ["", "m", ""],
          ["m", "m", "m"]
        ])
      })
    ))

  it("is the current task also where a service brings the context of another task", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const context = yield* Effect.context()
        const whoAmI = Effect.map(asyncio.currentTask, (task) => lines.push(task.getName()))
        const service = Effect.provideContext(
          Effect.gen(function* () {
            yield* whoAmI
            yield* asyncio.sleep(1)
            yield* whoAmI
            yield* asyncio.sleep("1 hour")
          }),
          context
        )

        const task = yield* asyncio.createTask(service, { name: "worker" })
        yield* asyncio.sleep(10)
        const waitingFor = task.snapshot().waitingFor
        yield* task.cancel("enough")
        const error = yield* Effect.flip(task)

        assert.deepStrictEqual(lines, ["worker", "worker"])
        assert.deepStrictEqual([waitingFor?.startsWith("<Future pending"), error.reason], [true, "enough"])
      })
    ))
})
