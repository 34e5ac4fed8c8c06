import { readFileSync } from "node:fs"
import { assert, describe, it } from "vitest"
import { cellsOf, cheatSheetPrograms, isOnlyCompiled } from "../../../packages/tools/docs/cheatSheet.ts"

const page = readFileSync(new URL("../../cheat-sheet.md", import.meta.url), "utf8")
const [python, compat, core] = [1, 2, 3].map((column) => cellsOf(page, column)) as [
  ReturnType<typeof cellsOf>,
  ReturnType<typeof cellsOf>,
  ReturnType<typeof cellsOf>
]

describe("the cheat sheet", () => {
  it("has code for async functions and for Effects in every row", () => {
    const rows = page.split("\n").filter((line) => /^\| (?!asyncio |-)/.test(line)).length

    assert.isAbove(rows, 40)
    assert.lengthOf(compat, rows)
    assert.lengthOf(core, rows)
    assert.isAbove(python.length, 25)
  })

  it("runs every cell, but for the Python that needs threads or signals", () => {
    const [, ...typescript] = cheatSheetPrograms()

    for (const [index, cells] of [compat, core].entries()) {
      for (const { code } of cells) for (const line of code) assert.include(typescript[index]!.code, line)
    }
    assert.deepStrictEqual(
      python.filter(isOnlyCompiled).map(({ code }) => code.join()),
      ["loop.add_signal_handler(signal.SIGTERM, task.cancel)", "await asyncio.to_thread(square, 4)"]
    )
  })

  it("takes the lines of a cell, with their indentation", () => {
    const table = "## Tasks\n\n| a | b | c |\n|---|---|---|\n| `if x:`<br>`    f()` | – | `a \\| b` |\n"

    assert.deepStrictEqual(cellsOf(table, 1), [{ line: 5, code: ["if x:", "    f()"], isRun: false }])
    assert.deepStrictEqual(cellsOf(table, 2), [])
    assert.deepStrictEqual(cellsOf(table, 3)[0]?.code, ["a | b"])
  })
})
