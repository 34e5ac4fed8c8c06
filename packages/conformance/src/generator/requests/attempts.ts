/**
 * `try`, whose handlers look at what is asked.
 */
import type { Block, ExceptClause, Statement } from "../../script.ts"
import { deepest, type RequestsDraft } from "./draft.ts"

/** Wraps a block in a `try`, whose handler looks at what is asked, and now and then asks, withdraws, waits or raises again. */
export const attempt = (draft: RequestsDraft, depth: number, inner: Block): Block => {
  const { random } = draft
  const on = random.weighted<Array<string>>([
    [6, ["BaseException"]],
    [3, ["CancelledError"]],
    [2, ["TimeoutError", "CancelledError"]],
    [1, ["Exception"]],
    [1, ["TimeoutError"]],
    [1, ["BaseExceptionGroup"]]
  ])
  const handler: ExceptClause = { on, body: [draft.look({ inHandler: true })] }
  if (random.chance(0.15)) handler.body.push({ op: "uncancel", v: "self" })
  if (random.chance(0.1)) handler.body.push(draft.cancel("self"))
  if (depth < deepest - 1 && random.chance(0.15)) handler.body.push(...draft.consumer(depth + 1))
  if (random.chance(0.1)) handler.body.push({ op: "reraise" })
  const statement: Statement & { op: "try" } = { op: "try", body: inner, except: [handler] }
  if (random.chance(0.07)) statement.finally = [draft.look(), ...draft.iterations(0, 1)]
  return [statement]
}

/** Wraps a block in a `try` with this probability. */
export const maybeAttempt = (draft: RequestsDraft, depth: number, inner: Block, probability: number): Block =>
  draft.random.chance(probability) ? attempt(draft, depth, inner) : inner
