// A program that knows nothing of whoever looks into it, with as many more tasks as it is told. It ends when its standard input does.
import * as asyncio from "@effect-asyncio/compat"

const hour = () => asyncio.sleep("1 hour")
const main = async () => {
  const tasks = ["one", "two"].map((name) => asyncio.createTask(hour, { name, labels: { kind: "plain" } }))
  for (let i = 0; i < Number(process.argv[2] ?? 0); i++) asyncio.createTask(hour)
  console.log("ready")
  await asyncio.gather(tasks)
}

process.stdin.resume().on("end", () => process.exit())
await asyncio.run(main)
