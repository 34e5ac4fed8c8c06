import * as asyncio from "@effect-asyncio/compat"

async function another_coroutine() {
  console.log("executing the task")
  const task = asyncio.currentTask()
  console.log(`${task}`)
}

async function main() {
  console.log("main coroutine started")
  const task = asyncio.createTask(another_coroutine)
  await task
  console.log("main coroutine done")
}

await asyncio.run(main)
