/**
 * One file of a program, moved to compat as far as it goes by itself.
 */
import type { Node } from "../internal/ast.ts"
import { byHand } from "./byHand.ts"
import { combinators } from "./combinators.ts"
import { controllers } from "./controllers.ts"
import { Draft, type Remark } from "./draft.ts"
import { limits } from "./limits.ts"
import { parse, walk } from "./source.ts"
import { timers } from "./timers.ts"
import { timeSignals } from "./timeSignals.ts"

export interface Migration {
  readonly text: string
  /** What was changed. A change within another one is found in a second pass, and has the line that it has then. */
  readonly changed: ReadonlyArray<Remark>
  /** What was left alone, and why: lines of the file as it was. */
  readonly left: ReadonlyArray<Remark>
  /** The same, with the lines of the file as it is now. */
  readonly leftNow: ReadonlyArray<Remark>
}

const steps: ReadonlyArray<(draft: Draft, node: Node) => void> = [
  limits,
  combinators,
  timers,
  timeSignals,
  controllers,
  byHand
]

const passOver = (file: string, text: string): Draft => {
  const draft = new Draft(parse(file, text))
  const nodes = [...walk(draft.source.ast)]
  for (const step of steps) for (const node of nodes) step(draft, node)
  return draft
}

/**
 * Moves a file. What stands inside of something that was moved is moved by the next pass, and the last pass finds nothing: so a
 * second run changes nothing either. Throws a SyntaxProblem.
 */
export const migrate = (file: string, original: string): Migration => {
  // The parser counts without it.
  const mark = original.startsWith("\uFEFF") ? "\uFEFF" : ""
  const first = passOver(file, original.slice(mark.length))
  const changed = [...first.changed]
  let text = original.slice(mark.length)
  let draft = first
  while (draft.changed.length > 0) {
    text = draft.apply()
    draft = passOver(file, text)
    changed.push(...draft.changed)
  }
  changed.sort((a, b) => a.line - b.line)
  return { text: mark + text, changed, left: first.left(), leftNow: draft.left() }
}
