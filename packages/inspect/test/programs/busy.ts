// A program of which one task computes more than the others. It ends when its standard input does.
import * as asyncio from "@effect-asyncio/compat"

const compute = (millis: number): void => {
  const end = performance.now() + millis
  while (performance.now() < end);
}

const work = async (millis: number) => {
  for (;;) {
    compute(millis)
    await asyncio.sleep(1)
  }
}

const main = async () => {
  const tasks = [
    asyncio.createTask(() => work(40), { name: "parser" }),
    asyncio.createTask(() => work(4), { name: "logger" })
  ]
  console.log("ready")
  await asyncio.gather(tasks)
}

process.stdin.resume().on("end", () => process.exit())
await asyncio.run(main)
