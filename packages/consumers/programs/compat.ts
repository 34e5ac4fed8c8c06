// The same on compat.
import * as asyncio from "@effect-asyncio/compat"
import { makeVirtualTimeLoop } from "@effect-asyncio/compat/testing"

const worker = async (n: number): Promise<number> => {
  await asyncio.sleep("1 hour")
  return n
}

const main = async (): Promise<string> => {
  const task: asyncio.Task<number> = asyncio.createTask(() => worker(1), { name: "worker" })
  const promise: Promise<number> = task
  await asyncio.sleep("10 millis")
  task.cancel("no longer needed")
  try {
    await promise
  } catch (error) {
    if (error instanceof asyncio.CancelledError) return `${error.requestedBy}: ${error.reason}`
    throw error
  }
  return "done"
}

const all = (): Promise<readonly [string, number]> =>
  asyncio.gather([() => asyncio.sleep(1, "one"), () => asyncio.sleep(2, 2)])

const text = await asyncio.run(main, { loopFactory: makeVirtualTimeLoop })
const pair = await asyncio.run(all)
console.log(`${text}, ${pair.join(" ")}`)
