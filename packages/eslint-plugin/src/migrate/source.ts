/**
 * A file of the program as the rules' own helpers read it: the tree of oxc, which oxlint gives them too, and the scopes of
 * typescript-eslint.
 */
import { analyze } from "@typescript-eslint/scope-manager"
import type { Scope, SourceCode } from "eslint"
import { parseSync, visitorKeys } from "oxc-parser"
import { type Node, parentOf, rangeOf } from "../internal/ast.ts"

/** A file that is no JavaScript and no TypeScript. */
export class SyntaxProblem extends Error {
  readonly line: number

  constructor(message: string, line: number) {
    super(message)
    this.line = line
  }
}

export const extensions = /\.[cm]?[jt]sx?$/

const languageOf = (file: string): "jsx" | "ts" | "tsx" => {
  if (file.endsWith(".tsx")) return "tsx"
  return /\.[cm]?ts$/.test(file) ? "ts" : "jsx"
}

const sourceTypeOf = (file: string): "module" | "commonjs" | "unambiguous" => {
  if (/\.m[jt]s$/.test(file)) return "module"
  return /\.c[jt]s$/.test(file) ? "commonjs" : "unambiguous"
}

/** The line of an offset, from 1 on. */
export const lineOf = (text: string, offset: number): number => text.slice(0, offset).split(/\r\n?|\n/).length

/** Reads a file; throws a {@link SyntaxProblem} when it cannot be read. */
export const parse = (file: string, text: string): SourceCode => {
  const options = { astType: "ts", range: true, preserveParens: false } as const
  const { comments, errors, program } = parseSync(file, text, {
    ...options,
    lang: languageOf(file),
    sourceType: sourceTypeOf(file)
  })
  const [error] = errors
  if (error !== undefined) throw new SyntaxProblem(error.message, lineOf(text, error.labels[0]?.start ?? 0))
  const ast = program as unknown as SourceCode["ast"]
  setParents(ast, undefined)
  // A file of CommonJS has a scope of its own, as a module has one.
  const sourceType = ast.sourceType === "module" ? "module" : "commonjs"
  const scopeManager = analyze(program as unknown as Parameters<typeof analyze>[0], {
    sourceType: sourceType === "module" ? "module" : "script",
    globalReturn: sourceType !== "module",
    childVisitorKeys: visitorKeys
  }) as unknown as Scope.ScopeManager

  const source: SourceOfFile = {
    text,
    ast,
    visitorKeys,
    scopeManager,
    parserServices: {},
    lines: text.split(/\r\n?|\n/),
    getText: (node) => (node === undefined ? text : text.slice(...(node as Node).range!)),
    getScope: (node) => scopeAt(scopeManager, node),
    getCommentsInside: (node) => {
      const [start, end] = rangeOf(node)
      return comments.filter((comment) => comment.start >= start && comment.end <= end)
    }
  }
  // The helpers use no more of ESLint's class than this.
  return source as SourceCode
}

type SourceOfFile = Pick<
  SourceCode,
  | "text"
  | "ast"
  | "visitorKeys"
  | "scopeManager"
  | "parserServices"
  | "lines"
  | "getText"
  | "getScope"
  | "getCommentsInside"
>

export const childrenOf = (node: Node): ReadonlyArray<Node> =>
  (visitorKeys[node.type] ?? []).flatMap((key) => {
    const value = (node as unknown as Readonly<Record<string, unknown>>)[key]
    return (Array.isArray(value) ? value : [value]).filter((child): child is Node => typeof child?.type === "string")
  })

const setParents = (node: Node, parent: Node | undefined): void => {
  Object.assign(node, { parent })
  for (const child of childrenOf(node)) setParents(child, node)
}

/** As ESLint's own `getScope`. */
const scopeAt = (scopeManager: Scope.ScopeManager, start: Node): Scope.Scope => {
  for (let node: Node | undefined = start; node !== undefined; node = parentOf(node)) {
    const scope = scopeManager.acquire(node, start.type !== "Program")
    if (scope !== null) return scope.type === "function-expression-name" ? scope.childScopes[0]! : scope
  }
  return scopeManager.scopes[0]!
}

/** All nodes, the outer ones before what is in them. */
export function* walk(node: Node): Generator<Node> {
  yield node
  for (const child of childrenOf(node)) yield* walk(child)
}
