import * as compat from "@effect-asyncio/compat"
import { assert, describe, it } from "vitest"
import { Effect } from "effect"
import { allTimelines, allTraces } from "../../../packages/tools/docs/timelines.ts"
import { traceText } from "../../../packages/testing/src/timeline/describe.ts"
import { record, recordRun } from "../../../packages/testing/src/timeline/record.ts"
import { type Cancel, outputOf, type Trace } from "../../../packages/testing/src/timeline/trace.ts"
import { cancelling, running } from "./support.ts"

const outcomes = ({ tasks }: Trace) => tasks.map(({ name, outcome }) => `${name} ${outcome?.kind ?? "has not ended"}`)

describe("recording a program", () => {
  it("takes down every step, with who asks whom to cancel itself, and where that arrives", async () => {
    const trace = await record(cancelling)

    assert.deepStrictEqual(traceText(trace), [
      "0 s: Task-1 begins; makes worker; sleeps until 1 s",
      "0 s: worker begins; sleeps until 1 h",
      "1 s: Task-1 goes on; asks worker to cancel itself: enough; waits for worker",
      "1 s: worker goes on; gets the cancellation: enough; prints “cleaning up”; ends cancelled",
      "1 s: Task-1 goes on; prints “over”; returns"
    ])
    assert.deepStrictEqual(trace.end, { kind: "returned", text: "" })
    assert.deepStrictEqual(outcomes(trace), ["Task-1 returned", "worker cancelled"])
  })

  it("is plain JSON, and the same every time", async () => {
    const trace = await record(cancelling)

    assert.deepStrictEqual(JSON.parse(JSON.stringify(trace)), JSON.parse(JSON.stringify(await record(cancelling))))
    assert.strictEqual(JSON.stringify(trace).includes("{}"), false)
  })

  it("sees a request travel through a task to the one it waits for", async () => {
    const trace = await record(
      running((asyncio) =>
        Effect.gen(function* () {
          const inner = yield* asyncio.createTask(asyncio.sleep("1 hour"), { name: "inner" })
          const outer = yield* asyncio.createTask(asyncio.gather([inner]), { name: "outer" })
          yield* asyncio.sleep(1)
          yield* outer.cancel()
          yield* asyncio.wait([outer])
        })
      )
    )

    assert.deepStrictEqual(
      trace.steps.flatMap(({ happenings }) => happenings.filter(({ type }) => type === "asked")),
      [
        { type: "asked", task: 2, by: "Task-1", reason: undefined, through: undefined },
        { type: "asked", task: 1, by: "Task-1", reason: undefined, through: 2 }
      ]
    )
  })

  it("tells a cancellation that is caught from one that ends the task", async () => {
    const caught = (trace: Trace) =>
      trace.steps.flatMap(({ happenings }) => happenings.flatMap((it) => (it.type === "arrived" ? [it.caught] : [])))
    const twice = running((asyncio) =>
      Effect.gen(function* () {
        const sleep = asyncio.sleep("1 hour")
        const stubborn = Effect.andThen(
          asyncio.catchCancelled(sleep, () => Effect.void),
          sleep
        )
        const task = yield* asyncio.createTask(stubborn)
        for (let n = 0; n < 2; n++) {
          yield* asyncio.sleep(1)
          yield* task.cancel()
        }
        yield* asyncio.wait([task])
      })
    )

    assert.deepStrictEqual(caught(await record(twice)), [true, false])
  })

  it("takes a callback of the loop for a step of nobody", async () => {
    const trace = await record(
      running((asyncio, console) =>
        Effect.gen(function* () {
          yield* (yield* asyncio.getRunningLoop).callSoon(() => console.log("called"))
          yield* asyncio.sleep(0)
        })
      )
    )

    assert.deepStrictEqual(traceText(trace), [
      "0 s: Task-1 begins; lets others go first",
      "0 s: a callback prints “called”",
      "0 s: Task-1 returns"
    ])
  })

  it("follows a task through a foreign effect, and into a failure", async () => {
    const trace = await record(running(() => Effect.andThen(Effect.sleep(5), Effect.fail("boom"))))

    assert.deepStrictEqual(traceText(trace), [
      "0 s: Task-1 begins; waits for what the loop does not know",
      "5 ms: Task-1 fails: boom"
    ])
    assert.deepStrictEqual(trace.end, { kind: "failed", text: "boom" })
  })

  it("prints what Effect logs, and values as a console does", async () => {
    const trace = await record(
      running((_, console) =>
        Effect.sync(() => console.log("text", 1, undefined, null, [1, "a"], { a: 1 }, new TypeError("no")))
      )
    )

    assert.deepStrictEqual(outputOf(trace), [`text 1 undefined null [1,"a"] {"a":1} TypeError: no`])
  })

  it("reports a failure that nobody retrieves, as the program does when nobody watches", async () => {
    const trace = await record(
      running((asyncio, console) =>
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop
          yield* loop.setExceptionHandler((_, { message }) => console.log(message))
          yield* asyncio.createTask(Effect.fail("boom"))
          yield* asyncio.sleep(1)
        })
      )
    )

    assert.deepStrictEqual(outputOf(trace), ["Task exception was never retrieved"])
  })
})

