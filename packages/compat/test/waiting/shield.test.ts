import * as asyncio from "@effect-asyncio/compat"
import { Effect } from "effect"
import type { ExceptionContext } from "@effect-asyncio/core"
import { assert, describe, it } from "vitest"
import { rejection, reportingTo, run, text, thrown } from "../support.ts"

describe("shield", () => {
  it("gives the result and the failure of what it protects", () =>
    run(async () => {
      const error = new Error("no")

      const seen = [
        await asyncio.shield(() => asyncio.sleep(1, "function")),
        await asyncio.shield(asyncio.createTask(() => "task")),
        await asyncio.shield(Promise.resolve("promise")),
        await asyncio.shield(Effect.succeed("effect")),
        (await rejection(asyncio.shield(() => Promise.reject(error)))) === error
      ]

      assert.deepStrictEqual(seen, ["function", "task", "promise", "effect", true])
    }))

  it("lets the work go on when the task that waits is cancelled", () =>
    run(async () => {
      const work = asyncio.createTask(() => asyncio.sleep(5, "saved"))
      const waiter = asyncio.createTask(async () => await asyncio.shield(work))
      await asyncio.sleep(1)

      waiter.cancel("not you")

      assert.deepStrictEqual(
        [await text(waiter), work.cancelling(), await work],
        ["CancelledError: not you", 0, "saved"]
      )
    }))

  it("lets the work go on when the shield itself is cancelled", () =>
    run(async () => {
      const work = asyncio.createTask(() => asyncio.sleep(5, "saved"))
      const shield = asyncio.shield(work)

      assert.isTrue(shield.cancel("enough"))

      assert.deepStrictEqual([await text(shield), await work], ["CancelledError: enough", "saved"])
    }))

  it("is cancelled when the work is", () =>
    run(async () => {
      const work = asyncio.createTask(() => asyncio.sleep(5))
      const shield = asyncio.shield(work)
      await asyncio.sleep(1)

      work.cancel()

      assert.deepStrictEqual(
        { isCancelledError: (await text(shield)).startsWith("CancelledError"), cancelled: shield.cancelled() },
        { isCancelledError: true, cancelled: true }
      )
    }))

  it("reports a failure that comes after it was cancelled, and that nobody retrieves", async () => {
    const reports: Array<ExceptionContext> = []
    const error = new Error("nobody waits")
    const main = async () => {
      const shield = asyncio.shield(async () => {
        await asyncio.sleep(5)
        throw error
      })
      await asyncio.sleep(1)
      shield.cancel()

      await asyncio.sleep(10)
    }

    await run(main, { loopFactory: reportingTo(reports) })

    assert.deepStrictEqual(
      reports.map(({ exception, message }) => [exception, message]),
      [[error, "Error exception in shielded future"]]
    )
  })

  it("gives a future that is done as it is", () =>
    run(async () => {
      const task = asyncio.createTask(() => 1)
      await task

      assert.strictEqual(asyncio.shield(task), task)
    }))

  it("throws at the call for what cannot be awaited", () =>
    run(async () => {
      assert.strictEqual(
        thrown(() => asyncio.shield(1 as unknown as Promise<number>)),
        "TypeError: An asyncio.Future, a coroutine or an awaitable is required"
      )
    }))
})
