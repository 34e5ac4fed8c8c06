// Run by scale.test.ts in a process of its own, with --expose-gc: prints what it found as JSON.
import * as asyncio from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/compat/testing"
import { Effect } from "effect"

declare const gc: () => void

const taskCount = 100_000
const chainLength = 20_000
/** After so many the collector looks for tasks that are gone: it would do so by itself where there is more to collect. */
const collectedEvery = 1000

/** Everything that a task of this program waits in. */
const waits = (event: asyncio.Event, queue: asyncio.Queue<number>): ReadonlyArray<() => Promise<unknown>> => [
  () => asyncio.sleep("1 hour"),
  () => event.wait(),
  () => queue.get(),
  () => asyncio.timeout("2 hours", () => asyncio.sleep("1 hour")),
  () => asyncio.taskGroup(() => asyncio.sleep("1 hour")),
  () => asyncio.runEffect(Effect.never),
  () => asyncio.abortable(new Promise(() => {})),
  () => Promise.race([asyncio.sleep("1 hour"), event.wait()])
]

/** Lets many tasks wait, cancels them all, and tells how they ended. */
const round = async () => {
  const event = new asyncio.Event()
  const queue = new asyncio.Queue<number>()
  const kinds = waits(event, queue)
  const tasks = Array.from({ length: taskCount }, (_, n) => asyncio.createTask(kinds[n % kinds.length]!))
  await asyncio.sleep(1)
  const waiting = tasks.filter((task) => !task.done()).length
  for (const task of tasks) task.cancel("the end")
  const { ignoring } = await asyncio.cancelAndWait(tasks)
  return { waiting, left: ignoring.length, cancelled: tasks.filter((task) => task.cancelled()).length }
}

const heapUsed = async (): Promise<number> => {
  // As long as something goes: finalizers and promises let go of more in the host's next macrotasks, later on a busy machine.
  for (let before = Infinity; ;) {
    for (let n = 0; n < 2; n++) {
      await new Promise((resolve) => void setImmediate(resolve))
      gc()
    }
    const used = process.memoryUsage().heapUsed
    if (used > before * 0.99) return used
    before = used
  }
}

const manyTasks = () =>
  asyncio.run(
    async () => {
      await round()
      const before = await heapUsed()
      const ended = await round()
      const after = await heapUsed()
      const { ready, tasks, timers } = asyncio.getRunningLoop().snapshot()
      return { ...ended, before, after, ready, timers, tasks: tasks.map(({ name }) => name) }
    },
    { name: "main", loopFactory: makeVirtualTimeLoop, handleSigint: false }
  )

/** Tasks each of which starts the next one and ends: what is kept while the last one runs. */
const chain = () =>
  asyncio.run(
    async () => {
      let atTheEnd = 0
      const measure = () => {
        gc()
        atTheEnd = process.memoryUsage().heapUsed
      }
      const collect = (left: number) => {
        if (left % collectedEvery === 0) gc()
      }
      const link = (left: number) => async (): Promise<void> => {
        await asyncio.sleep(0)
        collect(left)
        if (left === 0) measure()
        else asyncio.createTask(link(left - 1), { name: "link" })
      }
      const effectLink = (left: number): Effect.Effect<void> =>
        Effect.suspend(() => {
          collect(left)
          if (left > 0) return Effect.asVoid(core.createTask(effectLink(left - 1), { name: "link" }))
          measure()
          return Effect.void
        })
      const grown = async (start: () => unknown) => {
        const before = await heapUsed()
        start()
        while (asyncio.allTasks().size > 1) await asyncio.sleep(0)
        return atTheEnd - before
      }
      await grown(() => asyncio.createTask(link(1000)))
      return {
        ofFunctions: await grown(() => asyncio.createTask(link(chainLength))),
        ofEffects: await grown(() => asyncio.createTask(effectLink(chainLength)))
      }
    },
    { loopFactory: makeVirtualTimeLoop, handleSigint: false }
  )

console.log(JSON.stringify({ many: await manyTasks(), chain: await chain() }))
