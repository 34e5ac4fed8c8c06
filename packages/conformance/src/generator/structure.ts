/**
 * Compound statements: blocks, `try`, loops, conditions.
 */
import type { Block, ExceptClause, Statement } from "../script.ts"
import { burst, combo } from "./collisions.ts"
import { deeper, type Draft, type Place, present } from "./draft.ts"
import { idiom } from "./idioms.ts"
import { immediate } from "./immediate.ts"
import { waiting, waitingOnce } from "./waiting.ts"

/** Up to `count` statements, or idioms of several. */
export const block = (draft: Draft, place: Place, count: number): Block => {
  const statements: Block = []
  for (let left = count; left > 0 && place.budget.left > 0; left--) statements.push(...anything(draft, place))
  return statements
}

const anything = (draft: Draft, place: Place): Block => {
  const { random } = draft
  place.budget.left--
  if (place.callback !== undefined) return immediate(draft, place)
  const collides = (["events", "locks", "semaphores", "queues", "futures", "conditions"] as const).some((feature) =>
    draft.has(feature)
  )
  const make = random.weighted<() => Block>([
    [38, () => waiting(draft, place)],
    [34, () => immediate(draft, place)],
    [place.depth < 3 ? 12 : 0, () => [attempt(draft, place, body(draft, place, {}, random.int(1, 3)))]],
    [place.depth < 2 ? 5 : 0, () => [loop(draft, place)]],
    [place.depth < 3 ? 5 : 0, () => [conditional(draft, place)]],
    [2.2, () => [finish(draft, place)]],
    [draft.has("conditions") ? 8 : 0, () => [notification(draft, place)]],
    [0.7, () => selfAwait(draft, place)],
    [4, () => idiom(draft, place)],
    [collides ? 7 : 2, () => (random.chance(0.45) ? burst(draft, place) : combo(draft, place))]
  ])
  return make()
}

/** What stands in a compound statement; often it waits at the end. */
export const body = (
  draft: Draft,
  place: Place,
  change: Partial<Place> = {},
  count = draft.random.int(1, 3)
): Block => {
  const inner = deeper(place, change)
  const statements = place.depth < 3 ? block(draft, inner, count) : []
  if (statements.length === 0 || draft.random.chance(0.45)) statements.push(waitingOnce(draft, inner))
  return statements
}

const loop = (draft: Draft, place: Place): Statement => {
  const { random } = draft
  const n = random.int(2, 3)
  return { op: "loop", n, body: body(draft, place, { inLoop: true }, random.int(1, 2)) }
}

const conditional = (draft: Draft, place: Place): Statement => {
  const cond = draft.condition(place)
  const then = block(draft, deeper(place), 1)
  return draft.random.chance(0.4)
    ? { op: "if", cond, then, else: block(draft, deeper(place), 1) }
    : { op: "if", cond, then }
}

const finish = (draft: Draft, place: Place): Statement =>
  place.rank === 0 && place.depth === 0 ? draft.trace(place) : { op: "return", value: draft.value() }

const selfAwait = (draft: Draft, place: Place): Block => {
  const hint = draft.random.chance(0.8) ? ["RuntimeError"] : undefined
  return maybeAttempt(draft, place, [{ op: "await", v: "self" }], 0.9, hint)
}

const notification = (draft: Draft, place: Place): Statement => {
  const { random } = draft
  const v = draft.pickObject("condition")
  const increment: Statement | null = random.chance(0.6) ? { op: "inc", v: "N0" } : null
  const notify: Statement = random.chance(0.6)
    ? {
        op: "notify",
        v,
        n: random.weighted([
          [4, 1],
          [2, 2],
          [0.3, 0]
        ])
      }
    : { op: "notify_all", v }
  const sleep = random.chance(0.3) ? draft.sleep() : null
  const cancel = random.chance(0.25) ? draft.cancel(place) : null
  return { op: "with", v, body: present(increment, notify, sleep, cancel) }
}

// ---- try -------------------------------------------------------------------------------------------------------------

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
    statements.push(random.chance(0.6) ? draft.sleep() : waitingOnce(draft, after))
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
