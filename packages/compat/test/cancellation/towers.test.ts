import * as asyncio from "@effect-asyncio/compat"
import { assert, describe, it } from "vitest"
import { run } from "../support.ts"

type AnyTask = asyncio.Task<unknown>

const height = 10_000

const tower = async (wait: (below: AnyTask) => PromiseLike<unknown>): Promise<Array<AnyTask>> => {
  const tasks: Array<AnyTask> = [asyncio.createTask(() => asyncio.sleep("1 hour"))]
  for (let i = 1; i < height; i++) {
    const below = tasks[i - 1]!
    tasks.push(asyncio.createTask(async () => wait(below)))
  }
  for (let i = 0; i < 3; i++) await asyncio.sleep(0)
  return tasks
}

const cancelledFromTheTop = (wait: (below: AnyTask) => PromiseLike<unknown>) =>
  run(async () => {
    const tasks = await tower(wait)

    tasks[height - 1]!.cancel("all of you")

    await asyncio.wait(tasks)
    return tasks.filter((task) => task.cancelled()).length
  })

describe("a tower of ten thousand tasks is cancelled from its top", () => {
  it("by way of gathers", async () => {
    assert.strictEqual(await cancelledFromTheTop((below) => asyncio.gather([below])), height)
  })

  it("by way of several awaits in flight", async () => {
    const wait = (below: AnyTask) => Promise.all([below, asyncio.sleep("2 hours")])

    assert.strictEqual(await cancelledFromTheTop(wait), height)
  })

  it("by way of timeouts", async () => {
    assert.strictEqual(await cancelledFromTheTop((below) => asyncio.timeout("2 hours", () => below)), height)
  })

  it("by way of groups", async () => {
    const wait = (below: AnyTask) => asyncio.taskGroup((group) => void group.createTask(async () => below))

    assert.strictEqual(await cancelledFromTheTop(wait), height)
  })
})

describe("who is left when a run ends", () => {
  it("is cancelled in a time that grows with their number, also where each waits for the next", async () => {
    let tasks: Array<AnyTask> = []

    await run(async () => void (tasks = await tower((below) => below)))

    assert.isTrue(tasks.every((task) => task.cancelled()))
  })
})

describe("a ring of tasks", () => {
  const ring = (wait: (other: AnyTask) => PromiseLike<unknown>) =>
    run(async () => {
      const tasks: Array<AnyTask> = []
      for (const next of [1, 2, 0]) tasks.push(asyncio.createTask(async () => wait(tasks[next]!)))
      for (let i = 0; i < 3; i++) await asyncio.sleep(0)

      tasks[0]!.cancel("break the ring")

      await asyncio.wait(tasks)
      return tasks.map((task) => task.cancelled())
    })

  it("by way of gathers ends when one of them is cancelled", async () => {
    assert.deepStrictEqual(await ring((other) => asyncio.gather([other])), [true, true, true])
  })

  it("by way of several awaits in flight ends when one of them is cancelled", async () => {
    const wait = (other: AnyTask) => Promise.all([other, asyncio.gather([other])])

    assert.deepStrictEqual(await ring(wait), [true, true, true])
  })

  it("of gathers that hold each other gives the run its result", async () => {
    const result = await run(async () => {
      const a: AnyTask = asyncio.createTask(async () => asyncio.gather([b]))
      const b: AnyTask = asyncio.createTask(async () => asyncio.gather([a]))
      await asyncio.sleep(0)
      return "result"
    })

    assert.strictEqual(result, "result")
  })
})
