// The three bugs of docs/testing-concurrent-code.md: what is said of them is what the page shows, the pictures are those that are there,
// and the programs beside them hold. `vitest --update` writes the pictures and the page's outputs anew.
import { type ProgramFailure, explore, sweep } from "@effect-asyncio/testing"
import * as core from "@effect-asyncio/testing/core"
import { readFileSync, writeFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { effectPermits } from "../../../packages/testing/test/known/effectPermits.ts"
import { mutants } from "../../../packages/testing/test/known/mutants.ts"
import { nodeRaces } from "../../../packages/testing/test/known/nodeRaces.ts"
import { table } from "../../../packages/tools/docs/markdown.ts"
import { Disk, main as exportWrong } from "../../examples/testing/export.ts"
import { main as exportRight } from "../../examples/testing/exportRight.ts"
import { Pool, queries } from "../../examples/testing/pool.ts"
import { uploads } from "../../examples/testing/uploads.ts"

const page = new URL("../../testing-concurrent-code.md", import.meta.url)
const check = (disk: Disk) => expect([...disk.files.keys()]).not.toContain("rows.tmp")
const quiet = { picture: false } as const

const bugs: Record<string, () => Promise<unknown>> = {
  uploads: () => sweep(uploads, quiet),
  pool: () => explore(queries, { ...quiet, setup: () => new Pool() }),
  export: () => core.sweep(exportWrong, { ...quiet, setup: () => new Disk(), check })
}

/** The output below the program of a bug: the fence behind `<!-- failure: NAME -->`. */
const shownFor = (name: string): { readonly text: string; readonly replace: (text: string) => void } => {
  const markdown = readFileSync(page, "utf8")
  const start = markdown.indexOf(`<!-- failure: ${name} -->`)
  const from = markdown.indexOf("```txt\n", start) + "```txt\n".length
  const to = markdown.indexOf("\n```", from)
  return {
    text: markdown.slice(from, to),
    replace: (text) => writeFileSync(page, markdown.slice(0, from) + text + markdown.slice(to))
  }
}

type Rows = ReadonlyArray<ReadonlyArray<string>>

/** What packages/testing/test/known.test.ts has counted. */
const runs = JSON.parse(
  readFileSync(new URL("../../../packages/testing/test/known/runs.json", import.meta.url), "utf8")
) as Readonly<Record<string, number>>

const tables: Record<string, { readonly head: ReadonlyArray<string>; readonly rows: Rows }> = {
  elsewhere: {
    head: ["what goes wrong", "where", "search", "runs"],
    rows: [...effectPermits, ...nodeRaces].map(({ about, name, search, url }) => [
      about,
      `[${name}](${url})`,
      search,
      String(runs[name])
    ])
  },
  ours: {
    head: ["what goes wrong", "runs"],
    rows: mutants.map(({ about }) => [about, String(runs[about])])
  }
}

/** The table between `<!-- found: NAME -->` and `<!-- /found -->`. The formatter pads its cells. */
const foundIn = (name: string): { readonly rows: Rows; readonly replace: (lines: ReadonlyArray<string>) => void } => {
  const markdown = readFileSync(page, "utf8")
  const begin = `<!-- found: ${name} -->\n`
  const from = markdown.indexOf(begin) + begin.length
  const to = markdown.indexOf("<!-- /found -->", from)
  const lines = markdown.slice(from, to).split("\n")
  return {
    rows: lines.flatMap((line) => (line.startsWith("|") ? [line.split("|").slice(1, -1)] : [])),
    replace: (lines) => writeFileSync(page, `${markdown.slice(0, from)}\n${lines.join("\n")}\n\n${markdown.slice(to)}`)
  }
}

describe("testing concurrent code", () => {
  for (const [name, { head, rows }] of Object.entries(tables)) {
    it(`shows what was found: ${name}`, () => {
      if (process.env["UPDATE_PAGES"] !== undefined) foundIn(name).replace(table(head, rows))

      const [shownHead, , ...shown] = foundIn(name).rows.map((row) => row.map((cell) => cell.trim()))
      expect([shownHead, ...shown]).toEqual([head, ...rows])
    })
  }

  for (const [name, search] of Object.entries(bugs)) {
    it(`shows what is found: ${name}`, async () => {
      const failure = await search().then(
        () => expect.fail("nothing was found"),
        (error: ProgramFailure) => error
      )

      const message = `${failure.name}: ${failure.message}`.replaceAll(/(?:\/[^\s:]*)?docs\/examples\/testing\//g, "")
      await expect(failure.svg).toMatchFileSnapshot(`../../public/testing/${name}.svg`)
      if (process.env["UPDATE_PAGES"] !== undefined) shownFor(name).replace(message)
      expect(message).toBe(shownFor(name).text)
    })
  }

  it("leaves out the pairs where one cancellation is enough", async () => {
    await expect(core.sweep(exportRight, { ...quiet, setup: () => new Disk(), check })).resolves.toMatchObject({
      left: 0
    })
  })
})
