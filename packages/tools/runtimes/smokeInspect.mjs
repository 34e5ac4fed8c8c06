// Whether a program can be looked into, run by smoke.ts on every runtime we support. Prints one line or throws.
// Plain JavaScript, because Node.js 20 runs no TypeScript.
import * as asyncio from "@effect-asyncio/compat"
import { dumpOf, pstree, record, serve } from "@effect-asyncio/inspect"
import assert from "node:assert/strict"
import { execFile } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const { versions } = process
const isNode = versions.deno === undefined && versions.bun === undefined

const folder = mkdtempSync(join(tmpdir(), "inspect-"))
process.env.EFFECT_ASYNCIO_INSPECT_DIR = folder
const serving = await serve({ name: "smoke", observe: true })
assert.equal(serving.thread, isNode ? "worker" : "main")

const recorder = record()

/** What a command prints, run by the same host. @param {Array<string>} args */
const command = (...args) =>
  new Promise((resolve) => {
    const main = fileURLToPath(new URL("./main.js", import.meta.resolve("@effect-asyncio/inspect")))
    const given = [...(versions.deno === undefined ? [] : ["run", "-A"]), main, ...args]
    execFile(process.execPath, given, (error, out, err) => resolve({ code: error?.code ?? 0, out, err }))
  })

const worker = async () => await asyncio.sleep("1 hour")

await asyncio.run(async () => {
  const task = asyncio.createTask(worker, { name: "worker" })
  const waiter = asyncio.createTask(async () => await task, { name: "waiter" })
  await asyncio.sleep(1)

  const dump = await dumpOf(process.pid)

  assert.equal(dump.loops[0]?.tasks.find(({ id }) => id === task.id)?.awaiters[0], waiter.id)
  assert.match(pstree(dump).join("\n"), /└── \(T\) waiter\n {4}└── {2}\S+\n {8}└── \(T\) worker\n {12}└── {2}worker/)

  const recorded = await command("record", "smoke", "50ms")
  assert.ok(Array.isArray(JSON.parse(recorded.out).traceEvents), recorded.err)
  const profiled = await command("profile", "smoke", "100ms")
  assert.equal(profiled.code, isNode ? 0 : 1, profiled.err)
  if (!isNode) assert.match(profiled.err, /has no profiler that could be asked: take profiles on Node\.js/)
  task.cancel()
})

const { traceEvents } = recorder.trace()
assert.ok(traceEvents.some(({ args, name }) => name === "thread_name" && args?.name === "worker"))
recorder.stop()
await serving.close()
rmSync(folder, { recursive: true })
console.log(
  `${dumpedOn()}: a program is looked into and recorded, by its ${serving.thread === "main" ? "own thread" : "worker"}`
)

function dumpedOn() {
  if (versions.deno) return `Deno ${versions.deno}`
  return versions.bun ? `Bun ${versions.bun}` : `Node.js ${versions.node}`
}
