// Whether a program can be looked into, run by smoke.ts on every runtime we support. Prints one line or throws.
// Plain JavaScript, because Node.js 20 runs no TypeScript.
import * as asyncio from "@effect-asyncio/compat"
import { dumpOf, pstree, serve } from "@effect-asyncio/inspect"
import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const { versions } = process
const isNode = versions.deno === undefined && versions.bun === undefined

const folder = mkdtempSync(join(tmpdir(), "inspect-"))
process.env.EFFECT_ASYNCIO_INSPECT_DIR = folder
const serving = await serve({ name: "smoke", observe: true })
assert.equal(serving.thread, isNode ? "worker" : "main")

const worker = async () => await asyncio.sleep("1 hour")

await asyncio.run(async () => {
  const task = asyncio.createTask(worker, { name: "worker" })
  const waiter = asyncio.createTask(async () => await task, { name: "waiter" })
  await asyncio.sleep(1)

  const dump = await dumpOf(process.pid)

  assert.equal(dump.loops[0]?.tasks.find(({ id }) => id === task.id)?.awaiters[0], waiter.id)
  assert.match(pstree(dump).join("\n"), /└── \(T\) waiter\n {4}└── {2}\S+\n {8}└── \(T\) worker\n {12}└── {2}worker/)
  task.cancel()
})

await serving.close()
rmSync(folder, { recursive: true })
console.log(`${dumpedOn()}: a program is looked into, by its ${serving.thread === "main" ? "own thread" : "worker"}`)

function dumpedOn() {
  if (versions.deno) return `Deno ${versions.deno}`
  return versions.bun ? `Bun ${versions.bun}` : `Node.js ${versions.node}`
}
