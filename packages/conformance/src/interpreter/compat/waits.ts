/**
 * Which statements may wait: those that JavaScript needs an `await` for.
 */
import { innerBlocks, type Script, startsEagerly, type Statement } from "../../script.ts"

const waiting: ReadonlySet<Statement["op"]> = new Set<Statement["op"]>([
  "sleep",
  "await",
  "call",
  "border",
  "wait",
  "wait_for",
  "as_completed",
  "timeout",
  "timeout_at",
  "group",
  "with",
  "ev_wait",
  "acquire",
  "cond_wait",
  "cond_wait_for",
  "bar_wait",
  "bar_reset",
  "bar_abort",
  "q_put",
  "q_get",
  "q_join"
])

/** Whether a statement, or one inside it, may wait. Code that starts a task eagerly waits for the end of its first step. */
export const waits = (statement: Statement, script: Script): boolean => {
  if (waiting.has(statement.op) || startsEagerly(statement, script)) return true
  if (statement.op === "gather" || statement.op === "shield") return statement.to === undefined
  return innerBlocks(statement).some((block) => block.some((inner) => waits(inner, script)))
}
