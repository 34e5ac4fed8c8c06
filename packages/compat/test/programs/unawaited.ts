// A cancellation that nobody awaits, and then what the argument says: the host's own answer to it is what is tested.
import * as asyncio from "@effect-asyncio/compat"

const hour = async () => {
  await asyncio.sleep("1 hour")
}

// A promise that the program has begun, and does not await yet.
const early = async () => {
  const begun = hour()
  await asyncio.sleep("1 hour")
  await begun
}

// One that rejects as its signal aborts, before any await of ours is cancelled.
const signalled = async () => {
  const signal = asyncio.currentSignal()
  void new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)))
  await new Promise((resolve) => setTimeout(resolve, 20))
}

await asyncio.run(async () => {
  const task = asyncio.createTask(process.argv[2] === "signal" ? signalled : early)
  await asyncio.sleep(1)
  task.cancel()
  await asyncio.wait([task])
  await asyncio.sleep(1)
  console.log("cancelled in silence")
})

if (process.argv[2] === "failure") void Promise.reject(new Error("boom"))
if (process.argv[2] === "run") {
  void asyncio.run(async () => {
    asyncio.currentTask()?.cancel("everything")
    await asyncio.sleep(1)
  })
}
