import { readFileSync } from "node:fs"
import { assert, describe, it } from "vitest"
import { asyncioNames } from "../../../packages/tools/docs/asyncioNames.ts"
import { programsOf } from "../../../packages/tools/docs/pages.ts"

const page = readFileSync(new URL("../../coming-from-asyncio.md", import.meta.url), "utf8")
const data = asyncioNames()

/** The words of code in the first cells of the tables in a text, without arguments. */
const rowsOf = (text: string) =>
  new Set(
    text
      .split("\n")
      .filter((line) => line.startsWith("| "))
      .flatMap((row) => Array.from(row.split("|")[1]!.matchAll(/`([^`]+)`/g), ([, code]) => code!.replace(/\(.*/, "")))
  )

/** The rows of the page where the section of a class is, and of its own table there, if it has one. */
const rows = rowsOf(page)
const sectionOf = (heading: string) => page.split(`\n### ${heading}\n`)[1]?.split(/\n##+ /)[0]

/** The tables that are about one class, and name its members only. */
const ownTables: Readonly<Record<string, string>> = {
  "asyncio.AbstractEventLoop": "Methods of the loop",
  "asyncio.Future": "Methods of Future",
  "asyncio.Handle": "Methods of Handle and TimerHandle",
  "asyncio.Runner": "Methods of Runner",
  "asyncio.Task": "Methods of Task",
  "asyncio.TimerHandle": "Methods of Handle and TimerHandle"
}

const withoutRow = () => [
  ...Object.values(data.modules).flatMap((names) => Object.keys(names).filter((name) => !rows.has(name))),
  ...Object.entries(data.members).flatMap(([path, names]) => {
    const className = path.split(".").at(-1)!
    const table = ownTables[path]
    const own = table === undefined ? new Set<string>() : rowsOf(sectionOf(table)!)
    return Object.keys(names)
      .filter((name) => !own.has(name) && !rows.has(`${className}.${name}`) && !isOfTests(path, name))
      .map((name) => `${className}.${name}`)
  })
]

/** Members of the test case stand in its row by themselves. */
const isOfTests = (path: string, name: string) => path === "unittest.IsolatedAsyncioTestCase" && rows.has(name)

describe("docs/coming-from-asyncio.md", () => {
  it("has a row for every public name of both versions on every platform", () => {
    assert.deepStrictEqual(data.versions, ["3.14", "3.15"])
    assert.deepStrictEqual(data.platforms, ["Linux", "macOS", "Windows"])
    assert.isAbove(Object.keys(data.modules.asyncio!).length, 90)

    assert.deepStrictEqual(withoutRow(), [])
  })

  it("has a row for each of the 54 methods of the loop, as CPython printed them on the page itself", () => {
    const shown = programsOf("coming-from-asyncio.md", page).findLast(({ lang }) => lang === "py")!.shown!.code
    const [names, methods] = shown.split("\n\n").map((text) => text.trim().split(/\s+/)) as [
      Array<string>,
      Array<string>
    ]
    const own = rowsOf(sectionOf("Methods of the loop")!)

    assert.strictEqual(methods.length, 54)
    assert.deepStrictEqual(
      methods.filter((name) => !own.has(name)),
      []
    )
    assert.deepStrictEqual(
      names.filter((name) => !(name in data.modules.asyncio!)),
      []
    )
  })
})
