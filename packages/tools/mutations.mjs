// `npm run mutations`: takes the guards of the cancel paths away, one at a time, in a copy of core, and runs its tests.
// Every guard must be missed by a test, whose name is printed. Exits with 1 when one is not.
import { spawnSync } from "node:child_process"
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))

/** What is taken away: a file of core's src/internal, the guard, and what is left of it. */
const mutations = [
  ["task.ts", "if (this.exit !== undefined) return false\n    // A loop", "// A loop"],
  ["task.ts", "if (!passedOn) this.mustCancel = this.lastKept = error", ""],
  ["task.ts", "future.#passingOn || !future.asksInChain", "!future.asksInChain"],
  ["task.ts", "wait.forwarded = error\n    return future", "return future"],
  ["task.ts", "if (future instanceof TaskImpl && future.#passingOn) {", "if (false) {"],
  ["task.ts", "if (!future.cancelWith(error)) return false\n    wait.forwarded = error", "future.cancelWith(error)"],
  ["task.ts", "--this.#cancelRequests === 0) this.mustCancel = undefined", "--this.#cancelRequests === 0) {}"],
  ["task.ts", "if (this.mustCancel !== undefined) return this.finishCancelled(this.mustCancel)\n", "\n"],
  ["task.ts", "if (error !== undefined) return ownCancellation(awaited ?? error)", ""],
  ["task.ts", "awaited !== undefined && wait.forwarded !== undefined ? ownCancellation(awaited) : outcome", "outcome"],
  ["task.ts", "if (future.cancelWith(error)) wait.forwarded = error\n    else this.mustCancel = error", ""],
  [
    "task.ts",
    "const error = this.mustCancel\n    if (error !== undefined) {",
    "const error = this.mustCancel!\n    if (false) {"
  ],
  ["fiberTask.ts", "if (wait.future === undefined) return false", "if (wait.future === undefined) return true"],
  ["fiberTask.ts", "return this.#protects(error) || (", "return ("],
  ["fiberTask.ts", "(this.nextInChain(wait, error) ?? this.passOnTo(wait, error))", "this.passOnTo(wait, error)"],
  ["fiberTask.ts", "if (this.mustCancel !== undefined && scopeOf.has(error)) this.#protects(this.mustCancel)", ""],
  ["fiberTask.ts", "if (scopeOf.get(error) !== fiber) this.#interrupt", "this.#interrupt"],
  ["fiberTask.ts", "error !== undefined && this.#protects(error) ? undefined : error", "error"],
  ["fiberTask.ts", "this.loop.enqueue(new Delivery(this))", "{}"],
  ["fiberTask.ts", "|| this.#wait !== undefined) return\n    this.mustCancel", ") return\n    this.mustCancel"],
  ["fiberTask.ts", "for (const error of errors) this.#leaveTo(outer, error)", ""],
  [
    "coroutineTask.ts",
    "return waits.length > 0 && [...takers.values()].every((taken) => taken)",
    "return waits.length > 0"
  ],
  ["wait.ts", "future.cancelUnsafe()\n  return untilDone(future)", "return untilDone(future)"],
  ["wait.ts", "return untilDone(future)", "return Effect.void"],
  ["cancellation.ts", "return undefined\n    }\n  }", "continue\n    }\n  }"],
  ["region.ts", "return Fiber.interrupt(inner)", "return Effect.void"],
  ["region.ts", "{ uninterruptible: !isInterruptible(outer) }", "{}"],
  ["region.ts", "Exit.isSuccess(probe) ? insist(restore, wait, seen) : wait(", "wait("],
  [
    "timeout.ts",
    "if (this.#owner.uncancel() > this.#cancelling || Exit.isSuccess(exit)) return exit",
    "if (Exit.isSuccess(exit)) return exit"
  ],
  ["timeout.ts", "if (cancellation === undefined) return exit", ""],
  ["taskGroup.ts", "if (!this.#aborting && !this.#ownerCancelled) this.#abortAll()", ""],
  ["taskGroup.ts", "if (this.#ownerCancelled && owner.uncancel() === 0) passOn = undefined", ""],
  ["taskGroup.ts", "owner.askAgain(makeCancelledError(undefined, undefined, undefined))", ""],
  ["gather.ts", "if (asked) this.#cancelRequested = true", ""],
  ["shield.ts", "if (outer.cancelled()) return", ""],
  ["sleepFuture.ts", "this.#timer.cancelUnsafe()", ""]
]

const work = mkdtempSync(join(tmpdir(), "effect-asyncio-mutations-"))
process.on("exit", () => rmSync(work, { recursive: true, force: true }))

cpSync(join(root, "packages/core"), join(work, "packages/core"), {
  recursive: true,
  filter: (source) => !/[\\/](node_modules|dist|\.tsbuildinfo)$/.test(source)
})
cpSync(join(root, "tsconfig.base.json"), join(work, "tsconfig.base.json"))
symlinkSync(join(root, "packages/core/node_modules"), join(work, "packages/core/node_modules"))
symlinkSync(join(root, "node_modules"), join(work, "node_modules"))
writeFileSync(
  join(work, "vitest.config.mjs"),
  `const conditions = ["@effect-asyncio/source", "module", "node", "development|production"]
export default {
  root: ${JSON.stringify(join(work, "packages/core"))},
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: { include: ["test/**/*.test.ts"], exclude: ["**/leak.test.ts", "**/toThread.test.ts"], bail: 1, testTimeout: 10_000, isolate: false }
}
`
)

/** Runs the tests on the copy: the name of one that fails, or undefined. */
const firstFailure = () => {
  const result = spawnSync("vitest", ["run", "--config", join(work, "vitest.config.mjs"), "--reporter=dot"], {
    cwd: join(work, "packages/core"),
    encoding: "utf8",
    timeout: 60_000,
    shell: process.platform === "win32"
  })
  if (result.status === 0) return undefined
  // oxlint-disable-next-line no-control-regex -- colours
  const lines = `${result.stdout}${result.stderr}`.replace(/\x1b\[[\d;]*m/g, "").split("\n")
  const failed = lines.find((line) => line.includes("FAIL "))
  return failed?.replace(/^.*?FAIL\s+/, "") ?? "the tests do not end, or do not load"
}

const unharmed = firstFailure()
if (unharmed !== undefined) throw new Error(`the tests fail before anything is changed: ${unharmed}`)

let survivors = 0
for (const [file = "", guard = "", rest = ""] of mutations) {
  const path = join(work, "packages/core/src/internal", file)
  const source = readFileSync(path, "utf8")
  if (source.split(guard).length !== 2) throw new Error(`${file} has not exactly one of: ${guard}`)
  writeFileSync(
    path,
    source.replace(guard, () => rest)
  )
  const failure = firstFailure()
  writeFileSync(path, source)
  if (failure === undefined) survivors++
  console.log(`${failure === undefined ? "SURVIVES" : "caught  "} ${file}: ${guard.split("\n")[0]}`)
  if (failure !== undefined) console.log(`         by ${failure}`)
}
console.log(`${mutations.length - survivors} of ${mutations.length} guards are missed by a test`)
process.exitCode = survivors === 0 ? 0 : 1
