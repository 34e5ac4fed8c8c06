import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/compat"
import { collectReports, deferred, run, runningLoop, self, text } from "../support.ts"

const hour = () => asyncio.sleep("1 hour")
const plain = (millis: number) =>
  new Promise<string>((resolve) => void runningLoop().callLaterUnsafe(millis, resolve, "kept"))

/** `await using` puts the error of the block's end before that of the block. */
const nameOfFirst = (error: unknown) => (error as { readonly error: Error }).error.name

describe("shielded", () => {
  it("lets no cancellation in, gives its result, and delivers the request at the next await", () =>
    run(async () => {
      const lines: Array<unknown> = []
      const task = asyncio.createTask(async () => {
        const result = await asyncio.shielded(async () => {
          const signal = asyncio.currentSignal()
          await asyncio.sleep(5)
          await asyncio.sleep(5)
          return { before: signal.aborted, after: asyncio.currentSignal().aborted, task: self().getName() }
        })
        lines.push({ result, at: runningLoop().time() })
        await asyncio.sleep(0)
        lines.push("never")
      })
      for (const at of [1, 7]) {
        await asyncio.sleep(at)
        task.cancel(`at ${at}`)
      }

      lines.push({ failure: await text(task), at: runningLoop().time(), cancelled: task.cancelled() })

      assert.deepStrictEqual(lines, [
        { result: { before: false, after: false, task: "Task-2" }, at: 10 },
        { failure: "CancelledError: at 7", at: 10, cancelled: true }
      ])
    }))

  it("tells the signal around it, and not that of its body", () =>
    run(async () => {
      const lines: Array<string> = []
      const task = asyncio.createTask(async () => {
        asyncio.currentSignal().addEventListener("abort", () => lines.push("outside"))
        await asyncio.shielded(async () => {
          asyncio.currentSignal().addEventListener("abort", () => lines.push("inside"))
          await asyncio.sleep(10)
        })
        await hour()
      })
      await asyncio.sleep(1)
      task.cancel()
      await text(task)
      assert.deepStrictEqual(lines, ["outside"])
    }))

  it("lets a cancellation in when it was held back for the limit, through awaits and through the signal", () =>
    run(async () => {
      const bodies = [
        hour,
        () =>
          new Promise((_, reject) => asyncio.currentSignal().addEventListener("abort", () => reject(new Error("x")))),
        () => asyncio.sleep(102).then(hour)
      ]
      for (const body of bodies) {
        const start = runningLoop().time()
        const task = asyncio.createTask(() => asyncio.shielded(body, { limit: 5 }))
        await asyncio.sleep(100)
        task.cancel("stop")
        const end = await text(task)
        assert.deepStrictEqual([end.split("\n")[0], runningLoop().time() - start], [end, 105])
      }
    }))

  it("has it inside alone from the limit on: what goes on beside the shield is not cancelled for it", () =>
    run(async () => {
      const [inside, beside] = [deferred(), deferred()]
      const lines: Array<string> = []
      const nap = () => asyncio.sleep(1, "slept").catch(String)
      const body = async () => {
        await inside.promise
        lines.push(`inside ${await nap()}`)
      }
      const other = async () => {
        await beside.promise
        lines.push(`beside ${await nap()}`)
      }
      const task = asyncio.createTask(() => Promise.all([asyncio.shielded(body, { limit: 5 }), other()]))
      await asyncio.sleep(1)
      task.cancel("stop")
      await asyncio.sleep(10)

      beside.resolve()
      await asyncio.sleep(10)
      inside.resolve()

      await asyncio.wait([task])
      assert.deepStrictEqual(lines, ["beside slept", "inside CancelledError: stop"])
    }))

  it("holds back what was due before it began, and no longer than the limit", () =>
    run(async () => {
      const task = asyncio.createTask(async () => {
        self().cancel("by itself")
        await asyncio.shielded(hour, { limit: 5 })
      })
      assert.deepStrictEqual([await text(task), runningLoop().time()], ["CancelledError: by itself", 5])
    }))

  it("fails with a request that was let in and that its body has never seen", () =>
    run(async () => {
      const lines: Array<unknown> = []
      const untilAborted = (signal: AbortSignal) =>
        new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()))
      const body = async () => {
        await untilAborted(asyncio.currentSignal())
        return await asyncio.sleep(1, "result")
      }
      const task = asyncio.createTask(async () => {
        lines.push(await asyncio.shielded(body, { limit: 5 }).catch(String))
      })
      await asyncio.sleep(1)
      task.cancel("stop")
      await asyncio.wait([task])
      assert.deepStrictEqual(lines, ["CancelledError: stop"])
    }))

  it("leaves no timer when it ends before the limit", () =>
    run(async () => {
      const task = asyncio.createTask(async () => {
        await asyncio.shielded(() => asyncio.sleep(2), { limit: 5 })
        return runningLoop().snapshot().timers
      })
      await asyncio.sleep(1)
      task.cancel()
      await asyncio.wait([task])
      assert.strictEqual(runningLoop().snapshot().timers, 0)
    }))

  it("has a limit of its own code that cancels it, and then holds back again what is asked around it", () =>
    run(async () => {
      const lines: Array<unknown> = []
      const task = asyncio.createTask(async () => {
        await asyncio.shielded(async () => {
          try {
            await using _limit = asyncio.timeout(5)
            await hour()
          } catch (error) {
            lines.push(nameOfFirst(error))
          }
          lines.push(await asyncio.sleep(5, "inside"))
        })
      })
      await asyncio.sleep(7)
      task.cancel("outside")
      lines.push(await text(task), runningLoop().time())
      assert.deepStrictEqual(lines, ["TimeoutError", "inside", "CancelledError: outside", 10])
    }))

  it("has a limit of its own code that is delivered again where that only seems to clean up", () =>
    run(async () => {
      const lines: Array<unknown> = []
      const aborted = (signal: AbortSignal) =>
        new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))))
      const task = asyncio.createTask(() =>
        asyncio.shielded(async () => {
          try {
            await using _limit = asyncio.timeout(5)
            await aborted(asyncio.currentSignal()).catch(() => {})
            await hour()
          } catch (error) {
            lines.push(nameOfFirst(error), runningLoop().time())
          }
          lines.push(await asyncio.sleep(5, "inside"))
        })
      )
      await asyncio.sleep(6)
      lines.push(task.done())
      await asyncio.sleep(5001)
      task.cancel("outside")
      lines.push(await text(task), runningLoop().time())
      assert.deepStrictEqual(lines, [false, "TimeoutError", 5005, "inside", "CancelledError: outside", 5010])
    }))

  it("holds back what a timeout around it asks, whose body then has a result", () =>
    run(async () => {
      assert.strictEqual(await asyncio.timeout(5, () => asyncio.shielded(() => asyncio.sleep(10, "late"))), "late")
      const andThen = async () => {
        await asyncio.shielded(() => asyncio.sleep(10))
        await asyncio.sleep(0)
      }
      assert.strictEqual(await text(asyncio.timeout(5, andThen)), "TimeoutError")
      assert.isTrue((await asyncio.moveOn(5, () => asyncio.shielded(hour, { limit: 10 }))).timedOut)
      assert.strictEqual(runningLoop().time(), 35)
      assert.strictEqual(self().cancelling(), 0)
    }))

  it("gives its result to a timeout around it also where it waits for a plain promise, for however long", () =>
    run(async () => {
      const kept = (millis: number) => asyncio.timeout(5, () => asyncio.shielded(() => plain(millis)))
      const inGroup = asyncio.timeout(5, () =>
        asyncio.taskGroup(() => asyncio.timeout(10, () => asyncio.shielded(() => plain(40_000))))
      )

      assert.deepStrictEqual([await kept(30), await kept(60_000), await inGroup], ["kept", "kept", "kept"])
      assert.deepStrictEqual([runningLoop().time(), self().cancelling()], [60_030, 0])
    }))

  it("is over, and from then on a body is waited for as long as one without a shield", () =>
    run(async () => {
      const reports = collectReports(runningLoop())
      const body = async () => {
        await asyncio.shielded(() => plain(10_000))
        await new Promise(() => {})
      }

      assert.strictEqual(await text(asyncio.timeout(5, body)), "TimeoutError")
      assert.deepStrictEqual(
        [runningLoop().time(), reports.map(({ message }) => message)],
        [15_000, ["timeout() has given up on its body in Task-1, which did not end when its time was up"]]
      )
    }))

  it("has timeouts and groups inside that cancel what is inside, also while a request is held back", () =>
    run(async () => {
      const lines: Array<unknown> = []
      const task = asyncio.createTask(async () => {
        await asyncio.shielded(async () => {
          lines.push(await text(asyncio.timeout(5, hour)))
          lines.push((await asyncio.moveOn(5, hour)).timedOut)
          const grouped = asyncio.taskGroup(async (group) => {
            group.createTask(() => Promise.reject(new Error("boom")))
            await hour()
          })
          lines.push(await text(grouped))
          {
            await using _ = asyncio.timeout(100)
            lines.push(await asyncio.sleep(1, "inside"))
          }
        })
        lines.push("behind")
        await asyncio.sleep(1)
        lines.push("never")
      })
      await asyncio.sleep(2)
      task.cancel("outside")
      lines.push(await text(task))
      assert.deepStrictEqual(lines, [
        "TimeoutError",
        true,
        "ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)",
        "inside",
        "behind",
        "CancelledError: outside"
      ])
    }))

  it("beside others in a Promise.all is the only one that goes on", () =>
    run(async () => {
      const lines: Array<string> = []
      const task = asyncio.createTask(async () => {
        const shielded = asyncio.shielded(async () => {
          await asyncio.sleep(10)
          lines.push("shielded")
        })
        const beside = hour().catch((error: Error) => lines.push(`beside: ${String(error)}`))
        await Promise.all([shielded, beside])
        await asyncio.sleep(0)
        lines.push("went on")
      })
      await asyncio.sleep(1)
      task.cancel("stop")
      await task
      // The request was delivered, and caught, in the code beside.
      assert.deepStrictEqual(lines, ["beside: CancelledError: stop", "shielded", "went on"])
    }))

  it("goes on where nobody awaits it any more, as a part of what is around", async () => {
    const lines: Array<string> = []
    await run(async () => {
      const task = asyncio.createTask(async () => {
        void asyncio.shielded(async () => {
          await asyncio.sleep(5)
          lines.push("finished")
        })
        await asyncio.sleep(1)
      })
      await task
      lines.push("task is over")
      await asyncio.sleep(10)
    })
    assert.deepStrictEqual(lines, ["task is over", "finished"])
  })

  it("refuses what is no body and no limit", () =>
    run(async () => {
      assert.deepStrictEqual(
        [
          await text(asyncio.shielded(5 as never)),
          await text(asyncio.shielded(hour, 5 as never)),
          await text(asyncio.shielded(hour, { limit: Number.NaN }))
        ],
        [
          "TypeError: a function was expected by shielded(), got 5",
          "TypeError: an object of options was expected by shielded(), got 5",
          "ValueError: Invalid delay: NaN (not a number)"
        ]
      )
    }))
})
