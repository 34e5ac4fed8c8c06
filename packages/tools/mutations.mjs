// `npm run mutations`: takes the guards of the cancel paths away, one at a time, in a copy of core, and runs its tests and
// those of compat, whose async functions are what the driven lines are for.
// Every guard must be missed by a test, whose name is printed. Exits with 1 when one is not.
import { spawnSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))

/** What is taken away: a file of core's src/internal, the guard, and what is left of it. */
const mutations = [
  ["task.ts", "if (!this.countRequest(error)) return false", "this.countRequest(error)"],
  ["task.ts", "if (passedOn !== true) this.#keep(error)", ""],
  [
    "task.ts",
    "if (!conclude(asked, error, asked.future!.cancelWith(error))) this.#keep(error)",
    "conclude(asked, error, asked.future!.cancelWith(error))"
  ],
  ["task.ts", "} else if (!asked) {\n      this.#keep(error)", "} else if (!asked) {"],
  ["cancelWalk.ts", "if (answer === true) wait.forwarded = error", ""],
  ["cancelWalk.ts", 'if (answer !== "ring") return answer', "if (true) return answer === true"],
  ["cancelWalk.ts", "forgetCancellation(wait.future!)", ""],
  ["cancelWalk.ts", "if (owner !== undefined) this.#onTheWay.add(owner)", ""],
  ["cancelWalk.ts", "if (visits >= enough) return future.countRequest(this.#error)", ""],
  ["wait.ts", "if (waitsFor(future, task)) return", "if (false) return"],
  ["task.ts", "--this.#cancelRequests === 0) {\n      this.mustCancel = undefined", "--this.#cancelRequests === 0) {"],
  ["task.ts", "this.forgetPending()\n", "\n"],
  ["task.ts", "Math.max(0, this.#cancelRequests - this.#lineRequests)", "this.#cancelRequests"],
  ["task.ts", "if (this.mustCancel !== undefined) return this.finishCancelled(this.mustCancel)\n", "\n"],
  ["task.ts", "if (error !== undefined) return ownCancellation(awaited ?? error)", ""],
  ["task.ts", "hide(this.mustCancel, error)", ""],
  ["task.ts", "awaited !== undefined && wait.forwarded !== undefined ? ownCancellation(awaited) : outcome", "outcome"],
  ["task.ts", "if (future.cancelWith(error)) wait.forwarded = error\n    else line.keepCancellation(error)", ""],
  [
    "task.ts",
    "const error = this.mustCancel\n    if (error !== undefined) {",
    "const error = this.mustCancel!\n    if (false) {"
  ],
  ["line.ts", "if (!passedOn) keepRequest(line, error)", ""],
  ["line.ts", "if (line.task.exit === undefined) line.task.cancelWith(error)", ""],
  ["line.ts", "if (left === 0) line.forgetAll()", ""],
  ["line.ts", "if (requestsOn(line) === 0) return\n", "\n"],
  ["line.ts", "count += at.requests", "count += 0"],
  ["strand.ts", "if (wait.future === undefined) return false", "if (wait.future === undefined) return true"],
  ["strand.ts", "return this.#protects(error) || wait", "return wait"],
  ["strand.ts", "return this.#protects(error) || this.hosted", "return this.hosted"],
  ["strand.ts", "if (task.mustCancel !== undefined && scopeOf.has(error)) this.#protects(task.mustCancel)", ""],
  ["strand.ts", "if (scopeOf.get(error) !== fiber) this.#interrupt", "this.#interrupt"],
  ["strand.ts", "error !== undefined && this.#protects(error) ? undefined : error", "error"],
  ["strand.ts", "this.task.loop.enqueue(delivery)", "{}"],
  ["strand.ts", "underWay.batch = batch\n", "\n"],
  ["strand.ts", "takeOver(this, line.takeDue())", ""],
  ["strand.ts", "if (this.pendingCancellation() !== undefined) this.deliverSoon()", ""],
  ["strand.ts", "if (this.wait === undefined) this.deliverSoon()", ""],
  ["strand.ts", "if (error !== undefined) this.#deliverRest()", ""],
  ["strand.ts", "this.moveTo(outer)\n      this.#deliverRest()", "this.moveTo(outer)"],
  [
    "strand.ts",
    "this.wait !== undefined || this.hosted !== undefined) return\n    const",
    "this.hosted !== undefined) return\n    const"
  ],
  ["strand.ts", " ?? (batch?.live === true ? batch.error : undefined)", ""],
  ["strand.ts", "batch?.live === true ?", "batch !== undefined ?"],
  ["strand.ts", "for (const error of errors) this.#leaveTo(outer, error)", ""],
  ["driven.ts", "if (taken !== true) all = false", ""],
  ["driven.ts", "if (this.pendingCancellation() !== undefined) strand.deliverSoon()", ""],
  ["driven.ts", "error !== undefined && this.#wasDelivered(error) ? ownCancellation(error) : exit", "exit"],
  ["driven.ts", "this.#delivered = new WeakSet([known, error])", "this.#delivered = error"],
  ["driven.ts", "const error = requestOf(ended)", "const error = ended"],
  ["driven.ts", "if (requestsOn(this) === 0) return\n    if (this.isAllOfTask)", "if (this.isAllOfTask)"],
  ["driven.ts", "takeOver(this, branch.takeDue())", ""],
  ["driven.ts", "this.#over = failed && !busy && !wasTold ? overAndToBeTold : over", "this.#over = over"],
  ["driven.ts", "if (wasTold) return ending.handOver(this, this.#around())", ""],
  ["driven.ts", "if (failed) this.#driver.cancelRequested(error, true)", ""],
  ["aftermath.ts", "waits.filter((wait) => wait.future?.shared !== true)", "waits"],
  ["aftermath.ts", "if (around !== undefined && line.inFlight()) handOver(line, around())", ""],
  ["aftermath.ts", "return this.#error ?? this.takeDue()", "return this.takeDue()"],
  ["aftermath.ts", "line.goesOn && line.task !== main", "line.goesOn"],
  ["driven.ts", "if (line.#batch !== undefined) line.#batch.live = false", ""],
  ["driven.ts", "return this.due ?? this.#abandoned", "return this.due"],
  ["line.ts", "if (at.keptFirst) first ??= at.kept", "if (at.keptFirst) first = at.kept ?? first"],
  ["line.ts", "else last = at.kept ?? last", ""],
  ["line.ts", "outermost.isAllOfTask ? task.mustCancel : undefined", "task.mustCancel"],
  ["line.ts", "first !== undefined && covers(first, ofAll) ? first : ", ""],
  ["line.ts", "|| covers(due, pending)", ""],
  ["driven.ts", "if (covers(error, this.task.mustCancel)) this.task.mustCancel = undefined", ""],
  ["driven.ts", "[...hosted, ...branches].toReversed()", "branches"],
  ["driven.ts", "of [...hosted, ...branches]", "of hosted"],
  [
    "strand.ts",
    "return this.fiber === undefined || isInterruptible(this.fiber) ? this.hosted : undefined",
    "return this.hosted"
  ],
  ["coroutineTask.ts", "line.abandon(fiberInterrupted())", ""],
  [
    "wait.ts",
    "future.cancelWith(fiberInterrupted(currentTaskOf(future.loop)?.getName()))\n  wait.abandoned()",
    "wait.abandoned()"
  ],
  ["wait.ts", "return untilDone(future)", "return Effect.void"],
  ["cancellation.ts", "return undefined\n    }\n  }", "continue\n    }\n  }"],
  ["region.ts", "return interruptNested(inner)", "return Effect.void"],
  ["region.ts", "cancelForScope(this.#strand, error)", "this.task.cancelWith(error)"],
  ["region.ts", "{ uninterruptible: !isInterruptible(outer) }", "{}"],
  ["region.ts", "Exit.isSuccess(probe) ? insist(restore, wait, seen) : wait(", "wait("],
  [
    "timeout.ts",
    "if (left > this.#cancelling || Exit.isSuccess(exit)) return exit",
    "if (Exit.isSuccess(exit)) return exit"
  ],
  ["timeout.ts", "if (cancellation === undefined) return exit", ""],
  ["timeout.ts", "if (left > 0) yieldToOther(this.#request!, exit)", ""],
  ["cancellation.ts", "if (found !== undefined) hide(error, found)", ""],
  ["taskGroup.ts", "if (this.#aborted === undefined) this.#abortAll(becauseOf(task, this.#owner))", ""],
  ["taskGroup.ts", "passOn = left === 0 ? undefined : (cancelled ?? arrived)", ""],
  ["taskGroup.ts", "if (left > 0) yieldToOther(request, arrived, cancelled)", ""],
  ["taskGroup.ts", "? undefined : (cancelled ?? arrived)", "? undefined : cancelled"],
  ["taskGroup.ts", "owner.askAgain(askedAgain((hidden && cancellationIn(hidden)) ?? hiddenByFailure(owner)))", ""],
  ["gather.ts", 'return inRing ? "ring" : taken', "return taken"],
  ["gather.ts", "if (taken) this.#cancelRequested = error", ""],
  ["shield.ts", "if (outer.cancelled()) return", ""],
  ["sleepFuture.ts", "this.loop.removeTimer(this)", ""]
]

