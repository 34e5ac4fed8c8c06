// Syntax trees of TypeScript, as the checks of the sources read them.
import { parseAst } from "rolldown/parseAst"

/** What is read of a node of the syntax tree. */
export interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

export const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as Node).type === "string"

/** The syntax tree of TypeScript, or of what is left of it without its types. */
export const parse = (source: string): Node => parseAst(source, { lang: "ts" }) as unknown as Node

/** The nodes right below `node`, and as what each stands there. */
export function* childrenOf(node: Node): Generator<readonly [key: string, child: Node]> {
  for (const [key, value] of Object.entries(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) yield [key, child]
  }
}

/** The name that an identifier is, a private one with its sign, or a string that names a member. */
export const nameOf = (node: unknown): string | undefined => {
  if (!isNode(node)) return undefined
  if (node.type === "PrivateIdentifier") return `#${String(node["name"])}`
  if (node.type === "Identifier") return String(node["name"])
  return node.type === "Literal" ? String(node["value"]) : undefined
}
