/**
 * Signals that know of the time only: a call that is given one does not end with its task.
 */
import { enclosingFunction, type Node } from "../internal/ast.ts"
import { rangeOf } from "../internal/ast.ts"
import { timeSignalOf } from "../internal/signals.ts"
import type { Draft } from "./draft.ts"

export const timeSignals = (draft: Draft, node: Node): void => {
  if (node.type !== "CallExpression" || enclosingFunction(node) === undefined) return
  const found = timeSignalOf(draft.source, node)
  if (found === undefined) return
  const [start, end] = rangeOf(found.property)
  const text = `signal: AbortSignal.any([${draft.compat("currentSignal")}(), ${draft.source.getText(found.signal)}])`
  draft.change(node, "what has a time limit ends with its task as well", [{ start, end, text }])
}
