/**
 * Scripts from seeds: the same seed and options always give the same script.
 */
import { type Feature, featuresOf, type Focus } from "../features.ts"
import { type Block, prune, type Script, type Size, type Statement } from "../script.ts"
import { handlerBody, maybeAttempt } from "./attempts.ts"
import { block, body } from "./blocks.ts"
import { burst, combo, contention } from "./collisions.ts"
import { Draft, type Place } from "./draft.ts"
import { worker } from "./idioms.ts"
import { immediate } from "./immediate.ts"
import { generateRequests } from "./requests/generate.ts"
import { anything } from "./structure.ts"
import { waiting, waitingOnce } from "./waiting.ts"

export interface GenerateOptions {
  readonly size?: Size | "mix" | undefined
  /** What scripts may use; everything by default. */
  readonly features?: ReadonlyArray<Feature> | undefined
  /** What every script turns around. Most of them then use it; nothing forces all of them to. */
  readonly focus?: Focus | undefined
}

export const generate = (seed: number, { size = "mix", features, focus }: GenerateOptions = {}): Script => {
  if (focus === "requests") return generateRequests(seed, { size, features })
  const draft = new Draft(seed, { size, features, focus }, { anything, waitingOnce })
  const { plan, coroutines, callbacks } = draft
  for (let rank = plan.coroutines; rank >= 1; rank--) coroutines[`c${rank}`] = writeCoroutine(draft, rank)
  const main = writeMain(draft)
  for (const [index, name] of plan.callbacks.entries()) callbacks[name] = writeCallback(draft, index)

  const { cw, ...numbered } = coroutines
  const inOrder = Object.fromEntries(Object.entries(numbered).toReversed())
  const script: Script = {
    id: `g${seed}`,
    v: 1,
    size: plan.size,
    coros: { main, ...inOrder, ...(cw === undefined ? {} : { cw }) },
    callbacks,
    objects: plan.objects,
    ...(plan.modifiers.has("unretrieved") ? { unretrieved: true } : {}),
    ...(plan.modifiers.has("eager_factory") ? { eager_factory: true } : {})
  }
  const pruned = prune(script)
  return { ...pruned, features: featuresOf(pruned) }
}

const statementCounts: Record<Size, readonly [low: number, high: number]> = {
  small: [1, 3],
  medium: [2, 5],
  large: [3, 6]
}
const coroutineBudgets: Record<Size, number> = { small: 4, medium: 7, large: 12 }
const mainBudgets: Record<Size, number> = { small: 7, medium: 11, large: 18 }

const placeIn = (draft: Draft, rank: number, budget: number): Place => {
  const { random, plan } = draft
  const count = Math.min(plan.themes.length, random.int(1, 2))
  return {
    rank,
    depth: 0,
    budget: { left: budget },
    themes: random.sample(plan.themes, count),
    groups: [],
    timeouts: [],
    withoutCallbacks: rank === plan.coroutines
  }
}

const writeCoroutine = (draft: Draft, rank: number): Block => {
  const { random, plan } = draft
  const place = placeIn(draft, rank, coroutineBudgets[plan.size])
  const [low, high] = statementCounts[plan.size]
  const count = () => random.int(low, high)
  const isLast = rank === plan.coroutines
  const shapes = random.weighted<() => Block>([
    [60, () => block(draft, place, count())],
    [
      14,
      () => {
        const inner = body(draft, place, {}, count() - 1)
        const last: Block = [draft.trace(place)]
        if (random.chance(0.4)) last.push(draft.sleep(), draft.trace(place))
        return [{ op: "try", body: inner, finally: last }]
      }
    ],
    [
      16,
      () => {
        const inner = body(draft, place, {}, count() - 1)
        const on = random.chance(0.7) ? ["CancelledError"] : ["BaseException"]
        return [{ op: "try", body: inner, except: [{ on, body: handlerBody(draft, place) }] }]
      }
    ],
    [isLast ? 90 : rank === plan.coroutines - 1 && plan.coroutines > 2 ? 40 : 6, () => worker(draft, place)]
  ])
  const statements = shapes()
  if (!statements.some(({ op }) => op === "return") && random.chance(0.75)) {
    statements.push(random.chance(0.12) ? draft.raise() : { op: "return", value: draft.value() })
  }
  return statements.length > 0 ? statements : [draft.sleep()]
}

const writeMain = (draft: Draft): Block => {
  const { random, plan } = draft
  const place = placeIn(draft, 0, mainBudgets[plan.size])
  const [low, high] = statementCounts[plan.size]
  const statements: Block = []
  for (const slot of random.shuffle(plan.taskSlots)) {
    if (!plan.started.has(slot.name)) continue
    statements.push(draft.spawn(place, slot)!)
    if (random.chance(0.12)) statements.push(draft.sleep())
  }
  if (plan.driven) {
    for (let left = random.int(low, high + 2); left > 0; left--) statements.push(...drive(draft, place))
  } else statements.push(...block(draft, place, random.int(low + 1, high + 2)))
  if (Object.keys(plan.objects).length > 0 && random.chance(0.4)) {
    const at = random.chance(0.5) ? statements.length : Math.min(statements.length, plan.taskSlots.length)
    statements.splice(at, 0, ...contention(draft, place))
  }
  statements.push(...ending(draft, place))
  if (random.chance(0.6)) statements.push({ op: "return", value: draft.value() })
  return statements
}

/** One round of a `main` that mostly sleeps and now and then does something to the others. */
const drive = (draft: Draft, place: Place): Block => {
  const { random } = draft
  const pause: Block = random.chance(0.75) ? [draft.sleep()] : []
  if (random.chance(0.3)) return [...pause, ...maybeAttempt(draft, place, waiting(draft, place), 0.5)]
  if (random.chance(0.3)) return [...pause, ...(random.chance(0.5) ? combo(draft, place) : burst(draft, place))]
  return [...pause, ...(random.chance(0.3) ? [draft.cancel(place)] : immediate(draft, { ...place, acting: true }))]
}

/** Waits for some tasks, for all, for a while, or not at all: the rest is then cancelled by the end of the run. */
const ending = (draft: Draft, place: Place): Block => {
  const { random, plan } = draft
  const { taskSlots } = plan
  return random.weighted<() => Block>([
    [
      4,
      () =>
        random.sample(taskSlots, random.int(1, 2)).flatMap(({ name }) => {
          const hint = random.chance(0.6) ? ["BaseException"] : undefined
          return maybeAttempt(draft, place, [{ op: "await", v: name }], 0.8, hint)
        })
    ],
    [
      2,
      () => {
        if (!plan.enabled.has("gather")) return []
        const args = random.sample(taskSlots, Math.min(3, taskSlots.length)).map(({ name }) => name)
        return [{ op: "gather", args, re: true }]
      }
    ],
    [2, () => [{ op: "sleep", t: random.pick([2, 3, 5]) } satisfies Statement, draft.trace(place)]],
    [2, () => []]
  ])()
}

const writeCallback = (draft: Draft, index: number): Block => {
  const { random } = draft
  const place: Place = {
    rank: 0,
    depth: 0,
    budget: { left: 4 },
    themes: [],
    groups: [],
    timeouts: [],
    callback: index
  }
  const statements = block(draft, place, random.int(0, 2))
  return random.chance(0.4) ? [draft.trace(place), ...statements] : statements
}
