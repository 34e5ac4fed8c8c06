// A cancellation that nobody awaits, and then what the argument says: the host's own answer to it is what is tested.
import * as asyncio from "@effect-asyncio/compat"

const hour = async () => {
  await asyncio.sleep("1 hour")
}

await asyncio.run(async () => {
  const task = asyncio.createTask(async () => {
    const early = hour()
    await asyncio.sleep("1 hour")
    await early
  })
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