describe("a program that waits for ever", () => {
  it("ends with an error that names everybody, without the places of a module that nobody sees", async () => {
    const { end } = await record(
      running((asyncio) =>
        Effect.gen(function* () {
          const queue = yield* asyncio.Queue.make<number>()
          const consumer = Effect.fn("consumer")(function* () {
            return yield* queue.get
          })
          return yield* yield* asyncio.createTask(consumer(), { name: "eve" })
        })
      )
    )

    assert.deepStrictEqual(end.text.split("\n"), [
      "DeadlockError: every task waits and no timer is set:",
      "  Task-1 (coroutine() running) waits for eve",
      "  eve (consumer() running) waits for <Future pending cb=[Task.task_wakeup()]>"
    ])
  })
})

describe("a cancellation of the reader's", () => {
  const recordWith = async (at: { readonly after: number } | { readonly time: number }) => {
    const trace = await record(cancelling, { cancel: { task: 1, at } })
    return traceText(trace)
  }

  it("comes after a step, and changes nothing before it", async () => {
    const before = traceText(await record(cancelling))

    const after = await recordWith({ after: 1 })

    assert.deepStrictEqual(after.slice(0, 2), before.slice(0, 2))
    assert.deepStrictEqual(after.slice(2), [
      "0 s: you ask worker to cancel itself",
      "0 s: worker goes on; gets the cancellation: you asked; prints “cleaning up”; ends cancelled",
      "1 s: Task-1 goes on; waits for a future",
      "1 s: Task-1 goes on; prints “over”; returns"
    ])
  })

  it("comes at a time when nothing happens", async () => {
    assert.deepStrictEqual((await recordWith({ time: 500 })).slice(2, 4), [
      "500 ms: you ask worker to cancel itself",
      "500 ms: worker goes on; gets the cancellation: you asked; prints “cleaning up”; ends cancelled"
    ])
  })

  it("comes before the task has begun", async () => {
    assert.deepStrictEqual((await recordWith({ after: 0 })).slice(1, 3), [
      "0 s: you ask worker to cancel itself",
      "0 s: worker gets the cancellation: you asked; ends cancelled before it has begun"
    ])
  })

  it("comes before the program has begun", async () => {
    const trace = await record(cancelling, { cancel: { task: 0, at: { after: -1 } } })

    assert.deepStrictEqual(traceText(trace), [
      "0 s: you ask Task-1 to cancel itself",
      "0 s: Task-1 gets the cancellation: you asked; ends cancelled before it has begun"
    ])
    assert.deepStrictEqual(trace.end, { kind: "failed", text: "CancelledError: you asked" })
  })
})

