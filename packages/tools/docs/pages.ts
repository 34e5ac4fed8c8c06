// The programs of the pages: every fence of `ts` or `py` in a Markdown file, and the fence below it that shows what it prints.
//
//   ```ts [core]         a program that ends well; everything it prints is in the output below
//   ```ts throws         one that ends with an error, whose text ends the output, with the hint and the task it names
//   ```ts type-error     one that the compiler refuses; the output is what it says. It is not run
//   ```ts real-time      one that needs the host's clock, for real I/O; the others run on virtual time
//   ```ts import.meta.vitest    an example with assertions, see examples.ts
//   ```py                a program that CPython 3.14 runs
//   ```txt               what the programs above print: those of the code group above, or the one above
//
// The tables of the cheat sheet are programs too: see cheatSheet.ts.
//
// Where the programs of a group print different things, the output is a group as well, with the same labels. A program
// without output prints nothing. `npm run dev -- docs:outputs` writes the outputs anew.
import { execFileSync, spawn } from "node:child_process"
import { globSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { root } from "../repository.ts"
import { cheatSheetPrograms } from "./cheatSheet.ts"
import { sitePagePaths } from "./sitePages.ts"

const out = join(root, "docs/.examples")

/** A fence of a page. */
export interface Fence {
  /** Of its opening. */
  readonly line: number
  /** Of its closing. */
  readonly end: number
  readonly lang: string
  readonly label: string
  readonly marks: ReadonlyArray<string>
  readonly code: string
  /** The line where its code group begins, 0 when it is in none. */
  readonly group: number
}

/** A program on a page, with what the page says it prints. */
export interface Program extends Fence {
  readonly page: string
  readonly shown: Fence | undefined
}

export interface ProgramResult {
  /** What its output should show. */
  readonly text: string
  /** What is wrong with the program itself, such as an error where none was announced. */
  readonly problem?: string | undefined
}

/** The languages of programs, under all their names: those that are run, and those that would escape. */
const programLanguages = /^(?:ts|typescript|mts|tsx|js|javascript|mjs|jsx|py|python)$/
const knownMarks = new Set(["throws", "type-error", "real-time", "import.meta.vitest"])

const fencesOf = (markdown: string): ReadonlyArray<Fence> => {
  const lines = markdown.split("\n")
  const fences: Array<Fence> = []
  let group = 0
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? ""
    if (line.startsWith("::: code-group")) group = i + 1
    else if (/^:::\s*$/.test(line)) group = 0
    const [, ticks, lang = "", info = ""] = /^(`{3,})(\S*)(.*)$/.exec(line) ?? []
    if (ticks === undefined) continue
    const start = i
    do i++
    while (i < lines.length && lines[i] !== ticks)
    fences.push({
      line: start + 1,
      end: i + 1,
      lang,
      label: /\[(.*)\]/.exec(info)?.[1] ?? "",
      marks: info
        .replace(/\[.*\]|\{.*\}/g, "")
        .split(/\s+/)
        .filter(Boolean),
      code: lines.slice(start + 1, i).join("\n") + "\n",
      group
    })
  }
  return fences
}

/** The pages, without what is generated from the sources. */
export const pagePaths = (): ReadonlyArray<string> =>
  globSync(["docs/**/*.md", "*.md", "packages/{core,compat,testing,mcp,cluster}/README.md"], {
    cwd: root,
    exclude: [
      "**/node_modules/**",
      "docs/api/**",
      ...sitePagePaths,
      "docs/test/**",
      "docs/.vitepress/**",
      "docs/.examples/**"
    ]
  }).sort()

/** The programs of a page. A fence that nothing would run is an error. */
export const programsOf = (page: string, markdown: string): ReadonlyArray<Program> => {
  const lines = markdown.split("\n")
  const fences = fencesOf(markdown)
  const programs: Array<Program> = []
  for (const [index, fence] of fences.entries()) {
    if (!programLanguages.test(fence.lang)) continue
    const where = `${page}:${fence.line}`
    if (fence.lang !== "ts" && fence.lang !== "py") throw new Error(`${where}: write ts or py instead of ${fence.lang}`)
    const unknown = fence.marks.find((mark) => !knownMarks.has(mark))
    if (unknown !== undefined) throw new Error(`${where}: ${unknown} is no mark of a program`)
    if (fence.marks.includes("import.meta.vitest")) continue
    programs.push({ ...fence, page, shown: outputOf(fences, index, lines) })
  }
  return programs
}

/** The fence that shows what the program in another fence prints. */
const outputOf = (fences: ReadonlyArray<Fence>, index: number, lines: ReadonlyArray<string>) => {
  const fence = fences[index]!
  let next = index + 1
  while (fence.group !== 0 && fences[next]?.group === fence.group) next++
  const last = fences[next - 1]!
  const below = fences[next]
  if (below?.lang !== "txt") return undefined
  const between = lines.slice(last.end, below.line - 1)
  if (between.some((line) => line.trim() !== "" && !line.startsWith(":::"))) return undefined
  if (below.group === 0) return below
  return fences.find((other) => other.group === below.group && other.label === fence.label)
}

/** All programs of all pages, and those that the cells of the cheat sheet are. */
export const allPrograms = (): ReadonlyArray<Program> => [
  ...pagePaths().flatMap((page) => programsOf(page, readFileSync(join(root, page), "utf8"))),
  ...cheatSheetPrograms()
]

const moduleOf = ({ line, marks, page }: Program) =>
  join(out, marks.includes("type-error") ? "refused" : "pages", `${page}.L${line}.ts`)

/** The modules of the TypeScript programs, by path. Lines keep their numbers. */
export const programModules = (): Map<string, string> =>
  new Map(
    allPrograms()
      .filter(({ lang }) => lang === "ts")
      .map((program) => [moduleOf(program), "\n".repeat(program.line) + program.code])
  )

interface Run {
  readonly printed: string
  readonly error?: string
}

/** Runs programs with one of the scripts beside this file. */
const runAll = async (
  script: string,
  options: ReadonlyArray<string>,
  input: ReadonlyArray<unknown>
): Promise<ReadonlyArray<Run>> => {
  // The runner's own settings, such as its conditions, are not for the programs.
  const { NODE_OPTIONS: _, ...env } = process.env
  const child = spawn(process.execPath, [...options, join(root, "packages/tools/docs", script)], {
    env: { ...env, NO_COLOR: "1", TZ: "UTC" },
    stdio: ["pipe", "pipe", "inherit"]
  })
  child.stdin.end(JSON.stringify(input))
  return JSON.parse(await text(child.stdout)) as ReadonlyArray<Run>
}

/**
 * Paths and lines as a reader sees them who saved the program as main.ts, without ids and times that change with every run,
 * and without the library's own lines in a stack.
 */
const readable = (printed: string) =>
  printed
    .replace(
      /(?:file:\/\/)?[^\s()<>='"]*\.examples\/pages\/[^\s()<>='"]*?\.L(\d+)\.ts:(\d+)(:\d+)?/g,
      (_, first: string, line: string) => `main.ts:${Number(line) - Number(first)}`
    )
    .replace(/(["'])[^\s"']*\.examples\/pages\/[^\s"']*?\.L\d+\.ts\1/g, "$1main.ts$1")
    .replace(/\n +at .*(?:packages\/\w+\/src\/|node:).*/g, "")
    .replace(/\/lib\/python314\.zip\//g, "")
    .replace(/^\[\d\d:\d\d:\d\d\.\d{3}\] (\w+) \(#\d+\)/gm, "[00:00:00.000] $1 (#1)")
    .replace(/[ \t]+$/gm, "")
    .trimEnd()

/** What the compiler says to the programs it refuses, by program. */
const refusals = (programs: ReadonlyArray<Program>) => {
  if (programs.length === 0) return []
  const config = join(out, "refused/tsconfig.json")
  const options = { composite: false, incremental: false, noEmit: true, noUnusedLocals: false, types: ["node"] }
  const files = programs.map(moduleOf)
  writeFileSync(
    config,
    JSON.stringify({
      extends: "../../../tsconfig.base.json",
      compilerOptions: { ...options, rootDir: "../../.." },
      files
    })
  )
  let said = ""
  try {
    execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", config, "--pretty", "false"], {
      encoding: "utf8"
    })
  } catch (error) {
    said = (error as { readonly stdout: string }).stdout
  }
  const diagnostics = said.split(/^(?=\S)/m)
  return programs.map(({ line, page }) =>
    diagnostics
      .flatMap((diagnostic) => {
        const [, file = "", row, message = ""] = /^(.*?)\((\d+),\d+\): (error [\s\S]*)$/.exec(diagnostic) ?? []
        return file.endsWith(`${page}.L${line}.ts`) ? [`main.ts:${Number(row) - line}: ${message.trimEnd()}`] : []
      })
      .join("\n")
  )
}

/**
 * Runs programs, and gives for each what it did: `text` is what its output should show, `problem` what is wrong with it.
 */
export const runPrograms = async (programs: ReadonlyArray<Program>): Promise<Map<Program, ProgramResult>> => {
  const python = programs.filter(({ lang }) => lang === "py")
  const refused = programs.filter(({ lang, marks }) => lang === "ts" && marks.includes("type-error"))
  const typescript = programs.filter(({ lang, marks }) => lang === "ts" && !marks.includes("type-error"))
  const files = typescript.map((program) => ({
    file: moduleOf(program),
    realTime: program.marks.includes("real-time")
  }))
  const [pythonResults, results] = await Promise.all([
    runAll(
      "runPython.ts",
      [],
      python.map(({ code }) => code)
    ),
    runAll("runTypeScript.ts", ["--no-warnings", "--conditions=@effect-asyncio/source"], files)
  ])
  const done = new Map<Program, ProgramResult>()
  for (const [index, program] of [...python, ...typescript].entries()) {
    const { error, printed } = [...pythonResults, ...results][index]!
    const text = readable(error === undefined ? printed : `${printed}${error}`)
    const throws = program.marks.includes("throws")
    const problem =
      throws === (error !== undefined) ? undefined : throws ? "it ends well, and is marked as one that throws" : error
    done.set(program, { text, problem })
  }
  const said = refusals(refused)
  for (const [index, program] of refused.entries()) {
    done.set(program, { text: said[index]!, problem: said[index] === "" ? "the compiler accepts it" : undefined })
  }
  return done
}
