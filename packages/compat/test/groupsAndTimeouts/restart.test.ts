import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/compat"
import type { ExceptionContext } from "@effect-asyncio/core"
import { reportingTo, run, runningLoop, text, thrown } from "../support.ts"

const hour = () => asyncio.sleep("1 hour")
const fails = async (message: string) => {
  await asyncio.sleep(1)
  throw new Error(message)
}

describe("restart", () => {
  it("runs it again after times that grow, and tells the exception handler of each failure", async () => {
    const lines: Array<unknown> = []
    const reports: Array<ExceptionContext> = []
    let runs = 0
    const worker = async () => {
      lines.push(runningLoop().time())
      await asyncio.sleep(1)
      if (++runs <= 4) throw new Error(`crash ${runs}`)
      return "works"
    }
    const task = () => asyncio.createTask(asyncio.restart(worker, { delay: 10, max: 30 }))
    await run(
      async () => {
        const made = task()
        lines.push(String(made).includes("coro=<worker()"), await made)
      },
      { loopFactory: reportingTo(reports) }
    )
    assert.deepStrictEqual(lines, [0, 11, 32, 63, 94, true, "works"])
    assert.deepStrictEqual(
      reports.map(({ exception, message }) => `${message}: ${String(exception)}`),
      [10, 20, 30, 30].map((delay, i) => `Task-2 has failed and is begun again in ${delay} ms: Error: crash ${i + 1}`)
    )
  })

  it("tells in one line whose run has failed, whatever the task is called", async () => {
    const reports: Array<ExceptionContext> = []
    let runs = 0
    const worker = async () => {
      if (++runs === 1) throw new Error("crash")
    }
    await run(() => asyncio.createTask(asyncio.restart(worker), { name: "a\nb" }), {
      loopFactory: reportingTo(reports)
    })
    assert.deepStrictEqual(
      reports.map(({ message }) => message),
      ["a\\nb has failed and is begun again in 100 ms"]
    )
  })

  it("fails as the last run did, and begins to count anew when a run has lasted", () =>
    run(async () => {
      const delays: Array<number> = []
      let runs = 0
      const worker = async () => {
        await asyncio.sleep(++runs === 3 ? 100 : 1)
        throw new Error(`crash ${runs}`)
      }
      const onRestart = async (_: unknown, delay: number) => void delays.push(delay)
      const options = { delay: 10, times: 2, resetAfter: 50, onRestart }
      assert.strictEqual(await text(asyncio.restart(worker, options)()), "Error: crash 5")
      assert.deepStrictEqual(delays, [10, 20, 10, 20])
    }))

  it("lets a cancellation pass, in a run and between two, also one that a library has made into its own", () =>
    run(async () => {
      const listening = () =>
        new Promise((_, reject) =>
          asyncio.currentSignal().addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")))
        )
      for (const worker of [hour, listening, () => Promise.reject(new Error("crash"))]) {
        const task = asyncio.createTask(asyncio.restart(worker, { delay: 100, onRestart: () => {} }))
        await asyncio.sleep(5)
        task.cancel("stop")
        await text(task)
        assert.isTrue(task.cancelled())
      }
    }))

  it("lets the cancellation of a task pass that it waits for, and a Ctrl-C", () =>
    run(async () => {
      const failures: Array<unknown> = []
      const awaiting = async () => {
        const other = asyncio.createTask(hour)
        other.cancel("other")
        await other
      }
      const interrupt = new asyncio.KeyboardInterrupt()
      for (const worker of [awaiting, () => Promise.reject(interrupt)]) {
        const restarted = asyncio.restart(worker, { onRestart: () => failures.push("restarted") })
        failures.push(await restarted().catch(String))
      }
      assert.deepStrictEqual(failures, ["CancelledError: other", String(interrupt)])
    }))

  it("begins nothing anew that fails in its cleanup when it is to end, whoever asks", async () => {
    const lines: Array<unknown> = []
    const reports: Array<ExceptionContext> = []
    const worker = async () => {
      try {
        await hour()
      } finally {
        await fails("cleanup")
      }
    }
    const restarted = asyncio.restart(worker)
    const main = async () => {
      const task = asyncio.createTask(restarted)
      await asyncio.sleep(5)
      task.cancel("stop")
      lines.push(await text(task))
      const group = asyncio.taskGroup(async (group) => {
        group.createTask(restarted)
        await asyncio.sleep(5)
        group.cancel()
      })
      lines.push(await text(group))
      lines.push(await text(asyncio.timeout(5, restarted)), await text(asyncio.moveOn(5, restarted)))
      lines.push(runningLoop().time())
      // A request that was made before, and withdrawn inside, is none for the run.
      await asyncio.moveOn(
        50,
        asyncio.restart(() => asyncio.timeout(5, hour), { delay: 10, factor: 1 })
      )
      lines.push(runningLoop().time())
    }
    await run(main, { loopFactory: reportingTo(reports) })
    const failed = "ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)"
    assert.deepStrictEqual(lines, ["Error: cleanup", failed, "Error: cleanup", "Error: cleanup", 24, 74])
    assert.strictEqual(reports.length, 3)
  })

  it("begins anew at once however fast no time grows", () =>
    run(async () => {
      let runs = 0
      const worker = async () => {
        if (++runs < 4) throw new Error("crash")
        return runningLoop().time()
      }
      assert.strictEqual(await asyncio.restart(worker, { delay: 0, factor: Infinity, onRestart: () => {} })(), 0)
    }))

  it("refuses wrong arguments at the call", () => {
    assert.deepStrictEqual(
      [
        thrown(() => asyncio.restart(5 as never)),
        thrown(() => asyncio.restart(hour, 5 as never)),
        thrown(() => asyncio.restart(hour, { delay: -1 })),
        thrown(() => asyncio.restart(hour, { factor: Number.NaN })),
        thrown(() => asyncio.restart(hour, { times: "5" as never })),
        thrown(() => asyncio.restart(hour, { onRestart: 5 as never }))
      ],
      [
        "TypeError: a function was expected by restart(), got 5",
        "TypeError: an object of options was expected by restart(), got 5",
        "ValueError: delay must be >= 0",
        "ValueError: factor must be >= 0",
        "TypeError: a number was expected for times of restart(), got '5'",
        "TypeError: a function was expected by restart(), got 5"
      ]
    )
  })
})