describe("a program that is too long", () => {
  const forever = running((asyncio, console) =>
    Effect.forever(
      Effect.andThen(
        asyncio.sleep(1),
        Effect.sync(() => console.log("alive"))
      )
    )
  )

  it("is stopped after so many steps", async () => {
    const { end, steps } = await record(forever, { maxSteps: 10 })

    assert.deepStrictEqual(end, { kind: "stopped", text: "it took more than 10 steps" })
    assert.strictEqual(steps.length, 11)
  })

  it("is stopped after so many lines", async () => {
    const trace = await record(forever, { maxLines: 3 })

    assert.deepStrictEqual(trace.end, { kind: "stopped", text: "it printed more than 3 lines" })
  })

  it("is stopped even when it catches every cancellation", async () => {
    const stubborn = running((asyncio) => Effect.forever(asyncio.catchCancelled(asyncio.sleep(1), () => Effect.void)))

    // Waiting longer than the test may take: whoever ends it has to do so by itself.
    const { end } = await record(stubborn, { maxSteps: 10, patience: 600_000 })

    assert.deepStrictEqual(end, { kind: "stopped", text: "it took more than 10 steps" })
  })

  it("is stopped when it waits for the real world", async () => {
    const outside = running(() => Effect.promise(() => new Promise(() => {})))

    const { end } = await record(outside, { patience: 1 })

    assert.deepStrictEqual(end, { kind: "stopped", text: "it waits for something outside of the loop" })
  })
})

describe("the timelines of the pages", () => {
  it("print what their pages show", async () => {
    const traces = await allTraces()

    for (const { id, program } of allTimelines()) {
      const trace = traces.get(id)!
      const error = trace.end.kind === "returned" ? [] : [trace.end.text]
      assert.strictEqual([...outputOf(trace), ...error].join("\n"), program.shown?.code.trimEnd() ?? "", id)
    }
  })

  it("are on all the pages that tell of more than one task", () => {
    const pages = new Set(allTimelines().map(({ page }) => page))

    assert.isAtLeast(pages.size, 14)
  })
})

describe("recording async functions", () => {
  const trace = (cancel?: Cancel) =>
    recordRun(
      ({ makeLoop, printed }) => {
        const work = async () => {
          await compat.sleep(1000)
          await Promise.resolve()
          printed("behind a promise")
          await compat.sleep(1000)
          await Promise.resolve()
        }
        return compat.run(() => compat.createTask(work, { name: "work" }), { loopFactory: () => makeLoop() })
      },
      { asyncFunctions: true, cancel }
    )

  it("takes what a task does up to its next wait for one step", async () => {
    assert.deepStrictEqual(traceText(await trace()), [
      "0 s: Task-1 begins; makes work; waits for work",
      "0 s: work begins; sleeps until 1 s",
      "1 s: work goes on; prints “behind a promise”; sleeps until 2 s",
      "2 s: work returns",
      "2 s: Task-1 returns"
    ])
  })

  it("cancels a task behind such a step", async () => {
    assert.deepStrictEqual(traceText(await trace({ task: 1, at: { after: 2 } })).slice(2), [
      "1 s: work goes on; prints “behind a promise”; sleeps until 2 s",
      "1 s: you ask work to cancel itself",
      "1 s: work goes on; gets the cancellation: you asked; ends cancelled",
      "1 s: Task-1 goes on; sees that what it waited for was cancelled: you asked; ends cancelled"
    ])
  })

  it("tells of a wait for what is not of the loop", async () => {
    const found = await recordRun(
      ({ makeLoop }) => {
        const main = async () => {
          compat.createTask(() => compat.sleep(0), { name: "other" })
          await new Promise<void>((resolve) => void setTimeout(resolve, 1))
        }
        return compat.run(main, { loopFactory: () => makeLoop() })
      },
      { asyncFunctions: true }
    )

    assert.deepStrictEqual(traceText(found).slice(0, 2), [
      "0 s: Task-1 begins; makes other; waits for what the loop does not know",
      "0 s: other begins; lets others go first"
    ])
  })
})
