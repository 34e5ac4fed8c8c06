// How the objects of both packages print in a program that was minified.
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { rolldown } from "rolldown"
import { afterAll, assert, it } from "vitest"
import { root } from "../../repository.ts"

const program = `
  import * as asyncio from "@effect-asyncio/compat"
  import * as core from "@effect-asyncio/core"
  import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
  import { Effect } from "effect"
  import { inspect } from "node:util"

  const values = []
  const worker = async () => { await asyncio.sleep(1) }
  const withPromises = async () => {
    const loop = asyncio.getRunningLoop()
    const lock = new asyncio.Lock()
    const gone = loop.callAt(5, () => {})
    gone.cancel()
    const user = asyncio.ContextVar.make("user", { defaultValue: "nobody" })
    const token = user.set("ada")
    await asyncio.taskGroup((group) => void values.push(group))
    await asyncio.timeout(10, (timeout) => void values.push(timeout))
    await asyncio.moveOn(10, (timeout) => void values.push(timeout))
    const task = asyncio.createTask(worker, { name: "worker" })
    const failed = [
      () => lock.release(),
      () => asyncio.createTask(3),
      () => new asyncio.Task(worker),
      () => new asyncio.Future(worker),
      () => new asyncio.Queue().getNowait(),
      () => asyncio.timeout(1, () => asyncio.sleep(2)),
      () => asyncio.taskGroup(() => { throw new Error("broken") })
    ]
    for (const f of failed) {
      await Promise.resolve().then(f).catch((error) => values.push(String(error)))
    }
    values.push(
      task, task.getCoro(), loop.createFuture(), lock, await lock.hold(), new asyncio.Event(), new asyncio.Condition(),
      new asyncio.Semaphore(2), new asyncio.BoundedSemaphore(2), new asyncio.Barrier(2), new asyncio.Queue(),
      new asyncio.LifoQueue(), new asyncio.PriorityQueue(), user, token, asyncio.copyContext(), task.createdBy, loop, gone, loop.callAt(7, worker),
      new asyncio.BackgroundTasks(), new asyncio.Runner(), asyncio.asCompleted([task])
    )
    return values.map((value) => inspect(value))
  }
  const withEffect = Effect.gen(function* () {
    const objects = [
      yield* core.createTask(core.sleep(1), { name: "worker" }),
      yield* core.Semaphore.make(2), yield* core.BoundedSemaphore.make(2), yield* core.Queue.make(),
      yield* core.LifoQueue.make(), yield* core.PriorityQueue.make(), yield* core.Condition.make(), yield* core.Barrier.make(2),
      yield* core.asCompleted([core.sleep(1)]), yield* core.copyContext, new core.Runner(), yield* core.getRunningLoop
    ]
    return objects.map((object) => inspect(object))
  })
  const lines = [
    ...await asyncio.run(withPromises, { loopFactory: makeVirtualTimeLoop }),
    ...await core.run(withEffect, { loopFactory: makeVirtualTimeLoop })
  ]
  console.log(JSON.stringify(lines))`

const temporary = mkdtempSync(join(tmpdir(), "effect-asyncio-minified-"))
afterAll(() => rmSync(temporary, { recursive: true }))

/** What the program prints, as one file. */
const printed = async (minify: boolean): Promise<ReadonlyArray<string>> => {
  const folder = join(root, "packages/tools")
  const id = join(folder, "program.js")
  const bundle = await rolldown({
    input: id,
    cwd: folder,
    platform: "node",
    tsconfig: false,
    resolve: { conditionNames: ["@effect-asyncio/source", "import", "default"] },
    plugins: [
      {
        name: "program",
        resolveId: (each) => (each === id ? id : undefined),
        load: (each) => (each === id ? program : undefined)
      }
    ]
  })
  const { output } = await bundle.generate({ format: "esm", minify, codeSplitting: false })
  await bundle.close()
  const file = join(temporary, minify ? "minified.mjs" : "readable.mjs")
  writeFileSync(file, output[0].code)
  return JSON.parse(execFileSync(process.execPath, [file], { encoding: "utf8" })) as ReadonlyArray<string>
}

it("everything prints in a line, and the same as before it was minified", async () => {
  const [readable, minified] = [await printed(false), await printed(true)]

  // The names of the program's own functions are the program's.
  const withoutNames = (lines: ReadonlyArray<string>) =>
    lines.map((line) => line.replace(/\b\w+\(\)|(?<=object )\w+/g, "f"))
  assert.deepStrictEqual(withoutNames(minified), withoutNames(readable))
  assert.deepStrictEqual(
    readable.filter((line) => line.includes("\n")),
    []
  )
  assert.include(minified, "<BoundedSemaphore [unlocked, value:2]>")
})
