/**
 * Scripts about requests: something asks the task `t1` to end, something else takes the request for its own or passes it on, and
 * most of that is in the same few iterations. A task that is asked by its timeout, its group and another task at once is where
 * programs of all features seldom get, and where implementations differ most.
 */
import { type Feature, featuresOf } from "../../features.ts"
import { Random } from "../../random.ts"
import { type Block, prune, type Query, type Script, type Size } from "../../script.ts"
import { enabledFeatures } from "../plan.ts"
import { attempt } from "./attempts.ts"
import { cause } from "./causes.ts"
import { consumer } from "./consumers.ts"
import { RequestsDraft, subject } from "./draft.ts"

export interface RequestsOptions {
  readonly size: Size | "mix"
  /** What scripts may use; everything by default. */
  readonly features: ReadonlyArray<Feature> | undefined
}

// How many causes with their consumers the subject has.
const rounds: Record<Size, readonly [low: number, high: number]> = { small: [1, 2], medium: [2, 3], large: [3, 5] }

export const generateRequests = (seed: number, { size: wanted, features }: RequestsOptions): Script => {
  const enabled = enabledFeatures(features)
  const random = new Random(`${seed}|${wanted}|requests|${[...enabled].sort().join()}`)
  const size = wanted === "mix" ? random.weighted<Size>(sizes) : wanted
  const draft = new RequestsDraft(random, enabled, consumer)
  const c1 = writeSubject(draft, size)
  const main = writeMain(draft)
  const script: Script = {
    id: `g${seed}`,
    v: 1,
    size,
    coros: { main, c1, ...draft.coroutines },
    callbacks: draft.callbacks,
    objects: draft.objects,
    ...(enabled.has("eager_factory") && random.chance(0.15) ? { eager_factory: true } : {})
  }
  const pruned = prune(script)
  return { ...pruned, features: featuresOf(pruned) }
}

const sizes = [
  [6, "small"],
  [3, "medium"],
  [1, "large"]
] as const

const writeSubject = (draft: RequestsDraft, size: Size): Block => {
  const { random } = draft
  const statements: Block = random.chance(0.6) ? draft.iterations(1) : []
  for (let left = random.int(...rounds[size]); left > 0; left--) {
    statements.push(...cause(draft, 0), ...consumer(draft, 0))
    if (random.chance(0.5)) statements.push(draft.look())
  }
  return random.chance(0.15) ? attempt(draft, 0, statements) : statements
}

/** Starts the subject, cancels it up to three times, waits for it and looks at what has become of all. */
const writeMain = (draft: RequestsDraft): Block => {
  const { random } = draft
  const eager = draft.has("eager") && random.chance(0.15)
  const statements: Block = [{ op: "spawn", to: subject, coro: "c1", ...(eager ? { eager } : {}) }]
  if (draft.has("futures") && random.chance(0.3)) {
    const look: Block = [{ op: "trace", msg: "done", x: [{ q: "cancelling", v: subject }] }]
    statements.push({ op: "add_cb", v: subject, cb: draft.callback(look) })
  }
  for (let left = random.int(0, 3); left > 0; left--) {
    statements.push({ op: "sleep", t: random.pick([0, 0, 1, draft.delay()]) }, draft.cancel())
    if (random.chance(0.15)) statements.push({ op: "uncancel", v: subject })
  }
  statements.push(draft.has("wait") ? { op: "wait", args: [subject], timeout: 20 } : { op: "sleep", t: 20 })
  const outcomes = draft.slots.map((v): Query => ({ q: random.pick(["exc", "cancelling"]), v }))
  const x: Array<Query> = [{ q: "exc", v: subject }, { q: "cancelling", v: subject }, ...outcomes]
  return [...statements, { op: "trace", msg: "end", x }]
}
