// Runs every program that a page links to the playground there, in the worker's own bundle: it has to print what the page shows.
import { assert, beforeAll, describe, it } from "vitest"
import { allPrograms } from "../../../packages/tools/docs/pages.ts"
import { allExamples, buildPlayground, type Ran, runInPlayground } from "../../../packages/tools/docs/playground.ts"
import { kindOf } from "../../playground/playable.ts"
import { traceText } from "../../../packages/testing/src/timeline/describe.ts"

const textOf = ({ lines }: Ran): string =>
  lines
    .map(({ text }) => text)
    .join("\n")
    // Times and fibers that are others in every run.
    .replace(/^\[\d\d:\d\d:\d\d\.\d{3}\] (\w+) \(#\d+\)/gm, "[00:00:00.000] $1 (#1)")
    .replace(/[ \t]+$/gm, "")
    .trimEnd()

const programs = allPrograms().filter(({ code, lang, marks }) => lang === "ts" && kindOf(code, marks) !== undefined)

describe("the programs of the pages in the playground", () => {
  let results: ReadonlyArray<Ran>

  beforeAll(async () => {
    await buildPlayground()
    results = await runInPlayground(programs.map(({ code }) => code))
  }, 600_000)

  it("are most of them", () => {
    assert.isAbove(programs.length, 130)
  })

  for (const [n, { label, line, page, shown }] of programs.entries()) {
    it(`${page}:${line} ${label}`, () => {
      assert.strictEqual(textOf(results[n]!), shown?.code.trimEnd() ?? "")
    })
  }

  it("have a timeline where they are run", () => {
    const without = programs.filter(
      ({ code }, n) => /\basyncio\.run\(/.test(code) && results[n]!.trace.steps.length === 0
    )

    assert.deepStrictEqual(
      without.map(({ line, page }) => `${page}:${line}`),
      []
    )
  })
})

describe("the examples of the playground", () => {
  it("are at least ten, each in both kinds, that print something and have a timeline", async () => {
    const examples = allExamples()
    const results = await runInPlayground(examples.flatMap(({ compat, core }) => [compat!, core!]))

    assert.isAtLeast(examples.length, 10)
    assert.deepStrictEqual(
      results.filter(({ lines, trace }) => lines.length === 0 || traceText(trace).length < 2),
      []
    )
  }, 600_000)
})
