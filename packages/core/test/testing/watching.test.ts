import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { type LoopEvent, makeVirtualTimeLoop, type TaskWait } from "@effect-asyncio/core/testing"
import { Effect, Exit } from "effect"
import { run } from "../support.ts"

const textOf = (wait: TaskWait): string => {
  if (wait.kind === "sleep") return `sleep until ${wait.until}`
  if (wait.kind === "tasks") return wait.tasks.map((task) => task.getName()).join(" and ")
  return wait.kind === "object" ? wait.object : wait.kind
}

const lineOf = (event: LoopEvent): string => {
  const name = event.task.getName()
  switch (event.type) {
    case "created":
      return `${event.by?.getName() ?? "nobody"} makes ${name}`
    case "stepStarted":
      return event.cancellation === undefined ? `${name} goes on` : `${name} gets a cancellation`
    case "stepEnded":
      return event.waitingFor === undefined ? `${name} stops` : `${name} waits: ${textOf(event.waitingFor)}`
    case "cancelRequested":
      return `${event.by?.getName() ?? "nobody"} cancels ${name}: ${event.error.reason}`
  }
  return `${name} is ${event.task.cancelled() ? "cancelled" : Exit.isSuccess(event.exit) ? "done" : "failed"}`
}

/** What a watched program does, each line with its time. */
const watch = async (main: Effect.Effect<unknown, unknown>): Promise<ReadonlyArray<string>> => {
  const lines: Array<string> = []
  const loop: asyncio.EventLoop = makeVirtualTimeLoop({
    onEvent: (event) => lines.push(`${loop.time()} ${lineOf(event)}`)
  })
  await run(main, { loopFactory: () => loop }).catch(() => {})
  return lines
}

