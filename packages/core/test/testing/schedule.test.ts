import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { makeVirtualTimeLoop, type Schedule } from "@effect-asyncio/core/testing"
import { Effect } from "effect"

/** The order in which three tasks end that sleep for as long, and when. */
const orderUnder = async (schedule: Schedule | undefined): Promise<ReadonlyArray<string>> => {
  const order: Array<string> = []
  const sleeper = (name: string) => Effect.andThen(asyncio.sleep(10), () => Effect.sync(() => order.push(name)))
  const main = Effect.gen(function* () {
    const loop = yield* asyncio.getRunningLoop
    yield* asyncio.gather(["a", "b", "c"].map(sleeper))
    order.push(String(loop.time()))
  })
  await asyncio.run(main, { loopFactory: () => makeVirtualTimeLoop({ schedule }) })
  return order
}

describe("a schedule of a loop on virtual time", () => {
  it("leaves everything as it is where it decides nothing", async () => {
    assert.deepStrictEqual(await orderUnder({}), await orderUnder(undefined))
  })

  it("decides which of equal deadlines comes first", async () => {
    assert.deepStrictEqual(await orderUnder({ ringsFirst: () => true }), ["c", "b", "a", "10"])
  })

  it("has the loop wake too late", async () => {
    assert.deepStrictEqual(await orderUnder({ lateness: (due) => due }), ["a", "b", "c", "20"])
  })

  it("says how long a sleep takes", async () => {
    const delays = [3, 2, 1]

    assert.deepStrictEqual(await orderUnder({ rings: () => delays.shift()! }), ["c", "b", "a", "3"])
  })

  it("chooses the next step among those of tasks", async () => {
    const names: Array<string> = []
    const next = (steps: number, of: () => ReadonlyArray<string>): number => {
      names.push(of().join())
      return names.length <= 2 ? steps - 1 : 0
    }

    assert.deepStrictEqual(await orderUnder({ next }), ["c", "b", "a", "10"])
    assert.include(names[0], "Task-2,Task-3,Task-4")
  })

  it("is asked before each step, where a task can be cancelled", async () => {
    let task: asyncio.Task<void> | undefined
    let steps = 0
    const beforeStep = (): void => {
      steps++
      if (task !== undefined && !task.done() && task.cancelling() === 0) task.cancelUnsafe("before its step")
    }
    const main = Effect.gen(function* () {
      const sleeper = yield* asyncio.createTask(asyncio.sleep(5))
      task = sleeper
      return yield* Effect.catchTag(sleeper, "CancelledError", ({ reason }) => Effect.succeed(reason))
    })

    const reason = await asyncio.run(main, { loopFactory: () => makeVirtualTimeLoop({ schedule: { beforeStep } }) })

    assert.deepStrictEqual([reason, steps > 1], ["before its step", true])
  })
})

describe("who hears of what is made", () => {
  it("hears of locks, semaphores, queues, groups and timeouts, and of nothing once it has stopped", async () => {
    const kinds: Array<string> = []
    const stop = lowlevel.onMadeUnsafe(({ kind }) => kinds.push(kind))
    const stopOther = lowlevel.onMadeUnsafe(() => {})
    const program = Effect.gen(function* () {
      yield* asyncio.Lock.make()
      yield* asyncio.BoundedSemaphore.make(2)
      yield* asyncio.Queue.make()
      yield* asyncio.taskGroup(() => asyncio.timeout(5, Effect.void))
      // Nobody has its group in hand.
      yield* asyncio.mapTasks([1], () => Effect.void, { concurrency: 1 })
    })

    await asyncio.run(program)
    stop()
    stopOther()
    await asyncio.run(program)

    assert.deepStrictEqual(kinds, ["lock", "semaphore", "queue", "group", "timeout"])
  })
})
