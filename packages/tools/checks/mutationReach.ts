// Which test files run the code in which a guard stands: no other can miss it.
import { stripTypeScriptTypes } from "node:module"
import { parseAst } from "rolldown/parseAst"

/** What is written into the code of a guard: it notes, while tests run, that the guard with this number is reached. */
const noteOf = (number: number): string => `globalThis.reached?.add(${number})`

/** The setup file of the tests in which it is noted. Each of them tells at its end what it has reached, and how long it took. */
export const setup = (events: string): string => `
import { appendFileSync } from "node:fs"
import { afterAll, expect } from "vitest"

const reached = (globalThis.reached = new Set())
const begun = performance.now()
afterAll(() => {
  const line = { file: expect.getState().testPath, reached: [...reached], took: performance.now() - begun }
  appendFileSync(${JSON.stringify(events)}, JSON.stringify(line) + "\\n")
})
`

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly body?: unknown
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as Node).type === "string"

const childrenOf = (node: Node): ReadonlyArray<Node> => Object.values(node).flat().filter(isNode)

/** The innermost block, or body of an arrow function, in which the code from `start` to `end` stands. */
const placeOf = (node: Node, start: number, end: number): Node | undefined => {
  if (node.start > start || node.end < end) return undefined
  for (const child of childrenOf(node)) {
    const found = placeOf(child, start, end)
    if (found !== undefined) return found
  }
  // A block with nothing around it but its braces is not the one in which they stand.
  if (node.type === "BlockStatement") return node.start < start && end < node.end ? node : undefined
  if (node.type !== "ArrowFunctionExpression" || !isNode(node.body)) return undefined
  const { body } = node
  return body.type !== "BlockStatement" && body.start <= start && end <= body.end ? body : undefined
}

/** A source in which it is noted when its guards are reached: each by its number. What is not in a function is always reached. */
export const noted = (
  source: string,
  guards: ReadonlyArray<readonly [number: number, guard: string]>
): { readonly source: string; readonly always: ReadonlyArray<number> } => {
  // Types become blanks, so that all that is left stands where it stood.
  const program = parseAst(stripTypeScriptTypes(source)) as unknown as Node
  const insertions: Array<readonly [at: number, text: string]> = []
  const always: Array<number> = []
  for (const [number, guard] of guards) {
    const start = source.indexOf(guard) + (guard.length - guard.trimStart().length)
    const end = source.indexOf(guard) + guard.trimEnd().length
    const place = placeOf(program, start, end) ?? placeOf(program, start, start + 1)
    if (place === undefined) always.push(number)
    else if (place.type === "BlockStatement") insertions.push([place.start + 1, `${noteOf(number)};`])
    else insertions.push([place.start, `(${noteOf(number)}, `], [place.end, ")"])
  }
  let text = source
  for (const [at, inserted] of insertions.toSorted(([a], [b]) => b - a)) {
    text = text.slice(0, at) + inserted + text.slice(at)
  }
  return { source: text, always }
}