const work = mkdtempSync(join(tmpdir(), "effect-asyncio-mutations-"))
process.on("exit", () => rmSync(work, { recursive: true, force: true }))

for (const name of ["core", "compat"]) {
  cpSync(join(root, "packages", name), join(work, "packages", name), {
    recursive: true,
    filter: (source) => !/[\\/](node_modules|dist|\.tsbuildinfo)$/.test(source)
  })
}
cpSync(join(root, "tsconfig.base.json"), join(work, "tsconfig.base.json"))
symlinkSync(join(root, "packages/core/node_modules"), join(work, "packages/core/node_modules"))
symlinkSync(join(root, "node_modules"), join(work, "node_modules"))
// compat has to find the copy.
mkdirSync(join(work, "packages/compat/node_modules/@effect-asyncio"), { recursive: true })
symlinkSync(join(work, "packages/core"), join(work, "packages/compat/node_modules/@effect-asyncio/core"))
symlinkSync(join(root, "packages/compat/node_modules/effect"), join(work, "packages/compat/node_modules/effect"))
writeFileSync(
  join(work, "vitest.config.mjs"),
  `const conditions = ["@effect-asyncio/source", "module", "node", "development|production"]
const project = (name, exclude) => ({
  extends: true,
  root: ${JSON.stringify(work)} + "/packages/" + name,
  test: { name, include: ["test/**/*.test.ts"], exclude }
})
export default {
  root: ${JSON.stringify(work)},
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    projects: [
      project("core", ["**/leak.test.ts", "**/toThread*.test.ts"]),
      project("compat", ["**/scale.test.ts", "**/docstrings.test.ts"])
    ],
    bail: 1,
    testTimeout: 10_000,
    isolate: false
  }
}
`
)

