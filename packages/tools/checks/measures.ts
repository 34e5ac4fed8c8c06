// How large the sources of core and compat are, and the heart of core: what `npm run dev -- trace` prints beside the calls.
import { globSync, readFileSync } from "node:fs"
import { stripTypeScriptTypes } from "node:module"
import { basename, join } from "node:path"
import { parseAst } from "rolldown/parseAst"
import { root } from "../repository.ts"

/** The files of internal/task that a cancellation is about. */
const heart: ReadonlyArray<string> = [
  "request",
  "cancellation",
  "cancelWalk",
  "future",
  "task",
  "fiberTask",
  "callbackTask",
  "scope",
  "fiberScope",
  "callbackScope",
  "parts",
  "wait",
  "suspend",
  "boundary",
  "ownFiber"
]

export interface Measures {
  /** Lines of the heart that are no comments, and not blank. */
  readonly codeLinesOfHeart: number
  readonly largestFile: { readonly file: string; readonly lines: number }
  readonly largestFunction: { readonly file: string; readonly lines: number }
}

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as Node).type === "string"

const linesOf = (text: string): number => text.trimEnd().split("\n").length

/** The lines that are no comments, and not blank. Nothing here has code behind a comment, or a comment in a string. */
const codeLines = (source: string): number =>
  source.split("\n").filter((line) => line.trim() !== "" && !/^\s*(?:\/\/|\/?\*)/.test(line)).length

/** The code lines of the longest function in a source, without those of the functions in it. */
const longestFunction = (source: string): number => {
  const code = stripTypeScriptTypes(source)
  let longest = 0
  /** Gives how many code lines of `node` are functions. */
  const visit = (node: Node): number => {
    let inner = 0
    for (const value of Object.values(node)) {
      for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) inner += visit(child)
    }
    if (!/Function/.test(node.type)) return inner
    const lines = codeLines(code.slice(node.start, node.end))
    longest = Math.max(longest, lines - inner)
    return lines
  }
  visit(parseAst(code))
  return longest
}

export const measure = (): Measures => {
  const files = globSync("packages/{core,compat}/src/**/*.ts", { cwd: root })
  const sources = files.map((file) => ({ file, source: readFileSync(join(root, file), "utf8") }))
  const ofHeart = sources.filter(
    ({ file }) => file.includes("/internal/task/") && heart.includes(basename(file, ".ts"))
  )
  const largest = (size: (source: string) => number) =>
    sources
      .map(({ file, source }) => ({ file: file.replace("packages/", ""), lines: size(source) }))
      .reduce((a, b) => (b.lines > a.lines ? b : a))
  return {
    codeLinesOfHeart: ofHeart.reduce((sum, { source }) => sum + codeLines(source), 0),
    largestFile: largest(linesOf),
    largestFunction: largest(longestFunction)
  }
}
