import * as asyncio from "@effect-asyncio/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { collectReports, run } from "../support.ts"

type AnyTask = asyncio.Task<unknown, unknown>

const height = 10_000

/** A tower of tasks, each of which waits for the one below by way of `wait`; the lowest sleeps. */
const tower = (wait: (below: AnyTask) => Effect.Effect<unknown, unknown>): Effect.Effect<Array<AnyTask>> =>
  Effect.gen(function* () {
    const tasks: Array<AnyTask> = [yield* asyncio.createTask(asyncio.sleep("1 hour"))]
    for (let i = 1; i < height; i++) tasks.push(yield* asyncio.createTask(wait(tasks[i - 1]!)))
    for (let i = 0; i < 3; i++) yield* asyncio.sleep(0)
    return tasks
  })

const cancelledFromTheTop = (wait: (below: AnyTask) => Effect.Effect<unknown, unknown>) =>
  run(
    Effect.gen(function* () {
      const tasks = yield* tower(wait)

      yield* tasks[height - 1]!.cancel("all of you")

      yield* asyncio.wait(tasks)
      return tasks.filter((task) => task.cancelled()).length
    })
  )

describe("a tower of ten thousand tasks is cancelled from its top", () => {
  it("by way of gathers", async () => {
    assert.strictEqual(await cancelledFromTheTop((below) => asyncio.gather([below])), height)
  })

  it("by way of gathers that wait for something else as well", async () => {
    const wait = (below: AnyTask) => asyncio.gather([below, asyncio.sleep("2 hours")])

    assert.strictEqual(await cancelledFromTheTop(wait), height)
  })

  it("by way of timeouts", async () => {
    assert.strictEqual(await cancelledFromTheTop((below) => asyncio.timeout("2 hours", below)), height)
  })

  it("by way of branches of Effect.all", async () => {
    const wait = (below: AnyTask) => Effect.all([below, Effect.never], { concurrency: "unbounded" })

    assert.strictEqual(await cancelledFromTheTop(wait), height)
  })
})

describe("a tower of ten thousand tasks", () => {
  it("prints ten of them", async () => {
    const main = Effect.map(
      tower((below) => below),
      (tasks) => String(tasks[height - 1])
    )

    const text = await run(main)

    assert.strictEqual(text.split("wait_for=<Task").length, 10)
    assert.isTrue(text.endsWith(`wait_for=...${" cb=[Task.task_wakeup()]>".repeat(9)}>`), text.slice(-300))
  })
})

describe("a tower of gathers in gathers", () => {
  const gathers = (bottom: asyncio.Future<unknown, unknown>) =>
    Effect.gen(function* () {
      let future = bottom
      for (let i = 0; i < height; i++) future = yield* asyncio.gatherFuture([future])
      return future
    })

  it("is cancelled", async () => {
    const main = Effect.gen(function* () {
      const bottom = yield* asyncio.createTask(asyncio.sleep("1 hour"))
      const top = yield* gathers(bottom)

      const taken = yield* top.cancel()

      const error = yield* Effect.flip(top)
      return { taken, bottom: bottom.cancelled(), top: error instanceof asyncio.CancelledError }
    })

    assert.deepStrictEqual(await run(main), { taken: true, bottom: true, top: true })
  })

  it("comes to its end", async () => {
    const main = Effect.flatMap(asyncio.createTask(asyncio.sleep(1)), (bottom) =>
      Effect.asVoid(Effect.flatten(gathers(bottom)))
    )

    assert.isUndefined(await run(main))
  })
})

describe("layers of tasks of which each waits for all of the next layer", () => {
  // The ways from the top to the bottom are as many as two to the power of forty.
  it("are cancelled in no time, and nobody is left", async () => {
    const main = Effect.gen(function* () {
      let layer: Array<AnyTask> = [yield* asyncio.createTask(asyncio.sleep("1 hour"))]
      const all = [...layer]
      for (let i = 0; i < 40; i++) {
        const below = layer
        layer = [yield* asyncio.createTask(asyncio.gather(below)), yield* asyncio.createTask(asyncio.gather(below))]
        all.push(...layer)
      }
      yield* asyncio.sleep(0)

      yield* layer[0]!.cancel()
      yield* layer[1]!.cancel()

      yield* asyncio.wait(all)
      return all.every((task) => task.cancelled())
    })

    assert.isTrue(await run(main))
  })

  it("get as many requests as there are ways, as long as these are few", async () => {
    const main = Effect.gen(function* () {
      const bottom = yield* asyncio.createTask(asyncio.sleep("1 hour"))
      const middle = [yield* asyncio.createTask(bottom), yield* asyncio.createTask(bottom)]
      const top = yield* asyncio.createTask(asyncio.gather(middle))
      yield* asyncio.sleep(0)
      yield* asyncio.sleep(0)

      yield* top.cancel()

      return [top, ...middle, bottom].map((task) => task.cancelling())
    })

    assert.deepStrictEqual(await run(main), [1, 1, 1, 2])
  })
})

