// What inspectOn.ts looks into, on each host: argv says which program. Plain JavaScript, because Node.js 20 runs no TypeScript.
import * as asyncio from "@effect-asyncio/compat"
import { assertNoLeaks } from "@effect-asyncio/compat/testing"
import { existsSync } from "node:fs"

const [name = "", file = ""] = process.argv.slice(2)

const never = () => new Promise(() => {})
const worker = async () => await asyncio.sleep("1 hour")

/** Computes until there is a file. */
const compute = () => {
  process.stdin.once("data", () => {
    console.log("computing")
    while (!existsSync(file));
    console.log("free")
  })
}

const serve = async () => {
  const task = asyncio.createTask(worker, { name: "worker" })
  asyncio.createTask(async () => await task, { name: "waiter" })
  asyncio.createTask(never, { name: "lost" })
  await asyncio.sleep(1)
  compute()
  console.log(process.pid)
  await asyncio.sleep("1 hour")
}

/** @type {Record<string, () => Promise<unknown>>} */
const programs = {
  "that is looked into": async () => {
    await import("@effect-asyncio/inspect/register")
    await asyncio.run(serve)
  },
  "without the import": () => asyncio.run(serve),
  "that never ends": async () => {
    await asyncio.run(never, { onDeadlock: "fail" }).catch((error) => console.log(error.name))
  },
  "with a test": () =>
    asyncio.run(async () => {
      asyncio.createTask(never, { name: "lost" })
      await asyncio.sleep(0)
      await assertNoLeaks().catch((error) => console.log(String(error)))
    })
}

await programs[name]?.()
