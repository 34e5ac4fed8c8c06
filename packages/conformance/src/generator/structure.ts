/**
 * What may stand in a block: any statement, loops and conditions among them.
 */
import type { Block, Statement } from "../script.ts"
import { attempt, maybeAttempt } from "./attempts.ts"
import { block, body } from "./blocks.ts"
import { burst, combo } from "./collisions.ts"
import { deeper, type Draft, type Place, present } from "./draft.ts"
import { idiom } from "./idioms.ts"
import { immediate } from "./immediate.ts"
import { waiting } from "./waiting.ts"

/** A statement of any kind, or an idiom of several. */
export const anything = (draft: Draft, place: Place): Block => {
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
