import * as asyncio from "@effect-asyncio/compat"

async function main() {
  console.log("main coroutine started")
  const task = asyncio.currentTask()
  await task
}

await asyncio.run(main).catch((error) => console.log(`${error}`))