describe("watching a loop", () => {
  it("tells of every step, and what comes after it", async () => {
    const worker = Effect.andThen(asyncio.sleep(0), asyncio.sleep(5))
    const main = Effect.flatMap(asyncio.createTask(worker, { name: "worker" }), (task) => task)

    assert.deepStrictEqual(await watch(main), [
      "0 nobody makes Task-1",
      "0 Task-1 goes on",
      "0 Task-1 makes worker",
      "0 Task-1 waits: worker",
      "0 worker goes on",
      "0 worker waits: iteration",
      "0 worker goes on",
      "0 worker waits: sleep until 5",
      "5 worker goes on",
      "5 worker is done",
      "5 worker stops",
      "5 Task-1 goes on",
      "5 Task-1 is done",
      "5 Task-1 stops"
    ])
  })

  it("tells of a cancellation: who is asked, to whom it is passed on, where it arrives", async () => {
    const main = Effect.gen(function* () {
      const inner = yield* asyncio.createTask(asyncio.sleep("1 hour"), { name: "inner" })
      const outer = yield* asyncio.createTask(inner, { name: "outer" })
      yield* asyncio.sleep(5)
      yield* outer.cancel("enough")
      yield* asyncio.wait([outer])
    })

    const lines = await watch(main)

    assert.deepStrictEqual(lines.slice(lines.indexOf("5 Task-1 goes on")), [
      "5 Task-1 goes on",
      "5 Task-1 cancels outer: enough",
      "5 Task-1 cancels inner: enough",
      "5 Task-1 waits: outer",
      "5 inner gets a cancellation",
      "5 inner is cancelled",
      "5 inner stops",
      "5 outer gets a cancellation",
      "5 outer is cancelled",
      "5 outer stops",
      "5 Task-1 goes on",
      "5 Task-1 is done",
      "5 Task-1 stops"
    ])
  })

  it("tells of a task that is cancelled before its first step", async () => {
    const main = Effect.gen(function* () {
      const task = yield* asyncio.createTask(Effect.void, { name: "late" })
      yield* task.cancel()
      yield* asyncio.wait([task])
    })

    assert.deepStrictEqual((await watch(main)).slice(2), [
      "0 Task-1 makes late",
      "0 Task-1 cancels late: undefined",
      "0 Task-1 waits: late",
      "0 late is cancelled",
      "0 Task-1 goes on",
      "0 Task-1 is done",
      "0 Task-1 stops"
    ])
  })

  it("tells of tasks in foreign effects when they wait for the loop again, at that time", async () => {
    const main = Effect.andThen(asyncio.sleep(0), Effect.andThen(Effect.sleep(5), asyncio.sleep(10)))

    assert.deepStrictEqual(await watch(main), [
      "0 nobody makes Task-1",
      "0 Task-1 goes on",
      "0 Task-1 waits: iteration",
      "0 Task-1 goes on",
      "0 Task-1 waits: elsewhere",
      "5 Task-1 waits: sleep until 15",
      "15 Task-1 goes on",
      "15 Task-1 is done",
      "15 Task-1 stops"
    ])
  })

  it("tells of a task that ends in a foreign effect", async () => {
    assert.deepStrictEqual((await watch(Effect.sleep(5))).slice(2), ["0 Task-1 waits: elsewhere", "5 Task-1 is done"])
  })

  it("nests the first step of a task that starts eagerly, which is done if it does not wait", async () => {
    const main = Effect.gen(function* () {
      yield* asyncio.createTask(Effect.void, { name: "quick", eagerStart: true })
      yield* asyncio.createTask(asyncio.sleep(1), { name: "slow", eagerStart: true })
    })

    assert.deepStrictEqual((await watch(main)).slice(1, 12), [
      "0 Task-1 goes on",
      "0 Task-1 makes quick",
      "0 quick goes on",
      "0 quick is done",
      "0 quick stops",
      "0 Task-1 makes slow",
      "0 slow goes on",
      "0 slow waits: sleep until 1",
      "0 Task-1 is done",
      "0 Task-1 stops",
      "0 nobody cancels slow: its run is over"
    ])
  })

  it("says what a task waits for", async () => {
    const waits = async (wait: Effect.Effect<unknown, unknown>) => {
      const lines = await watch(asyncio.timeout(1, wait))
      return lines.find((line) => line.startsWith("0 Task-1 waits: "))?.slice("0 Task-1 waits: ".length)
    }
    const slow = asyncio.sleep("1 hour")

    assert.deepStrictEqual(
      [
        await waits(asyncio.gather([slow, slow])),
        await waits(asyncio.taskGroup((group) => group.createTask(slow, { name: "member" }))),
        await waits(Effect.flatMap(asyncio.Queue.make<number>(), (queue) => queue.get)),
        await waits(Effect.flatMap(asyncio.Event.make(), (event) => event.wait)),
        await waits(Effect.flatMap(asyncio.getRunningLoop, (loop) => Effect.flatten(loop.createFuture<void>()))),
        await waits(Effect.never)
      ],
      [
        "Task-2 and Task-3",
        "member",
        "<Queue maxsize=0 _getters[1]>",
        "<Event [unset, waiters:1]>",
        "future",
        "elsewhere"
      ]
    )
  })

  const waits: Record<string, Effect.Effect<unknown, unknown>> = {
    "a sleep": asyncio.sleep("1 hour"),
    "a future": Effect.flatMap(asyncio.getRunningLoop, (loop) => Effect.flatten(loop.createFuture<void>())),
    "a queue": Effect.flatMap(asyncio.Queue.make<number>(), (queue) => queue.get),
    "a foreign effect": Effect.andThen(
      Effect.promise(() => Promise.resolve()),
      Effect.never
    )
  }
  for (const [place, wait] of Object.entries(waits)) {
    for (const [way, promise] of Object.entries({
      "a promise": Effect.promise(() => Promise.resolve()),
      "the host": Effect.promise(() => new Promise<void>((resolve) => void setTimeout(resolve, 2)))
    })) {
      it(`delivers a cancellation that is asked for where a task comes back through ${way} and goes into ${place}`, async () => {
        let steps = 0
        const loop: asyncio.EventLoop = makeVirtualTimeLoop({
          onEvent: (event) => {
            if (event.type !== "stepEnded" || event.task.getName() !== "victim") return
            // The first step ends in the foreign effect.
            if (++steps === (place === "a foreign effect" ? 1 : 2)) event.task.cancelUnsafe("asked")
          }
        })
        const main = Effect.gen(function* () {
          const victim = yield* asyncio.createTask(Effect.andThen(promise, wait), { name: "victim" })
          const error = yield* Effect.flip(victim)
          return [error instanceof asyncio.CancelledError && error.reason, loop.time()]
        })

        assert.deepStrictEqual(await run(main, { loopFactory: () => loop }), ["asked", 0])
      })
    }
  }
})
