/**
 * Writing code into a file in the file's own style.
 */
import type { Rule, SourceCode } from "eslint"
import type * as ESTree from "estree"
import { type Node, rangeOf } from "./ast.ts"

/** `";"` when the file ends its statements with semicolons. */
export const semicolon = (sourceCode: SourceCode): "" | ";" => {
  const sample = sourceCode.ast.body.find((statement) => /(?:Import|Expression|Variable)/.test(statement.type))
  return sample !== undefined && sourceCode.getLastToken(sample)?.value === ";" ? ";" : ""
}

/** The white space that the line of a position begins with. */
const indentAt = (sourceCode: SourceCode, line: number): string => /^\s*/.exec(sourceCode.lines[line - 1]!)![0]

/** A name that means nothing yet inside the node. */
export const freshName = (sourceCode: SourceCode, wanted: string, inside: Node): string => {
  const [start, end] = rangeOf(inside)
  const used = new Set(sourceCode.text.slice(start, end).match(/[\p{ID_Start}$_][\p{ID_Continue}$]*/gu))
  for (let name = wanted, count = 2; ; name = `${wanted}${count++}`) {
    if (!used.has(name)) return name
  }
}

/** Puts a statement in front of all others of a block, on a line of its own where the block has several lines. */
export const prepend = (
  sourceCode: SourceCode,
  fixer: Rule.RuleFixer,
  block: ESTree.BlockStatement,
  statement: string
): Rule.Fix => {
  const brace = sourceCode.getFirstToken(block)!
  const next = sourceCode.getTokenAfter(brace, { includeComments: true })!
  const [start, end] = next.range!
  const { line } = next.loc!.start
  const isEmpty = end === rangeOf(block)[1]
  if (line > brace.loc.end.line) {
    const indent = indentAt(sourceCode, line) + (isEmpty ? "  " : "")
    // Without a semicolon, what follows would be read as the rest of this statement.
    const continues = /^[([`+\-/*,.]/.test(sourceCode.getTokenAfter(brace)!.value)
    return fixer.insertTextAfter(brace, `\n${indent}${statement}${continues ? ";" : semicolon(sourceCode)}`)
  }
  const spaced = start > brace.range[1]
  return fixer.insertTextAfter(brace, ` ${statement}${isEmpty ? semicolon(sourceCode) : ";"}${spaced ? "" : " "}`)
}
