// Runs compat's tests, those of the test kit that need no vitest, those of the server package that are about the host, and those of inspect that look into
// their own process, on every runtime we support, two at a time.
//
//   npm run test:runtimes                      all tests everywhere
//   npm run test:runtimes -- --on "node 20,bun" Task cancel   on some runtimes, the files with such words in their names
import { join } from "node:path"
import { parseArgs } from "node:util"
import { outputsInOrder } from "./inOrder.ts"
import { runOn, type Runtime, runtimes } from "./runtimes.ts"
import { bundleTests, chosen, printSkips, testFiles } from "./testRunner/bundle.ts"

const { positionals, values } = parseArgs({ allowPositionals: true, options: { on: { type: "string" } } })

const names: ReadonlyArray<string> = values.on?.split(",") ?? runtimes.map(({ name }) => name)
const unknown = names.filter((name) => runtimes.every((runtime) => runtime.name !== name))
if (unknown.length > 0) {
  console.error(`no such runtime: ${unknown.join(", ")}. There are: ${runtimes.map(({ name }) => name).join(", ")}`)
  process.exit(2)
}

// These are about vitest, or search with its tests.
const ofVitest = /testing\/test\/(vitest|ourOwn|known|types)\.test\.ts$/

// Of the server's those that are about the host.
const ofServer = testFiles(["server"]).filter((file) => file.endsWith("/hosts.test.ts"))

// What inspect does with other processes is tried on each runtime by `npm run dev -- inspect:hosts`.
const ofInspect = testFiles(["inspect"]).filter((file) => /\/(askers|busyRows|ended|live)\.test\.ts$/.test(file))

const files = chosen(
  [...testFiles(["compat", "testing"]).filter((file) => !ofVitest.test(file)), ...ofServer, ...ofInspect],
  positionals
)
const bundle = await bundleTests("runtimes", files)
const program = join(bundle.folder, bundle.program)

interface Result {
  readonly ok: boolean
  readonly text: string
}

const testOn = async (runtime: Runtime, write: (text: string) => void): Promise<Result> => {
  write(`\n== ${runtime.package}\n`)
  const start = performance.now()
  const { status, stdout } = await runOn(runtime, program, write)
  const summary = stdout.trimEnd().split("\n").at(-1) ?? ""
  // A runtime that stops in the middle with success, because nothing keeps it alive any more, has not passed.
  const ended = summary.startsWith(`${runtime.name}: `)
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  return {
    ok: status === 0 && ended,
    text: `${ended ? summary : `${runtime.name}: ended before its tests`} (${seconds} s)`
  }
}

const output = outputsInOrder((text) => process.stdout.write(text))
const waiting = runtimes.filter(({ name }) => names.includes(name)).map((runtime) => ({ runtime, ...output.next() }))
const results = new Map<string, Result>()
const testNext = async (): Promise<void> => {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    results.set(next.runtime.name, await testOn(next.runtime, next.write))
    next.end()
  }
}
await Promise.all([testNext(), testNext()])

printSkips(files, names)
console.log("\nResults")
const inOrder = names.flatMap((name) => results.get(name) ?? [])
for (const { ok, text } of inOrder) console.log(`${ok ? "ok    " : "FAILED"} ${text}`)
process.exitCode = inOrder.length === names.length && inOrder.every(({ ok }) => ok) ? 0 : 1
