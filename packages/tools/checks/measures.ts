// How large the sources of core and compat are, and the heart of core: what `npm run dev -- trace` prints beside the calls.
import { globSync, readFileSync } from "node:fs"
import { stripTypeScriptTypes } from "node:module"
import { basename, join } from "node:path"
import { root } from "../repository.ts"
import { type Circles, circlesIn } from "./circles.ts"
import { childrenOf, nameOf, type Node, parse } from "./syntax.ts"

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
  /** Where a request can be while it is on its way, in core's internal/task: the fields of that type. */
  readonly placesOfRequests: ReadonlyArray<string>
  readonly circles: Circles
}

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
    for (const [, child] of childrenOf(node)) inner += visit(child)
    if (!/Function/.test(node.type)) return inner
    const lines = codeLines(code.slice(node.start, node.end))
    longest = Math.max(longest, lines - inner)
    return lines
  }
  visit(parse(code))
  return longest
}

/** The fields of classes that are typed as a request, or as several. */
const fieldsOfRequests = (source: string): ReadonlyArray<string> => {
  const fields: Array<string> = []
  // How something ended is no request any more.
  const visit = (node: Node, owner: string | undefined): void => {
    const inside = /^Class(?:Declaration|Expression)$/.test(node.type) ? nameOf(node["id"]) : owner
    const type = node.type === "PropertyDefinition" ? (node["typeAnnotation"] as Node | null) : null
    const text = type === null ? "" : source.slice(type.start, type.end)
    if (/\bCancel(?:ledError|Request)\b/.test(text) && !/\bExit\b/.test(text))
      fields.push(`${inside}.${nameOf(node["key"])}`)
    for (const [, child] of childrenOf(node)) visit(child, inside)
  }
  visit(parse(source), undefined)
  return fields
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
    largestFunction: largest(longestFunction),
    placesOfRequests: sources
      .filter(({ file }) => file.includes("/internal/task/"))
      .flatMap(({ source }) => fieldsOfRequests(source)),
    circles: circlesIn(new Map(sources.map(({ file, source }) => [file, source])))
  }
}
