/**
 * What one pass wants to change in a file, and what it had to leave alone.
 */
import type { SourceCode } from "eslint"
import type * as ESTree from "estree"
import { type Node, rangeOf } from "../internal/ast.ts"
import { compatModule } from "../internal/compat.ts"
import { constantInit, originOfVariable, usesOf } from "../internal/origin.ts"
import { lineOf } from "./source.ts"

/** A place of the program, and what became of it or why nothing did. */
export interface Remark {
  readonly line: number
  readonly text: string
}

/** Puts the text in the place of what is from `start` to `end`. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

const isInsertion = ({ end, start }: Edit): number => Number(start === end)

export class Draft {
  readonly source: SourceCode
  readonly changed: Array<Remark> = []
  readonly #left: Array<{ readonly node: Node; readonly remark: Remark }> = []
  readonly #edits: Array<Edit> = []
  /** The name by which the file has compat, or will have it. */
  readonly #compat: string
  #importsCompat: boolean
  /** Uses of imported names that are no more after the edits. */
  readonly #gone = new Set<Node>()

  constructor(source: SourceCode) {
    this.source = source
    const known = namespaceOf(source)
    this.#importsCompat = known !== undefined
    this.#compat = known ?? freeName(source)
  }

  /** How an export of compat is written in this file. */
  compat(name: string): string {
    return `${this.#compat}.${name}`
  }

  /**
   * Takes the edits over, all or none: what touches an earlier one waits for the next pass. `gone` are uses of imports that the
   * edits remove.
   */
  change(node: Node, text: string, edits: ReadonlyArray<Edit>, gone: ReadonlyArray<Node> = []): void {
    if (edits.some((edit) => this.#edits.some((other) => edit.start < other.end && other.start < edit.end))) return
    this.#edits.push(...edits)
    for (const use of gone) this.#gone.add(use)
    this.changed.push({ line: this.lineOf(node), text })
  }

  leave(node: Node, text: string): void {
    this.#left.push({ node, remark: { line: this.lineOf(node), text } })
  }

  /** What was left alone, without what goes with something around it that was changed. */
  left(): ReadonlyArray<Remark> {
    const isGone = (node: Node): boolean => {
      const [start, end] = rangeOf(node)
      return this.#edits.some((edit) => edit.start <= start && end <= edit.end)
    }
    return this.#left
      .filter(({ node }) => !isGone(node))
      .map(({ remark }) => remark)
      .toSorted((a, b) => a.line - b.line)
  }

  lineOf(node: Node): number {
    return lineOf(this.source.text, rangeOf(node)[0])
  }

  /** The text with all edits, the import of compat, and without imports that nothing uses any more. */
  apply(): string {
    const edits = [...this.#edits, ...this.#unusedImports()]
    if (
      this.changed.length > 0 &&
      !this.#importsCompat &&
      edits.some(({ text }) => text.includes(`${this.#compat}.`))
    ) {
      edits.push(this.#addImport(edits))
    }
    // From the end of the file on. Of several insertions at one place the first one comes first, all of them before what
    // replaces the text behind them.
    const sorted = edits
      .map((edit, index) => ({ ...edit, index }))
      .toSorted((a, b) => b.start - a.start || isInsertion(a) - isInsertion(b) || b.index - a.index)
    let { text } = this.source
    for (const edit of sorted) text = text.slice(0, edit.start) + edit.text + text.slice(edit.end)
    return text
  }

  #addImport(edits: ReadonlyArray<Edit>): Edit {
    const { body, sourceType } = this.source.ast
    const { text } = this.source
    const eol = text.includes("\r\n") ? "\r\n" : "\n"
    const isModule = sourceType === "module"
    const isImport = (node: Node): boolean =>
      isModule
        ? node.type === "ImportDeclaration"
        : node.type === "VariableDeclaration" && /\brequire\(/.test(this.source.getText(node))
    const statement = isModule
      ? `import * as ${this.#compat} from "${compatModule}"`
      : `const ${this.#compat} = require("${compatModule}")`
    const end = /;\s*$/m.test(text.slice(0, 2000)) ? ";" : ""
    const quoted = this.#quotes(statement) + end
    // Behind one that stays: an insertion within what is removed would be lost.
    const last = (body as ReadonlyArray<Node>).findLast(
      (node) => isImport(node) && !edits.some((edit) => edit.start <= rangeOf(node)[0] && rangeOf(node)[1] <= edit.end)
    )
    if (last !== undefined) {
      const at = rangeOf(last)[1]
      return { start: at, end: at, text: eol + quoted }
    }
    // Before anything else then, also where an import stood that goes.
    const first = (body as ReadonlyArray<Node>).find(
      (node) => !("directive" in node && typeof node.directive === "string")
    )
    const at = rangeOf(first ?? (body[0] as Node))[0]
    return { start: at, end: at, text: quoted + eol }
  }

  #quotes(statement: string): string {
    const sample = /\b(?:from|import|require\()\s*(["'])/.exec(this.source.text)?.[1] ?? '"'
    return statement.replaceAll('"', sample)
  }

  #unusedImports(): ReadonlyArray<Edit> {
    const edits: Array<Edit> = []
    for (const statement of this.source.ast.body) {
      const names: ReadonlyArray<Node> =
        statement.type === "ImportDeclaration" ? statement.specifiers : requiredNames(statement)
      const unused = names.filter((name) => this.#isUnused(name))
      if (unused.length === 0) continue
      if (unused.length === names.length) edits.push(wholeLine(this.source.text, rangeOf(statement)))
      else edits.push(...unused.map((name) => withComma(this.source.text, rangeOf(name))))
    }
    return edits
  }

  #isUnused(declared: Node): boolean {
    const holder = declared.type === "Identifier" ? declared : (declared as ESTree.ImportSpecifier).local
    const variable = this.source.scopeManager.scopes
      .flatMap((scope) => scope.variables)
      .find(({ identifiers }) => identifiers.some((identifier) => (identifier as Node) === holder))
    const uses = variable === undefined ? [] : usesOf(variable).filter((use) => use !== holder)
    return uses.length > 0 && uses.every((use) => this.#gone.has(use))
  }
}

/** The names of `const name = require("module")`. */
const requiredNames = (statement: Node): ReadonlyArray<Node> => {
  if (statement.type !== "VariableDeclaration" || statement.declarations.length !== 1) return []
  const [{ id, init }] = statement.declarations as unknown as [ESTree.VariableDeclarator]
  const isRequire =
    init?.type === "CallExpression" && init.callee.type === "Identifier" && init.callee.name === "require"
  return isRequire && id.type === "Identifier" ? [id] : []
}

const wholeLine = (text: string, [start, end]: readonly [number, number]): Edit => {
  const rest = /^[^\S\r\n]*(?:\r\n|\n|$)/.exec(text.slice(end))
  return { start, end: end + (rest?.[0].length ?? 0), text: "" }
}

const withComma = (text: string, [start, end]: readonly [number, number]): Edit => {
  const behind = /^\s*,\s*/.exec(text.slice(end))
  if (behind !== null) return { start, end: end + behind[0].length, text: "" }
  const before = /,\s*$/.exec(text.slice(0, start))
  return { start: start - (before?.[0].length ?? 0), end, text: "" }
}

/** The name of `import * as name from compat`, or of its `require`. */
const namespaceOf = (source: SourceCode): string | undefined => {
  const [, top] = source.scopeManager.scopes[0]!.type === "global" ? source.scopeManager.scopes : []
  const variables = [source.scopeManager.scopes[0]!, ...(top === undefined ? [] : [top])].flatMap(
    ({ variables }) => variables
  )
  return variables.find((variable) => {
    const origin = originOfVariable(source, variable)
    if (origin !== undefined) return origin.module === compatModule && origin.path.length === 0
    const init = constantInit(variable)?.init
    return init?.type === "CallExpression" && source.getText(init) === `require("${compatModule}")`
  })?.name
}

const freeName = (source: SourceCode): string => {
  const used = new Set(source.text.match(/[\p{ID_Start}$_][\p{ID_Continue}$]*/gu))
  return ["asyncio", "effectAsyncio", "asyncio2"].find((name) => !used.has(name)) ?? "effectAsyncio2"
}
