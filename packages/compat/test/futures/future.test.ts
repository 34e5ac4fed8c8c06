// Futures for promise code; what they do is tested in core.
import * as asyncio from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { Effect } from "effect"
import { inspect } from "node:util"
import { assert, describe, it } from "vitest"
import { collectReports, deferred, rejection, run, runningLoop, text, thrown } from "../support.ts"

const future = <A>() => asyncio.getRunningLoop().createFuture<A>()

describe("a future", () => {
  it("is pending until it is set, and then gives its result to whoever awaits", () =>
    run(async () => {
      const made = future<string>()
      const before = {
        done: made.done(),
        cancelled: made.cancelled(),
        result: thrown(() => made.result()),
        exception: thrown(() => made.exception())
      }
      asyncio.getRunningLoop().callSoon(() => made.setResult("ready"))

      const seen = [await made, await made.then((value) => value), await Promise.all([made, Promise.resolve(1)])]

      assert.deepStrictEqual(before, {
        done: false,
        cancelled: false,
        result: "InvalidStateError: Result is not set.",
        exception: "InvalidStateError: Exception is not set."
      })
      assert.deepStrictEqual(seen, ["ready", "ready", ["ready", 1]])
      assert.deepStrictEqual(
        { done: made.done(), result: made.result(), exception: made.exception() },
        { done: true, result: "ready", exception: undefined }
      )
    }))

  it("rejects with the very error it is given, and counts it as retrieved", () =>
    run(async () => {
      const error = new Error("no")
      const made = future<void>()
      made.setException(error)
      const unseen = lowlevel.exceptionRetrieved(made.core)

      assert.strictEqual(await rejection(made), error)
      assert.strictEqual(made.exception(), error)
      assert.strictEqual(
        thrown(() => made.result()),
        "Error: no"
      )
      assert.deepStrictEqual(
        { unseen, exceptionRetrieved: lowlevel.exceptionRetrieved(made.core) },
        { unseen: false, exceptionRetrieved: true }
      )
    }))

  it("is reported when nobody looks at its failure", async () => {
    const reports = await run(async () => {
      const reports = collectReports(runningLoop())
      future<void>().setException(new Error("lost"))
      return reports
    })

    assert.deepStrictEqual(
      reports.map(({ message }) => message),
      ["Future exception was never retrieved"]
    )
  })

  it("can be set once", () =>
    run(async () => {
      const done = future<number>()
      done.setResult(1)
      const cancelled = future<number>()
      cancelled.cancel()
      const sets = [done, cancelled].flatMap((made) => [
        thrown(() => made.setResult(2)),
        thrown(() => made.setException(new Error("late")))
      ])

      assert.deepStrictEqual(new Set(sets), new Set(["InvalidStateError: invalid state"]))
    }))

  it("says why it was cancelled, and by whom, and refuses a second time", () =>
    run(
      async () => {
        const made = future<void>()

        const accepted = made.cancel("enough")
        const again = made.cancel("again")
        const state = { cancelled: made.cancelled(), done: made.done() }

        const error = await rejection(made)
        assert.instanceOf(error, asyncio.CancelledError)
        assert.deepStrictEqual(
          { accepted, again, ...state, reason: error.reason, by: error.requestedBy?.name },
          { accepted: true, again: false, cancelled: true, done: true, reason: "enough", by: "canceller" }
        )
        assert.deepStrictEqual(
          [thrown(() => made.result()), thrown(() => made.exception())],
          ["CancelledError: enough", "CancelledError: enough"]
        )
      },
      { name: "canceller" }
    ))

  it("is cancelled with a task that awaits it, and so is everybody else who does", () =>
    run(async () => {
      const made = future<void>()
      const tasks = [1, 2].map(() => asyncio.createTask(async () => await made))
      await asyncio.sleep(0)

      tasks[0]!.cancel("both")

      assert.deepStrictEqual(
        { first: await text(tasks[0]!), second: await text(tasks[1]!), cancelled: made.cancelled() },
        { first: "CancelledError: both", second: "CancelledError: both", cancelled: true }
      )
    }))

  it("calls its callbacks in order with itself, never inside of the call, and in the next iteration once it is done", () =>
    run(async () => {
      const lines: Array<string> = []
      const made = future<string>()
      const withdrawn = () => void lines.push("withdrawn")
      made.addDoneCallback((done) => lines.push(`first ${done === made} ${done.result()}`))
      made.addDoneCallback(withdrawn)
      made.addDoneCallback(withdrawn)
      const counts = [made.removeDoneCallback(withdrawn), made.removeDoneCallback(withdrawn)]
      made.setResult("ready")
      made.addDoneCallback(() => lines.push("late"))
      lines.push("main")

      await asyncio.sleep(0)

      assert.deepStrictEqual(
        [counts, lines],
        [
          [2, 0],
          ["main", "first true ready", "late"]
        ]
      )
      assert.strictEqual(
        thrown(() => made.addDoneCallback(undefined as unknown as () => void)),
        "TypeError: a callable object was expected by addDoneCallback(), got undefined"
      )
    }))

  it("prints its state and its callbacks", () =>
    run(async () => {
      const made = future<string>()
      made.addDoneCallback(function named() {})
      const pending = String(made)
      made.setResult("text")

      assert.deepStrictEqual(
        [pending, `${made}`, inspect(made)],
        ["<Future pending cb=[named()]>", "<Future finished result='text'>", "<Future finished result='text'>"]
      )
    }))

  it("has catch and finally", () =>
    run(async () => {
      const lines: Array<string> = []
      const good = future<string>()
      const bad = future<string>()
      good.setResult("good")
      bad.setException(new Error("bad"))

      lines.push(
        await good.catch(() => "not called"),
        await bad.catch(String),
        await good.finally(() => lines.push("finally")),
        await text(bad.finally(() => lines.push("finally")))
      )

      assert.deepStrictEqual(lines, ["finally", "finally", "good", "Error: bad", "good", "Error: bad"])
    }))

  it("is awaited in an Effect, with yield* and as core's future", () =>
    run(async () => {
      const made = future<string>()
      asyncio.getRunningLoop().callLater(1, () => made.setResult("ready"))

      const seen = await asyncio.runEffect(
        Effect.gen(function* () {
          return [yield* made, yield* made.core]
        })
      )

      assert.deepStrictEqual(seen, ["ready", "ready"])
    }))

  it("can be followed from outside of the loop", async () => {
    const promise = deferred<asyncio.Future<string>>()
    const main = run(async () => {
      const made = future<string>()
      promise.resolve(made)
      return await asyncio.sleep(1).then(() => made.setResult("ready"))
    })

    assert.strictEqual(await promise.promise, "ready")
    await main
  })

  it("has one wrapper, and the wrapper of a task of core is a task", () =>
    run(async () => {
      const made = future<void>()
      const effect = await asyncio.runEffect(Effect.map(core.createTask(Effect.void), (task) => [task]))

      assert.strictEqual(asyncio.Future.of(made.core), made)
      assert.instanceOf(asyncio.Task.of(effect[0]!), asyncio.Task)
      assert.strictEqual(asyncio.Task.of(effect[0]!), asyncio.Task.of(effect[0]!))
    }))

  it("is not made with new, and neither is a task", () => {
    const made = [asyncio.Future, asyncio.Task].map((type) =>
      thrown(() => new (type as unknown as new () => unknown)())
    )

    assert.deepStrictEqual(made, ["TypeError: Future is not made with new", "TypeError: Task is not made with new"])
  })

  it("of a task cannot be set", () =>
    run(async () => {
      const task = asyncio.createTask(() => 1)

      assert.deepStrictEqual(
        [thrown(() => task.setResult(2)), thrown(() => task.setException(new Error("no")))],
        [
          "RuntimeError: Task does not support set_result operation",
          "RuntimeError: Task does not support set_exception operation"
        ]
      )
      assert.strictEqual(await task, 1)
    }))
})

