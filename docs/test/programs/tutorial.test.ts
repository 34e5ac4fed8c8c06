// Runs the programs of the tutorial as a reader does, and compares what they print with what CPython 3.14 printed. The
// programs load the built packages, which are built before the tests.
import { execFile } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { assert, describe, it } from "vitest"
import { normalize } from "../../../packages/tools/docs/tutorial.ts"

const examples = fileURLToPath(new URL("../../examples/", import.meta.url))
const tutorial = `${examples}current-task/`

/** Runs a program to its end and gives the lines it printed. A program that fails, or warns, fails the test. */
const runProgram = async (file: string): Promise<ReadonlyArray<string>> => {
  // The runner's own settings, such as its conditions, are not for the program.
  const { NODE_OPTIONS: _, ...env } = process.env
  const { stderr, stdout } = await promisify(execFile)(process.execPath, ["--no-warnings", file], { env })
  assert.strictEqual(stderr, "")
  return stdout.trimEnd().split("\n")
}

const lines = (text: string) => text.trimEnd().split("\n").map(normalize)

describe("the tutorial", () => {
  const bases = readdirSync(tutorial)
    .filter((name) => name.endsWith(".txt"))
    .map((name) => name.replace(/\.txt$/, ""))

  it("has a program in core and one in compat for each of CPython's", () => {
    const programs = readdirSync(tutorial).filter((name) => name.endsWith(".ts"))

    assert.deepStrictEqual(
      programs.sort(),
      bases.flatMap((base) => [`${base}.compat.ts`, `${base}.core.ts`])
    )
    assert.strictEqual(programs.length, 10)
  })

  for (const base of bases) {
    for (const kind of ["core", "compat"]) {
      it.concurrent(`prints in ${kind} what CPython prints: ${base}`, async () => {
        const expected = readFileSync(`${tutorial}${base}.txt`, "utf8")

        const printed = await runProgram(`${tutorial}${base}.${kind}.ts`)

        assert.deepStrictEqual(printed.map(normalize), lines(expected))
      })
    }
  }
})

describe("the workers example", () => {
  it("cancels one worker by name and lets the others finish its job", async () => {
    const printed = await runProgram(`${examples}workers.ts`)

    // Who takes which job, and who is done first, depends on how fast they are.
    const jobs = ["invoices", "reports", "backups", "thumbnails", "newsletters", "statistics"]
    assert.deepStrictEqual(printed.slice(0, 3), [
      "ada    opens its connection",
      "grace  opens its connection",
      "linus  opens its connection"
    ])
    assert.deepStrictEqual(printed.flatMap((line) => /did (.*)/.exec(line)?.[1] ?? []).sort(), jobs.sort())
    assert.deepStrictEqual(
      printed.filter((line) => line.startsWith("main")),
      ["main   ada ended: done", "main   grace ended: cancelled by Task-1: lunch", "main   linus ended: done"]
    )
    assert.strictEqual(printed.filter((line) => line.endsWith("closes its connection")).length, 3)
  })
})
