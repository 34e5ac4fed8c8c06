// One test for each row of the table in docs/design.md, then what follows from them.
import * as asyncio from "@effect-asyncio/compat"
import { Effect } from "effect"
import { assert, describe, it } from "vitest"
import { deferred, macrotask, rejection, run, runningLoop, self, text } from "../support.ts"

const sleeper = (name?: string) => asyncio.createTask(() => asyncio.sleep("1 day"), { name })

describe("cancel", () => {
  it("returns false and changes nothing when the task is done", () =>
    run(async () => {
      const task = asyncio.createTask(() => "value")
      await task

      const accepted = task.cancel()

      assert.deepStrictEqual(
        { accepted, cancelled: task.cancelled(), cancelling: task.cancelling(), result: await task },
        { accepted: false, cancelled: false, cancelling: 0, result: "value" }
      )
    }))

  // test_cancel_with_message_before_starting_task
  it("never runs the function of a task that has not started", () =>
    run(async () => {
      let ran = false
      const task = asyncio.createTask(() => (ran = true))

      const accepted = task.cancel("my message")

      assert.deepStrictEqual(
        { accepted, done: task.done(), cancelled: task.cancelled() },
        { accepted: true, done: false, cancelled: false }
      )
      assert.strictEqual(await text(task), "CancelledError: my message")
      assert.deepStrictEqual({ ran, cancelled: task.cancelled() }, { ran: false, cancelled: true })
    }))

  // test_task_cancel_sleeping_task
  it("ends the sleep of a task, which sees the cancellation when it next runs and not before", () =>
    run(async () => {
      const lines: Array<string> = []
      const task = asyncio.createTask(async () => {
        try {
          await asyncio.sleep("1 day")
        } catch (error) {
          lines.push(`task sees ${error}`)
          throw error
        }
      })
      await asyncio.sleep(0)

      task.cancel("now")

      lines.push("cancel returned")
      lines.push(`main sees ${await text(task)}`)
      assert.deepStrictEqual(lines, [
        "cancel returned",
        "task sees CancelledError: now",
        "main sees CancelledError: now"
      ])
      assert.strictEqual(runningLoop().time(), 0)
    }))

  // test_cancel_both_task_and_inner_future, test_awaitables_chain
  it("is passed on to the task that is awaited, over any number of them", () =>
    run(async () => {
      const innermost = sleeper()
      const middle = asyncio.createTask(async () => innermost)
      const outer = asyncio.createTask(async () => middle)
      for (const _ of [1, 2, 3]) await asyncio.sleep(0)

      outer.cancel("all of you")

      assert.strictEqual(await text(outer), "CancelledError: all of you")
      assert.deepStrictEqual(
        [innermost, middle, outer].map((task) => [task.cancelled(), task.cancelling()]),
        [
          [true, 1],
          [true, 1],
          [true, 1]
        ]
      )
    }))

  it("can be refused by the task that is awaited: then the awaiting one gets its result", () =>
    run(async () => {
      const inner = asyncio.createTask(() => asyncio.sleep("1 day").catch(() => "refused"))
      const outer = asyncio.createTask(async () => `got ${await inner}`)
      await asyncio.sleep(0)
      await asyncio.sleep(0)

      const accepted = outer.cancel()

      assert.deepStrictEqual(
        { accepted, result: await outer, cancelled: outer.cancelled(), cancelling: outer.cancelling() },
        { accepted: true, result: "got refused", cancelled: false, cancelling: 1 }
      )
    }))

  // test_cancel_inner_future
  it("of an awaited task alone is a CancelledError to those who await it, which they may catch", () =>
    run(async () => {
      const inner = sleeper()
      const catching = asyncio.createTask(() => text(inner))
      const ending = asyncio.createTask(async () => inner)
      await asyncio.sleep(0)

      inner.cancel("only you")

      // The message is for the first who asks, as in CPython.
      assert.deepStrictEqual([await catching, await text(ending)], ["CancelledError: only you", "CancelledError"])
      assert.deepStrictEqual(
        {
          catchingCancelling: catching.cancelling(),
          endingCancelling: ending.cancelling(),
          endingCancelled: ending.cancelled()
        },
        { catchingCancelling: 0, endingCancelling: 0, endingCancelled: true }
      )
    }))

  it("is delivered instead of the value when the task is woken but not resumed yet", () =>
    run(async () => {
      const inner = asyncio.createTask(() => asyncio.sleep(1, "value"))
      // Added before the task awaits, so it runs after the inner task's end and before the outer's wake-up.
      inner.addDoneCallback(() => outer.cancel("too late for the value"))
      const outer = asyncio.createTask(async () => inner)

      assert.strictEqual(await text(outer), "CancelledError: too late for the value")
      assert.deepStrictEqual([inner.result(), outer.cancelled()], ["value", true])
    }))

  it("is delivered when the task is woken, although the loser of a race is in flight", () =>
    run(async () => {
      const inner = asyncio.createTask(() => asyncio.sleep(2, "value"))
      inner.addDoneCallback(() => outer.cancel("not to the loser"))
      const outer = asyncio.createTask(async () => {
        await Promise.race([asyncio.sleep(1), asyncio.sleep("1 day")])
        return inner
      })

      assert.strictEqual(await text(outer), "CancelledError: not to the loser")
    }))

  // test_cancel_yield
  it("is delivered at the end of a sleep(0)", () =>
    run(async () => {
      const task = asyncio.createTask(async () => {
        await asyncio.sleep(0)
        return "went on"
      })
      await asyncio.sleep(0)

      task.cancel()

      assert.strictEqual(await text(task), "CancelledError")
    }))

  // test_cancel_current_task
  it("of itself is delivered at the task's next await", () =>
    run(async () => {
      const lines: Array<string> = []
      const task = asyncio.createTask(async () => {
        lines.push(`${self().cancel("me")}`)
        await Promise.resolve()
        lines.push("a plain await goes on")
        await asyncio.sleep("1 day").catch((error: unknown) => lines.push(`${error}`))
        await asyncio.sleep(1)
        lines.push("only once")
        return "result"
      })

      lines.push(await task)

      assert.deepStrictEqual(lines, ["true", "a plain await goes on", "CancelledError: me", "only once", "result"])
      assert.strictEqual(runningLoop().time(), 1)
    }))

  // test_cancel_awaited_task
  it("of itself cancels the task that is awaited next, and what that waits for", () =>
    run(async () => {
      const inner = sleeper()
      const outer = asyncio.createTask(async () => {
        await asyncio.sleep(0)
        self().cancel()
        await inner
      })

      assert.strictEqual(await text(outer), "CancelledError")
      assert.deepStrictEqual([inner.cancelled(), runningLoop().time()], [true, 0])
    }))

  // test_cancel_at_end
  it("of itself ends the task cancelled when it returns without another await", () =>
    run(async () => {
      const task = asyncio.createTask(async () => {
        self().cancel("at the end")
        return "lost"
      })

      assert.strictEqual(await text(task), "CancelledError: at the end")
      assert.isTrue(task.cancelled())
    }))

  it("of itself gives way to an error that is thrown before another await", () =>
    run(async () => {
      const task = asyncio.createTask(async () => {
        self().cancel()
        throw new Error("wins")
      })

      assert.strictEqual(await text(task), "Error: wins")
      assert.isFalse(task.cancelled())
    }))

  it("of a task stuck on a plain promise aborts its signal and is delivered at its next await", () =>
    run(async () => {
      const plain = deferred()
      const reasons: Array<unknown> = []
      const task = asyncio.createTask(async () => {
        const { signal } = self()
        signal.addEventListener("abort", () => reasons.push(signal.aborted))
        await plain.promise
        await asyncio.sleep("1 day")
      })
      await asyncio.sleep(0)

      task.cancel("wake up")

      await macrotask()
      assert.deepStrictEqual([reasons, task.done()], [[true], false])
      plain.resolve()
      assert.strictEqual(await text(task), "CancelledError: wake up")
      assert.strictEqual(runningLoop().time(), 0)
    }))

  it("of a task stuck on a plain promise ends it cancelled when it returns after that", () =>
    run(async () => {
      const plain = deferred()
      const task = asyncio.createTask(() => plain.promise)
      await asyncio.sleep(0)
      task.cancel()

      plain.resolve()

      assert.strictEqual(await text(task), "CancelledError")
    }))

  it("cancels every await in flight", () =>
    run(async () => {
      const inner = sleeper()
      const outcomes: Array<PromiseSettledResult<unknown>> = []
      const task = asyncio.createTask(async () => {
        outcomes.push(
          ...(await Promise.allSettled([asyncio.sleep(1000), asyncio.sleep(2000), inner, asyncio.sleep(3000)]))
        )
      })
      await asyncio.sleep(1)

      task.cancel("all")
      await task

      assert.deepStrictEqual(
        outcomes.map((outcome) => (outcome.status === "rejected" ? `${outcome.reason}` : outcome.status)),
        ["CancelledError: all", "CancelledError: all", "CancelledError: all", "CancelledError: all"]
      )
      assert.deepStrictEqual([inner.cancelled(), runningLoop().time()], [true, 1])
    }))

  it("asks a task once that is awaited twice at a time", () =>
    run(async () => {
      const inner = sleeper()
      const outer = asyncio.createTask(() => Promise.all([inner, inner]))
      await asyncio.sleep(1)

      outer.cancel()

      assert.strictEqual(inner.cancelling(), 1)
      assert.strictEqual(await text(outer), "CancelledError")
    }))

  it("asks a task once that two Effects of the function await at a time", () =>
    run(async () => {
      const awaited = asyncio.createTask(() => asyncio.sleep(1))
      const task = asyncio.createTask(() =>
        Promise.all([asyncio.runEffect(awaited.core), asyncio.runEffect(Effect.asVoid(awaited.core))])
      )
      await asyncio.sleep(0)

      task.cancel()

      const requests = awaited.cancelling()
      await asyncio.wait([task])
      assert.deepStrictEqual({ requests, cancelled: task.cancelled() }, { requests: 1, cancelled: true })
    }))

  it("says who asked and why", () =>
    run(async () => {
      const target = sleeper("target")
      asyncio.createTask(() => target.cancel("shutting down"), { name: "killer" })

      const error = await rejection(target)

      assert.instanceOf(error, asyncio.CancelledError)
      assert.deepStrictEqual(
        [error.reason, error.message, error.requestedBy?.name, error._tag],
        ["shutting down", "shutting down", "killer", "CancelledError"]
      )
    }))

  it("names nobody when no task asked", () =>
    run(async () => {
      const target = sleeper()
      runningLoop().callSoonUnsafe(() => target.cancel())

      const error = await rejection(target)

      assert.instanceOf(error, asyncio.CancelledError)
      assert.deepStrictEqual([error.reason, error.requestedBy?.name], [undefined, undefined])
    }))

  it("names the task whose code asks after any number of plain awaits", () =>
    run(async () => {
      const target = sleeper()
      asyncio.createTask(
        async () => {
          await macrotask()
          await Promise.resolve()
          target.cancel()
        },
        { name: "patient killer" }
      )

      const error = await rejection(target)

      assert.instanceOf(error, asyncio.CancelledError)
      assert.strictEqual(error.requestedBy?.name, "patient killer")
    }))
})

