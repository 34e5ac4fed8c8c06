/**
 * What kind of stop a cancellation is, through promises, signals and what hosts make of them.
 */
import * as asyncio from "@effect-asyncio/compat"
import { Effect } from "effect"
import { once, EventEmitter } from "node:events"
import { setTimeout as delay } from "node:timers/promises"
import { assert, describe, it } from "vitest"
import { rejection, run, self, thrown } from "../support.ts"

const hour = () => asyncio.sleep("1 hour")

/** How a task ended that was asked, or that its body asks, to stop. */
const endOf = async (task: PromiseLike<unknown>) => (await rejection(task)) as asyncio.CancelledError

const told = ({ kind, reason, requestedBy }: asyncio.CancelledError) => `${kind} by ${requestedBy}: ${reason}`

/** Cancels a task that runs `body`, because the client is gone. */
const disconnected = async (body: () => Promise<unknown>) => {
  const task = asyncio.createTask(body, { name: "request" })
  await asyncio.sleep(0)
  task.cancel("the client is gone", { kind: "disconnect" })
  return await endOf(task)
}

describe("the kind of a cancellation", () => {
  it("is the one that cancel was told, through plain promises, tasks, gather, a group and both borders", () =>
    run(async () => {
      const nested = async () => {
        await (async () => await hour())()
      }
      const bodies = [
        nested,
        async () => await asyncio.createTask(nested),
        async () => await asyncio.gather([nested, hour]),
        async () => await asyncio.taskGroup(async (group) => void group.createTask(nested)),
        async () => await asyncio.runEffect(asyncio.toEffect(nested)),
        async () => await asyncio.timeout("1 hour", nested),
        async () => await asyncio.shield(hour)
      ]

      const seen: Array<string> = []
      for (const body of bodies) seen.push(told(await disconnected(body)))

      assert.deepStrictEqual(
        seen,
        bodies.map(() => "disconnect by Task-1: the client is gone")
      )
    }))

  it("is in the reason of the signal, and in what a host has made of that", () =>
    run(async () => {
      const seen: Array<unknown> = []
      const signals = [
        (signal: AbortSignal) => delay(1_000_000, undefined, { signal }),
        (signal: AbortSignal) => once(new EventEmitter(), "never", { signal }),
        (signal: AbortSignal) => delay(1_000_000, undefined, { signal: AbortSignal.any([signal]) }),
        (signal: AbortSignal) =>
          new Promise((_, reject) =>
            signal.addEventListener("abort", () => reject(new Error("query failed", { cause: signal.reason })))
          )
      ]
      for (const wait of signals) {
        const error = await disconnected(async () => {
          const signal = asyncio.currentSignal()
          signal.addEventListener("abort", () => seen.push((signal.reason as asyncio.CancelledError).kind))
          await wait(signal)
        })
        seen.push(told(error))
      }

      assert.deepStrictEqual(
        seen,
        signals.flatMap(() => ["disconnect", "disconnect by Task-1: the client is gone"])
      )
    }))

  it("is signal for a task that a signal of the program has ended, with the signal's reason as its cause", () =>
    run(async () => {
      const controller = new AbortController()
      const reason = new Error("page closed")
      const task = asyncio.createTask(hour, { signal: controller.signal })
      const late = asyncio.createTask(hour, { signal: AbortSignal.abort(reason) })
      await asyncio.sleep(0)

      controller.abort(reason)

      const errors = [await endOf(task), await endOf(late)]
      assert.deepStrictEqual(
        errors.map((error) => [error.kind, error.reason, error.cause === reason]),
        [
          ["signal", "page closed", true],
          ["signal", "page closed", true]
        ]
      )
    }))

  it("goes on where the signal is another task's", () =>
    run(async () => {
      const tied: Array<asyncio.Task<void>> = []
      const owner = asyncio.createTask(
        async () => {
          const signal = asyncio.currentSignal()
          tied.push(asyncio.createTask(hour, { name: "tied", signal }))
          tied.push(asyncio.createTask(hour, { name: "combined", signal: AbortSignal.any([signal]) }))
          await hour()
        },
        { name: "owner" }
      )
      await asyncio.sleep(0)

      owner.cancel("the client is gone", { kind: "disconnect" })

      const errors = [await endOf(tied[0]!), await endOf(tied[1]!)]
      assert.deepStrictEqual(
        errors.map((error) => [told(error), error.message]),
        [
          ["disconnect by Task-1: the client is gone", "the client is gone"],
          ["disconnect by Task-1: the client is gone", "the client is gone"]
        ]
      )
    }))

  it("is timeout with the deadline for the signal of a body whose time was up", () =>
    run(async () => {
      await asyncio.sleep(100)
      let seen: asyncio.CancelledError | undefined
      await rejection(
        asyncio.timeout(5, async () => {
          const signal = asyncio.currentSignal()
          signal.addEventListener("abort", () => (seen = signal.reason as asyncio.CancelledError))
          await hour()
        })
      )

      assert.deepStrictEqual([seen?.kind, seen?.deadline], ["timeout", 105])
    }))

  it("is known to an Effect that promise code runs, and the reverse", () =>
    run(async () => {
      const seen: Array<string> = []
      const noting = Effect.onInterrupt(Effect.never, () => Effect.sync(() => seen.push("interrupted")))
      const error = await disconnected(() => asyncio.runEffect(noting))

      assert.deepStrictEqual([told(error), seen], ["disconnect by Task-1: the client is gone", ["interrupted"]])
    }))

  it("is refused where it is no name", () =>
    run(async () => {
      const task = asyncio.createTask(hour)

      assert.deepStrictEqual(
        [thrown(() => task.cancel("why", { kind: 1 as never })), thrown(() => task.cancel("why", "gone" as never))],
        [
          "TypeError: a kind of cancellation was expected by cancel(), got 1",
          "TypeError: an object of options was expected by cancel(), got 'gone'"
        ]
      )
      assert.strictEqual(task.cancelling(), 0)
    }))

  it("is refused where it is one of ours in another spelling, also as the name of a handler", () =>
    run(async () => {
      const task = asyncio.createTask(hour)
      const handlers = { "time-out": () => "late" } as never

      assert.deepStrictEqual(
        [
          thrown(() => task.cancel("why", { kind: "Timeout" as never })),
          String(await asyncio.catchCancelled(hour, handlers).catch((error: unknown) => error))
        ],
        [
          "TypeError: a kind of cancellation was expected by cancel(), got 'Timeout'",
          "TypeError: a kind of cancellation was expected by catchCancelled(), got 'time-out'"
        ]
      )
      assert.strictEqual(task.cancelling(), 0)
    }))
})

