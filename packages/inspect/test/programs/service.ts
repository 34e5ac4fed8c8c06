// A program that is looked into by the tests. It computes while the file that it is told of on its standard input is not there.
import { existsSync } from "node:fs"
import { createInterface } from "node:readline"
import * as asyncio from "@effect-asyncio/compat"

const hour = () => asyncio.sleep("1 hour")

/** Takes no notice of being asked to end. */
const stubborn = async () => {
  for (;;) {
    try {
      await hour()
    } catch {
      // Goes on.
    }
  }
}

const parent = async () => {
  await asyncio.gather([asyncio.createTask(hour, { name: "child 1" }), asyncio.createTask(hour, { name: "child 2" })])
}

const main = async () => {
  const lock = new asyncio.Lock()
  const labels = { kind: "import", job: 17 }
  const tasks = [
    asyncio.createTask(hour, { name: "sleeper" }),
    asyncio.createTask(stubborn, { name: "stubborn" }),
    asyncio.createTask(parent, { name: "parent" }),
    asyncio.createTask(() => lock.use(hour), { name: "holder", labels }),
    asyncio.createTask(() => lock.use(hour), { name: "waiter", labels }),
    asyncio.createTask(hour, { name: "evil \u001B[31m\u202Ename\n" }),
    asyncio.createTask(hour, { name: "twin" }),
    asyncio.createTask(hour, { name: "twin" })
  ]
  console.log("ready")
  await asyncio.gather(tasks, { returnExceptions: true })
}

createInterface({ input: process.stdin })
  .on("line", (file) => {
    console.log("computing")
    while (!existsSync(file));
    console.log("done")
  })
  .on("close", () => process.exit())

await asyncio.run(main, { handleSigint: false })
