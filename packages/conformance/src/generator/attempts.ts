/**
 * `try`, and what its handlers do.
 */
import type { Block, ExceptClause, Statement } from "../script.ts"
import { block } from "./blocks.ts"
import { deeper, type Draft, type Place } from "./draft.ts"

/** Wraps a body in a `try` of some shape. The first handler is for the classes of the hint, if there is one. */
export const attempt = (draft: Draft, place: Place, inner: Block, hint?: Array<string>): Statement => {
  const { random } = draft
  const statement: Statement & { op: "try" } = { op: "try", body: inner }
  const shape = random.weighted([
    [14, "handler"],
    [3, "two handlers"],
    [4, "finally"],
    [3, "handler, finally"],
    [1.5, "two handlers, else"]
  ])
  const handler = () => (place.callback !== undefined ? immediateHandlerBody(draft, place) : handlerBody(draft, place))
  if (shape !== "finally") {
    const on = handled(draft, hint)
    statement.except = [{ on, body: handler() }]
  }
  if (shape === "two handlers") {
    const on = random.chance(0.5) ? ["BaseException"] : ["Exception"]
    statement.except!.push({ on, body: handler() })
  }
  const after = deeper(place)
  if (shape === "two handlers, else") statement.else = [draft.trace(after)]
  if (shape === "finally" || shape === "handler, finally") statement.finally = finallyBody(draft, place, after)
  return statement
}

/** Wraps a body in a `try` with this probability. */
export const maybeAttempt = (
  draft: Draft,
  place: Place,
  inner: Block,
  probability: number,
  hint?: Array<string>
): Block => (draft.random.chance(probability) && place.depth < 4 ? [attempt(draft, place, inner, hint)] : inner)

/** Wraps a statement that may fail at once in a `try` for that failure, with this probability. */
export const guarded = (
  draft: Draft,
  place: Place,
  statement: Statement,
  probability: number,
  className: string
): Block => {
  const { random } = draft
  if (!random.chance(probability)) return [statement]
  const clause: ExceptClause = {
    on: [className],
    body: random.chance(0.3) ? immediateHandlerBody(draft, place) : []
  }
  return [{ op: "try", body: [statement], except: [clause] }]
}

const handled = (draft: Draft, hint: Array<string> | undefined): Array<string> => {
  if (hint !== undefined) return hint
  const expiring = draft.has("timeouts") || draft.has("wait_for")
  const grouping = draft.has("taskgroups")
  return draft.random.weighted([
    [10, ["CancelledError"]],
    [5, ["Exception"]],
    [4, ["BaseException"]],
    [2, ["ValueError"]],
    [2, ["CancelledError", "TimeoutError"]],
    [expiring ? 5 : 1, ["TimeoutError"]],
    [grouping ? 5 : 0, ["ExceptionGroup"]],
    [grouping ? 1 : 0, ["BaseExceptionGroup"]],
    [1, ["RuntimeError"]],
    [1, ["MyError", "ValueError"]]
  ])
}

const finallyBody = (draft: Draft, place: Place, after: Place): Block => {
  const { random } = draft
  const statements: Block = [draft.trace(after)]
  if (place.callback === undefined && random.chance(0.35)) {
    statements.push(random.chance(0.6) ? draft.sleep() : draft.waitingOnce(after))
  }
  if (random.chance(0.06)) statements.push({ op: "return", value: draft.value() })
  return statements
}

const immediateHandlerBody = (draft: Draft, place: Place): Block =>
  draft.random.chance(0.7) ? [draft.trace(deeper(place, { inHandler: true }))] : []

/** What a handler does: swallow, raise again, wait first, count down, return, raise something else. */
export const handlerBody = (draft: Draft, place: Place): Block => {
  const { random } = draft
  const inner = deeper(place, { inHandler: true })
  const statements: Block = []
  if (random.chance(0.6)) statements.push(draft.trace(inner))
  const end = random.weighted<() => Block>([
    [30, () => []],
    [22, () => [{ op: "reraise" }]],
    [10, () => [draft.sleep()]],
    [6, () => [draft.sleep(), { op: "reraise" }]],
    [8, () => [{ op: "uncancel", v: "self" }]],
    [6, () => [{ op: "return", value: draft.value() }]],
    [5, () => [draft.raise()]],
    [place.depth < 2 ? 8 : 0, () => block(draft, inner, random.int(1, 2))]
  ])
  statements.push(...end())
  if (place.timeouts.length > 0 && random.chance(0.15)) {
    const reschedule: Statement = { op: "reschedule", v: random.pick(place.timeouts), t: draft.delay() }
    statements.unshift(...guarded(draft, place, reschedule, 0.9, "RuntimeError"))
  }
  if (place.groups.length > 0 && random.chance(0.12)) {
    const spawn = draft.spawn(place)
    if (spawn !== null) {
      const late = { ...spawn, group: place.groups.at(-1)! }
      statements.unshift(...guarded(draft, place, late, 0.8, "RuntimeError"))
    }
  }
  return statements
}
