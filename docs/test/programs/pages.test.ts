// Runs every program on the pages: TypeScript on Node.js, Python on CPython 3.14. What a page shows as their output has to
// be what they print.
import { assert, beforeAll, describe, it } from "vitest"
import { allPrograms, programsOf, runPrograms } from "../../../packages/tools/docs/pages.ts"

const programs = allPrograms()

describe("the programs of the pages", () => {
  let results: Awaited<ReturnType<typeof runPrograms>>

  beforeAll(async () => {
    results = await runPrograms(programs)
  }, 600_000)

  for (const program of programs) {
    it(`${program.page}:${program.line} ${program.label || program.lang}`, () => {
      const { problem, text } = results.get(program)!

      assert.strictEqual(problem, undefined)
      assert.strictEqual(text, program.shown?.code.trimEnd() ?? "")
    })
  }
})

const fence = (info: string, code: string) => `\`\`\`${info}\n${code}\n\`\`\`\n`

describe("reading a page", () => {
  const shownOf = (page: string) => programsOf("page.md", page).map(({ label, shown }) => [label, shown?.code])

  it("takes the text below a program for its output", () => {
    assert.deepStrictEqual(shownOf(fence("ts", "a") + "\n" + fence("txt", "out")), [["", "out\n"]])
  })

  it("takes no text for output that prose stands before", () => {
    assert.deepStrictEqual(shownOf(fence("ts", "a") + "\nA file:\n\n" + fence("txt", "out")), [["", undefined]])
  })

  it("gives the text below a code group to each of its programs", () => {
    const group = `::: code-group\n\n${fence("py [Python]", "a")}\n${fence("ts [core]", "b")}\n:::\n`

    assert.deepStrictEqual(shownOf(group + "\n" + fence("txt", "out")), [
      ["Python", "out\n"],
      ["core", "out\n"]
    ])
  })

  it("gives each program the text with its label where the output is a group", () => {
    const programs = `::: code-group\n\n${fence("py [Python]", "a")}\n${fence("ts [core]", "b")}\n:::\n`
    const outputs = `::: code-group\n\n${fence("txt [core]", "ours")}\n${fence("txt [Python]", "theirs")}\n:::\n`

    assert.deepStrictEqual(shownOf(programs + "\n" + outputs), [
      ["Python", "theirs\n"],
      ["core", "ours\n"]
    ])
  })

  it("refuses a fence that nothing would run", () => {
    assert.throws(() => programsOf("page.md", fence("js", "a")), "page.md:1: write ts or py instead of js")
    assert.throws(() => programsOf("page.md", fence("ts no-run", "a")), "page.md:1: no-run is no mark of a program")
  })
})
