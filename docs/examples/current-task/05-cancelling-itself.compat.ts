import * as asyncio from "@effect-asyncio/compat"

async function main() {
  console.log("main coroutine started")
  const task = asyncio.currentTask()
  const canceled = task?.cancel()
  console.log("canceled:", canceled)
}

await asyncio.run(main).catch((error) => console.log(`${error}`))
