// Makes programs of docs/cheat-sheet.md: one for each of its columns, in which every cell runs by itself. They are type-checked and
// run with the other programs of the pages, and print nothing. The setups are what the cells use without saying so.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { root } from "../repository.ts"
import type { Program } from "./pages.ts"

const page = "docs/cheat-sheet.md"

/** A cell of a table: its code, line by line, and where it stands. */
interface Cell {
  readonly line: number
  readonly code: ReadonlyArray<string>
  /** Under the heading Running: it makes a run, and is in none. */
  readonly isRun: boolean
}

/** What is in one pair of backticks is a line of code, and `–` stands where there is none. */
const codeOf = (cell: string): ReadonlyArray<string> =>
  Array.from(cell.replaceAll("\\|", "|").matchAll(/(`+)(.+?)\1/g), ([, , code = ""]) => code)

/** The cells of a column, 1 to 3. */
export const cellsOf = (markdown: string, column: number): ReadonlyArray<Cell> => {
  let heading = ""
  return markdown.split("\n").flatMap((text, index) => {
    heading = /^## (.*)/.exec(text)?.[1] ?? heading
    const cells = text.split(/(?<!\\)\|/)
    if (!text.startsWith("|") || cells.length !== 5) return []
    const code = codeOf(cells[column] ?? "")
    return code.length === 0 ? [] : [{ line: index + 1, code, isRun: heading === "Running" }]
  })
}

/** What Python's build for WebAssembly has not: such a cell is compiled, and not called. */
export const isOnlyCompiled = ({ code }: Cell): boolean => code.some((line) => /\bto_thread\b|\bsignal\b/.test(line))

const indented = (lines: ReadonlyArray<string>, by: number) => lines.map((line) => " ".repeat(by) + line)

const python = (cells: ReadonlyArray<Cell>) => [
  "import asyncio",
  "import contextvars",
  "from contextlib import redirect_stdout",
  "from io import StringIO",
  "",
  "async def work():",
  "    await asyncio.sleep(1 / 1000)",
  "    return 1",
  "",
  "async def close():",
  "    await asyncio.sleep(0)",
  "",
  "async def f(x):",
  "    return x",
  "",
  "main = work",
  "",
  ...cells.flatMap((cell) => {
    if (cell.isRun && !isOnlyCompiled(cell)) return cell.code
    const row = [
      `async def line_${cell.line}():`,
      "    event, queue, lock = asyncio.Event(), asyncio.Queue(), asyncio.Lock()",
      "    task = asyncio.create_task(work())",
      ...indented(cell.code, 4),
      ""
    ]
    return isOnlyCompiled(cell)
      ? row
      : [...row, "with redirect_stdout(StringIO()):", `    asyncio.run(line_${cell.line}())`]
  })
]

const compat = (cells: ReadonlyArray<Cell>) => [
  'import * as asyncio from "@effect-asyncio/compat"',
  'import { makeVirtualTimeLoop } from "@effect-asyncio/compat/testing"',
  "",
  "const work = async () => asyncio.sleep(1, 1)",
  "const main = work",
  "const close = async () => asyncio.sleep(0)",
  "const f = async (x: number) => x",
  "const square = (x: number) => x * x",
  "const call = async ({ signal }: { readonly signal: AbortSignal }) => signal.aborted",
  "const items = [1, 2, 3]",
  "",
  ...cells.flatMap(({ code, isRun }) =>
    isRun
      ? ["{", ...indented(code, 2), "}"]
      : [
          "await asyncio.run(async () => {",
          "  const [event, queue, lock] = [new asyncio.Event(), new asyncio.Queue<number>(), new asyncio.Lock()]",
          "  const [task, promise] = [asyncio.createTask(work), Promise.resolve(1)]",
          "  void [event, queue, lock, task, promise]",
          "  {",
          ...indented(code, 4),
          "  }",
          "})"
        ]
  ),
  "void [close, f, square, call, items]"
]

const core = (cells: ReadonlyArray<Cell>) => [
  'import * as asyncio from "@effect-asyncio/core"',
  'import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"',
  'import { Data, Effect } from "effect"',
  "",
  'class Problem extends Data.TaggedError("Problem")<{}> {}',
  "const work = Effect.as(asyncio.sleep(1), 1)",
  "const main = work",
  "const close = asyncio.sleep(0)",
  "const f = (x: number) => Effect.succeed(x)",
  "const use = (x: unknown) => Effect.succeed(x)",
  "const failing = asyncio.taskGroup(function* (group: asyncio.TaskGroup<Problem>) {",
  "  yield* group.createTask(Effect.fail(new Problem()))",
  "})",
  "const square = (x: number) => x * x",
  "const call = async ({ signal }: { readonly signal: AbortSignal }) => signal.aborted",
  "const items = [1, 2, 3]",
  "",
  ...cells.flatMap(({ code, isRun }) =>
    isRun
      ? ["{", ...indented(code, 2), "}"]
      : [
          "await asyncio.run(function* () {",
          "  const [event, queue] = [yield* asyncio.Event.make(), yield* asyncio.Queue.make<number>()]",
          "  const lock = yield* asyncio.Lock.make()",
          "  const [task, promise] = [yield* asyncio.createTask(work), Promise.resolve(1)]",
          "  void [event, queue, lock, task, promise]",
          "  {",
          ...indented(code, 4),
          "  }",
          "})"
        ]
  ),
  "void [close, f, use, failing, square, call, items]"
]

/** The three programs. Their lines are those of the columns, because a program is told from another by its page and line. */
export const cheatSheetPrograms = (): ReadonlyArray<Program> => {
  const markdown = readFileSync(join(root, page), "utf8")
  const columns = [
    { lang: "py", label: "Python", write: python },
    { lang: "ts", label: "compat", write: compat },
    { lang: "ts", label: "core", write: core }
  ]
  return columns.map(({ label, lang, write }, index) => ({
    page,
    line: index + 1,
    end: index + 1,
    lang,
    label: `the column of ${label}`,
    marks: [],
    group: 0,
    code: write(cellsOf(markdown, index + 1)).join("\n") + "\n",
    shown: undefined
  }))
}