describe("who is left when a run ends", () => {
  it("is cancelled in a time that grows with their number, also where each waits for the next", async () => {
    let tasks: Array<AnyTask> = []
    const main = Effect.map(
      tower((below) => below),
      (made) => void (tasks = made)
    )

    await run(main)

    assert.isTrue(tasks.every((task) => task.cancelled()))
  })
})

describe("a group of ten thousand tasks that wait for each other", () => {
  it("is cancelled in a time that grows with their number", async () => {
    const main = asyncio.taskGroup((group) =>
      Effect.gen(function* () {
        let below: asyncio.Task<void> = yield* group.createTask(asyncio.sleep("1 hour"))
        for (let i = 1; i < height; i++) below = yield* group.createTask(below)
        yield* asyncio.sleep(0)
        yield* group.cancel
        return yield* Effect.never
      })
    )

    assert.isUndefined(await run(main))
  })
})

describe("a ring of tasks", () => {
  const ring = async (wait: (other: AnyTask) => Effect.Effect<unknown, unknown>) => {
    let reports: ReadonlyArray<asyncio.ExceptionContext> = []
    const cancelled = await run(
      Effect.gen(function* () {
        reports = collectReports(yield* asyncio.getRunningLoop)
        const tasks: Array<AnyTask> = []
        for (const next of [1, 2, 0]) {
          tasks.push(yield* asyncio.createTask(Effect.suspend(() => wait(tasks[next]!))))
        }
        for (let i = 0; i < 3; i++) yield* asyncio.sleep(0)

        yield* tasks[0]!.cancel("break the ring")

        yield* asyncio.wait(tasks)
        return tasks.map((task) => task.cancelled())
      })
    )
    // The gather that nobody waits for any more fails with the request: that is no news.
    assert.deepStrictEqual(reports, [])
    return cancelled
  }

  it("by way of gathers ends when one of them is cancelled", async () => {
    assert.deepStrictEqual(await ring((other) => asyncio.gather([other])), [true, true, true])
  })

  it("by way of gathers with something else in them ends when one of them is cancelled", async () => {
    const wait = (other: AnyTask) => asyncio.gather([other, asyncio.sleep("1 hour")])

    assert.deepStrictEqual(await ring(wait), [true, true, true])
  })

  it("by way of branches of Effect.all ends when one of them is cancelled", async () => {
    const wait = (other: AnyTask) => Effect.all([other, asyncio.sleep("1 hour")], { concurrency: "unbounded" })

    assert.deepStrictEqual(await ring(wait), [true, true, true])
  })

  it("of a group and its owner ends when one of them is cancelled", async () => {
    const main = Effect.gen(function* () {
      let member: AnyTask | undefined
      const owner: AnyTask = yield* asyncio.createTask(
        asyncio.taskGroup((group) =>
          Effect.gen(function* () {
            member = yield* group.createTask(Effect.suspend(() => owner) as Effect.Effect<unknown>)
          })
        )
      )
      for (let i = 0; i < 3; i++) yield* asyncio.sleep(0)

      yield* owner.cancel()

      yield* asyncio.wait([owner])
      return { owner: owner.cancelled(), member: member?.cancelled() }
    })

    assert.deepStrictEqual(await run(main), { owner: true, member: true })
  })

  it("by way of a gather of itself ends when it is cancelled", async () => {
    const main = Effect.gen(function* () {
      const task: AnyTask = yield* asyncio.createTask(Effect.suspend(() => asyncio.gather([task])))
      yield* asyncio.sleep(0)

      yield* task.cancel()

      yield* asyncio.wait([task])
      return task.cancelled()
    })

    assert.isTrue(await run(main))
  })
})
