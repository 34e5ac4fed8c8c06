// Tasks whose names look like numbers, and labels with a `=` in them.
import * as asyncio from "@effect-asyncio/compat"

const hour = () => asyncio.sleep("1 hour")

await asyncio.run(async () => {
  const tasks = [
    asyncio.createTask(hour, { name: "3" }),
    asyncio.createTask(hour, { name: "plain" }),
    asyncio.createTask(hour, { name: "77" }),
    asyncio.createTask(hour, { name: "name:worker" }),
    asyncio.createTask(hour, { name: "key", labels: { "a=b": "c" } }),
    asyncio.createTask(hour, { name: "value", labels: { a: "b=c" } }),
    asyncio.createTask(hour, { name: "other key", labels: { "x=y": "z" } })
  ]
  console.log("ready")
  await asyncio.gather(tasks, { returnExceptions: true })
})