describe("isFuture, isTask and ensureFuture", () => {
  it("tell what a value is", () =>
    run(async () => {
      const task = asyncio.createTask(() => 1)
      const values = [future<void>(), task, asyncio.gather([]), Promise.resolve(), task.core, undefined, {}]

      assert.deepStrictEqual(
        values.map((value) => [asyncio.isFuture(value), asyncio.isTask(value)]),
        [
          [true, false],
          [true, true],
          [true, false],
          [false, false],
          [false, false],
          [false, false],
          [false, false]
        ]
      )
    }))

  it("make a future of what can be awaited, and leave one as it is", () =>
    run(async () => {
      const made = future<number>()
      const task = asyncio.createTask(() => 1)
      made.setResult(0)

      assert.strictEqual(asyncio.ensureFuture(made), made)
      assert.strictEqual(asyncio.ensureFuture(task), task)
      const others = [
        asyncio.ensureFuture(async () => 2),
        asyncio.ensureFuture(Promise.resolve(3)),
        asyncio.ensureFuture(Effect.succeed(4))
      ]
      assert.deepStrictEqual(
        [others.map(asyncio.isTask), await asyncio.gather(others)],
        [
          [true, true, true],
          [2, 3, 4]
        ]
      )
      assert.strictEqual(
        thrown(() => asyncio.ensureFuture(1 as unknown as Promise<number>)),
        "TypeError: An asyncio.Future, a coroutine or an awaitable is required"
      )
    }))

  it("make a task of a promise, whose failure is the task's and no unhandled rejection", () =>
    run(async () => {
      const error = new Error("no")

      const task = asyncio.ensureFuture(Promise.reject(error))

      assert.strictEqual(await rejection(task), error)
    }))
})
