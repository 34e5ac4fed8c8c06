/** Who waits for a task is in its call graph, however it waits; and each task is in the graph once. */
import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/compat"
import { Effect } from "effect"
import { run } from "../support.ts"

const ways: ReadonlyArray<readonly [string, (task: asyncio.Task<void>) => Promise<unknown>]> = [
  ["await", async (task) => await task],
  ["Promise.all", (task) => Promise.all([task, task])],
  ["gather", async (task) => await asyncio.gather([task])],
  ["waitFor", (task) => asyncio.waitFor(task, "1 hour")],
  ["a timeout", (task) => asyncio.timeout("1 hour", async () => await task)],
  ["shield", async (task) => await asyncio.shield(task)],
  [
    "asCompleted",
    async (task) => {
      for (const next of asyncio.asCompleted([task])) await next
    }
  ],
  [
    "asCompleted with for await",
    async (task) => {
      for await (const next of asyncio.asCompleted([task])) await next
    }
  ],
  ["an Effect with branches", (task) => asyncio.runEffect(Effect.all([task.core], { concurrency: 2 }))]
]

const waiters = (task: asyncio.Task<unknown>) =>
  asyncio.captureCallGraph(task)!.awaitedBy.map(({ future }) => (future as asyncio.Task<unknown>).getName())

describe("the call graph of a future", () => {
  it("has no task that has ended, and whose code goes on to wait for it", () =>
    run(async () => {
      const future = asyncio.getRunningLoop().createFuture<void>()
      const owner = asyncio.createTask(async () => {
        void future.then(() => {})
        await asyncio.sleep(1)
      })
      await asyncio.sleep(0)
      const awaiting = () => asyncio.captureCallGraph(future)!.awaitedBy.length
      const before = awaiting()
      await owner
      assert.deepStrictEqual([before, awaiting()], [1, 0])
      future.setResult()
    }))
})

describe("the call graph has who waits by way of", () => {
  it.each(ways)("%s, also in an eager first step", async (_, waiting) => {
    const names = await run(async () => {
      const task = asyncio.createTask(() => asyncio.sleep("1 minute"))
      asyncio.createTask(() => waiting(task), { name: "waiter" })
      asyncio.createTask(() => waiting(task), { name: "eager", eagerStart: true })
      await asyncio.sleep(1)
      return waiters(task).toSorted()
    })

    assert.deepStrictEqual(names, ["eager", "waiter"])
  })
})

it("the call graph has each task once, however many ways lead to it", () =>
  run(async () => {
    const root = asyncio.createTask(() => asyncio.sleep("1 hour"))
    let layer: ReadonlyArray<asyncio.Task<unknown>> = [root]
    for (let n = 0; n < 40; n++) {
      const below = layer
      const wait = async () => void (await asyncio.gather(below))
      layer = [asyncio.createTask(wait), asyncio.createTask(wait)]
    }
    await asyncio.sleep(0)

    const graph = asyncio.captureCallGraph(root)!
    const text = asyncio.formatCallGraph(root)

    const seen = new Set([graph])
    for (const { awaitedBy } of seen) for (const parent of awaitedBy) seen.add(parent)
    assert.strictEqual(seen.size, 81)
    assert.lengthOf(text.match(/\(above\)/g)!, 78)
  }))