describe("a request of one part of a function, beside one of the task that is due", () => {
  /** What two parts, both woken in the iteration in which their task is cancelled and then the time of the second is up, see. */
  const program = (body: (lines: Array<string>) => Promise<unknown>) =>
    run(async () => {
      const lines: Array<string> = []
      const loop = asyncio.getRunningLoop()
      const [first, second] = [loop.createFuture<void>(), loop.createFuture<void>()]
      const tell = (part: string) => (error: unknown) => {
        lines.push(`${part}: ${(error as asyncio.CancelledError).reason}`)
        throw error
      }
      const task = asyncio.createTask(async () => {
        loop.callLater(5, () => {
          first.setResult()
          second.setResult()
          task.cancel("enough")
        })
        const other = first.then(() => asyncio.sleep(0)).catch(tell("other"))
        const limited = asyncio.timeout(5, () => second.then(() => body(lines)).catch(tell("limited")))
        const ends = await Promise.allSettled([other, limited])
        lines.push(
          ...ends.map((end) =>
            end.status === "rejected" ? String((end.reason as asyncio.CancelledError).reason) : "ended"
          )
        )
      })
      await asyncio.wait([task])
      return [...lines, `at ${runningLoop().time()}`]
    })

  it("arrives in that part, and that of the task in the other", async () => {
    assert.deepStrictEqual(await program(() => asyncio.sleep("1 day")), [
      "other: enough",
      "limited: the time was up",
      "enough",
      "enough",
      "at 5"
    ])
  })

  it("is the one that is delivered, once, where there is no other part", () =>
    run(async () => {
      const lines: Array<unknown> = []
      const loop = asyncio.getRunningLoop()
      const woken = loop.createFuture<void>()
      const task = asyncio.createTask(async () => {
        loop.callLater(5, () => {
          woken.setResult()
          task.cancel("enough")
        })
        const see = (error: asyncio.CancelledError) => lines.push([error.message, error.reason])
        await asyncio.timeout(5, () => woken.then(() => asyncio.sleep("1 day")).catch(see))
        await asyncio.sleep(1)
        lines.push(self().cancelling())
      })

      await asyncio.wait([task])

      assert.deepStrictEqual([lines, runningLoop().time()], [[["", "the time was up"], 1], 6])
    }))

  it("is the one that comes next where the part ended without an await", () =>
    run(async () => {
      const loop = asyncio.getRunningLoop()
      const plain = deferred()
      const task = asyncio.createTask(async () => {
        loop.callLater(5, () => void task.cancel("enough"))
        loop.callLater(6, plain.resolve)
        await asyncio.timeout(5, () => plain.promise)
        const error = await rejection(asyncio.sleep(1))
        return [(error as asyncio.CancelledError).message, (error as asyncio.CancelledError).reason]
      })

      assert.deepStrictEqual([await task, task.cancelling()], [["", "enough"], 1])
    }))
})
