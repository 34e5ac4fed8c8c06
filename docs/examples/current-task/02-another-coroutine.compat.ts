import * as asyncio from "@effect-asyncio/compat"

async function anotherCoroutine() {
  console.log("executing the coroutine")
  const task = asyncio.currentTask()
  console.log(`${task}`)
}

async function main() {
  console.log("main coroutine started")
  await anotherCoroutine()
  console.log("main coroutine done")
}

await asyncio.run(main)