/** Runs the tests on the copy: the name of one that fails, or undefined. */
const firstFailure = () => {
  const result = spawnSync("vitest", ["run", "--config", join(work, "vitest.config.mjs"), "--reporter=dot"], {
    cwd: work,
    encoding: "utf8",
    timeout: 120_000,
    shell: process.platform === "win32"
  })
  if (result.status === 0) return undefined
  // oxlint-disable-next-line no-control-regex -- colours
  const lines = `${result.stdout}${result.stderr}`.replace(/\x1b\[[\d;]*m/g, "").split("\n")
  const failed = lines.find((line) => line.includes("FAIL "))
  return failed?.replace(/^.*?FAIL\s+/, "") ?? "the tests do not end, or do not load"
}

const missing = mutations.filter(([file = "", guard = ""]) => {
  const source = readFileSync(join(root, "packages/core/src/internal", file), "utf8")
  return source.split(guard).length !== 2
})
if (missing.length > 0) {
  for (const [file, guard] of missing) console.log(`${file} has not exactly one of: ${guard}`)
  process.exit(1)
}

const unharmed = firstFailure()
if (unharmed !== undefined) throw new Error(`the tests fail before anything is changed: ${unharmed}`)

let survivors = 0
for (const [file = "", guard = "", rest = ""] of mutations) {
  const path = join(work, "packages/core/src/internal", file)
  const source = readFileSync(path, "utf8")
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
