import * as asyncio from "@effect-asyncio/compat"

async function main() {
  console.log("main coroutine started")
  const task = asyncio.currentTask()
  console.log(`${task}`)
}

await asyncio.run(main)