describe("requests", () => {
  it("say who asked whom, also behind an await of a plain promise", () =>
    run(async () => {
      const leaf = asyncio.createTask(hour, { name: "leaf" })
      const middle = asyncio.createTask(async () => await (async () => await leaf)(), { name: "middle" })
      const top = asyncio.createTask(async () => await asyncio.gather([middle]), { name: "top" })
      await asyncio.sleep(1)

      top.cancel()

      const { requests } = await endOf(leaf)
      assert.deepStrictEqual(
        requests.map(({ by, to }) => `${by} > ${to}`),
        ["Task-1 > top", "top > middle", "middle > leaf"]
      )
    }))
})

describe("catchCancelled with a handler for each kind", () => {
  const request = () =>
    asyncio.catchCancelled(hour, {
      disconnect: (error) => `499 ${error.reason}`,
      timeout: async (error) => `504 at ${error.deadline}`
    })

  it("calls the one for the kind, and goes on with what it gives", () =>
    run(async () => {
      const task = asyncio.createTask(request)
      await asyncio.sleep(0)
      task.cancel("gone", { kind: "disconnect" })

      const { value } = await asyncio.moveOn(5, request)

      assert.deepStrictEqual([await task, value], ["499 gone", "504 at 5"])
    }))

  it("lets the others pass, as the task's own", () =>
    run(async () => {
      const task = asyncio.createTask(request)
      await asyncio.sleep(0)
      task.cancel("enough")
      await asyncio.wait([task])

      assert.deepStrictEqual([task.cancelled(), task.cancelling()], [true, 1])
    }))

  it("sees the kind behind what a host has made of the signal", () =>
    run(async () => {
      const task = asyncio.createTask(() =>
        asyncio.catchCancelled(() => delay(1_000_000, "late", { signal: self().signal }), {
          disconnect: () => "gone"
        })
      )
      await asyncio.sleep(0)
      task.cancel("gone", { kind: "disconnect" })

      assert.strictEqual(await task, "gone")
    }))
})
