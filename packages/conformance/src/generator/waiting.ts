/**
 * Statements that wait, about the themes of the script.
 */
import type { Feature } from "../features.ts"
import type { Awaitable, Block, Expression, Statement } from "../script.ts"
import { attempt, guarded, maybeAttempt } from "./attempts.ts"
import { block, body } from "./blocks.ts"
import { deeper, type Draft, type Place, present, queueKinds, semaphoreKinds } from "./draft.ts"

/** A statement that waits, with what makes it worth while. */
export const waiting = (draft: Draft, place: Place): Block => {
  const { random } = draft
  const alternatives: Array<readonly [number, Theme]> = [[4, "core"]]
  for (const theme of draft.plan.themes) {
    if (isTheme(theme) && fits(draft, place, theme)) alternatives.push([place.themes.includes(theme) ? 5 : 2, theme])
  }
  const statements = themes[random.weighted(alternatives)](draft, place)
  const [first] = statements
  if (
    first !== undefined &&
    statements.length === 1 &&
    random.chance(0.3) &&
    place.depth < 3 &&
    oftenTried.has(first.op)
  ) {
    return [attempt(draft, place, statements)]
  }
  return statements
}

/** A single waiting statement that contains no others, `sleep` if nothing else comes to mind. */
export const waitingOnce = (draft: Draft, place: Place): Statement => {
  const statements = waiting(draft, { ...place, depth: Math.max(place.depth, 3) })
  return statements.length === 1 ? statements[0]! : draft.sleep()
}

type Theme = "core" | keyof typeof featureThemes
type Make = (draft: Draft, place: Place) => Block

const isTheme = (feature: Feature): feature is keyof typeof featureThemes => Object.hasOwn(featureThemes, feature)

const forOthers: ReadonlyArray<Feature> = ["gather", "wait", "wait_for", "shield", "as_completed", "taskgroups"]
const withBodies: ReadonlyArray<Feature> = ["timeouts", "taskgroups", "locks", "semaphores", "conditions"]
const oftenTried: ReadonlySet<string> = new Set([
  "await",
  "call",
  "gather",
  "shield",
  "wait_for",
  "q_get",
  "q_put",
  "acquire",
  "ev_wait",
  "sleep",
  "with",
  "wait",
  "as_completed",
  "cond_wait"
])

/** The last coroutine has no other to wait for, and what is nested deep gets no body. */
const fits = (draft: Draft, place: Place, theme: Feature): boolean => {
  const isLeaf = place.rank === draft.plan.coroutines && !draft.has("futures")
  if (isLeaf && forOthers.includes(theme) && !draft.random.chance(0.05)) return false
  return !(place.depth >= 3 && withBodies.includes(theme))
}

// ---- what to wait for ------------------------------------------------------------------------------------------------

const awaitables = (
  draft: Draft,
  place: Place,
  [low, high]: readonly [number, number],
  withCoroutines: boolean
): Array<Awaitable> => {
  const { random } = draft
  const { coroutines } = draft.plan
  const slots = draft.awaitable(place)
  const found: Array<Awaitable> = []
  for (let left = random.int(low, high); left > 0; left--) {
    const kind = random.weighted([
      [slots.length > 0 ? 6 : 0, "slot"],
      [withCoroutines && place.rank < coroutines ? 4 : 0, "coroutine"],
      [draft.has("futures") ? 2 : 0, "future"]
    ])
    if (kind === "slot" && slots.length > 0) found.push(draft.pickAwaitable(slots).name)
    else if (kind === "coroutine" && withCoroutines && place.rank < coroutines) {
      found.push({ coro: `c${random.int(place.rank + 1, coroutines)}` })
    } else if (draft.has("futures")) found.push(draft.pickObject("future"))
  }
  return found
}

/** Fills some of the slots just before they are used; otherwise they are often empty. */
const filling = (draft: Draft, place: Place, args: ReadonlyArray<Awaitable>): Block => {
  const statements: Block = []
  for (const arg of args) {
    if (typeof arg !== "string" || !draft.random.chance(0.4)) continue
    const slot = draft.plan.taskSlots.find(({ name }) => name === arg)
    if (slot !== undefined && slot.rank > place.rank) statements.push(draft.spawn(place, slot)!)
  }
  return statements
}

// ---- the themes ------------------------------------------------------------------------------------------------------

const core: Make = (draft, place) => {
  const { random } = draft
  const { coroutines } = draft.plan
  const slots = draft.awaitable(place)
  return random.weighted<() => Block>([
    [8, () => [draft.sleep()]],
    [slots.length > 0 ? 8 : 0, () => [{ op: "await", v: draft.pickAwaitable(slots).name }]],
    [place.rank < coroutines ? 3 : 0, () => [{ op: "call", coro: `c${random.int(place.rank + 1, coroutines)}` }]],
    [draft.has("futures") ? 4 : 0, () => [{ op: "await", v: draft.pickObject("future") }]]
  ])()
}

/** The life of a future of `gather` or `shield`: made, perhaps cancelled or looked at, awaited. */
const heldFuture: Make = (draft, place) => {
  const { random } = draft
  const slot = random.pick(draft.plan.futureSlots.filter(({ rank }) => rank > place.rank))
  const { name, args } = slot
  const make: Statement =
    slot.kind === "gather"
      ? { op: "gather", to: name, args: [...args], re: random.chance(0.4) }
      : { op: "shield", to: name, arg: args[0]! }
  const look = (): Statement => {
    const msg = draft.newMessage()
    const queries = (["done", "cancelled", "exc", "result"] as const).map((q) => ({ q, v: name }))
    return { op: "trace", msg, x: random.sample(queries, 2) }
  }
  const wait: Statement = { op: "await", v: name }
  const fill = filling(draft, place, args)
  const sleep = random.chance(0.4) ? draft.sleep() : null
  const cancel: Statement | null = random.chance(0.35)
    ? { op: "cancel", v: name, ...(random.chance(0.5) ? { msg: "gx" } : {}) }
    : null
  const cancelOne: Statement | null = random.chance(0.25) ? { op: "cancel", v: random.pick(args) } : null
  const before = random.chance(0.2) ? look() : null
  const waited = random.chance(0.5) ? attempt(draft, place, [wait]) : wait
  const after = random.chance(0.35) ? look() : null
  return present(...fill, make, sleep, cancel, cancelOne, before, waited, after)
}

const gather: Make = (draft, place) => {
  const { random } = draft
  const held = draft.plan.futureSlots.some(({ rank }) => rank > place.rank)
  if (held && (random.chance(0.35) || !draft.has("gather"))) return heldFuture(draft, place)
  const args = awaitables(draft, place, [random.chance(0.06) ? 0 : 1, 3], true)
  if (args.length > 0 && random.chance(0.1)) {
    const names: ReadonlyArray<Awaitable | undefined> = args.filter((arg) => typeof arg === "string")
    args.push(random.pick(names) ?? args[0]!)
  }
  const fill = filling(draft, place, args)
  return [...fill, { op: "gather", args, re: random.chance(0.45) }]
}

const wait: Make = (draft, place) => {
  const { random } = draft
  const args = awaitables(draft, place, [random.chance(0.05) ? 0 : 1, 3], false)
  if (random.chance(0.25)) args.push(draft.anySlot())
  const when = random.pick(["FIRST_COMPLETED", "FIRST_EXCEPTION", "ALL_COMPLETED"] as const)
  const statement: Statement & { op: "wait" } = { op: "wait", args, when }
  if (random.chance(0.55)) statement.timeout = draft.delayOrZero()
  return [...filling(draft, place, args), statement]
}

const waitFor: Make = (draft, place) => {
  const [arg] = awaitables(draft, place, [1, 1], true)
  if (arg === undefined) return [draft.sleep()]
  const fill = filling(draft, place, [arg])
  const t = draft.random.weighted<number | null>([
    [8, draft.delay()],
    [2, 0],
    [1, null],
    [0.5, -1]
  ])
  return [...fill, { op: "wait_for", arg, t }]
}

const shield: Make = (draft, place) => {
  const held = draft.plan.futureSlots.some(({ rank }) => rank > place.rank)
  if (!draft.has("gather") && held && draft.random.chance(0.4)) return gather(draft, place)
  const [arg] = awaitables(draft, place, [1, 1], true)
  if (arg === undefined) return [draft.sleep()]
  return [...filling(draft, place, [arg]), { op: "shield", arg }]
}

const asCompleted: Make = (draft, place) => {
  const { random } = draft
  const args = awaitables(draft, place, [random.chance(0.04) ? 0 : 1, 3], true)
  const caught = random.weighted<Array<string>>([
    [4, ["ValueError", "MyError", "RuntimeError"]],
    [2, ["Exception"]],
    [2, ["CancelledError"]],
    [3, ["Exception", "CancelledError"]],
    [3, []]
  ])
  const statement: Statement & { op: "as_completed" } = { op: "as_completed", args, catch: caught }
  if (random.chance(0.45)) statement.timeout = draft.delayOrZero()
  if (draft.plan.modifiers.has("aiter") && random.chance(0.6)) statement.mode = "async"
  return [...filling(draft, place, args), statement]
}

const timeouts: Make = (draft, place) => {
  const { random } = draft
  const to = draft.newTimeout()
  const absolute = random.chance(0.2)
  const t = absolute
    ? draft.delayOrZero() + random.int(0, 3)
    : random.weighted<number | null>([
        [10, draft.delay()],
        [1.5, 0],
        [1, null],
        [0.4, -1]
      ])
  const inner = body(draft, place, { timeouts: [...place.timeouts, to] })
  const scope: Statement = { op: absolute ? "timeout_at" : "timeout", to, t, body: inner }
  const hint = () => (random.chance(0.6) ? ["TimeoutError"] : undefined)
  const statements = maybeAttempt(draft, place, [scope], 0.55, hint())
  if (random.chance(0.4)) {
    const msg = draft.newMessage()
    statements.push({
      op: "trace",
      msg,
      x: [
        { q: "expired", v: to },
        { q: "cancelling", v: "self" }
      ]
    })
  }
  return statements
}

const taskgroups: Make = (draft, place) => {
  const { random } = draft
  const group = draft.newGroup()
  const inside = deeper(place, { groups: [...place.groups, group] })
  const inner: Block = []
  for (let left = random.int(1, 3); left > 0; left--) {
    const spawn = draft.spawn(inside)
    if (spawn !== null) inner.push({ ...spawn, group })
  }
  if (place.depth < 3) inner.push(...block(draft, inside, random.int(0, 2)))
  if (random.chance(0.4)) inner.push(random.chance(0.15) ? draft.raise() : waitingOnce(draft, inside))
  if (inner.length === 0) inner.push(draft.sleep())
  const scope: Statement = { op: "group", to: group, body: inner }
  const hint = random.chance(0.6) ? ["ExceptionGroup"] : undefined
  const statements = maybeAttempt(draft, place, [scope], 0.55, hint)
  if (random.chance(0.3)) statements.push({ op: "trace", msg: draft.newMessage(), x: [{ q: "cancelling", v: "self" }] })
  if (random.chance(0.06)) {
    const spawn = draft.spawn(place)
    if (spawn !== null) statements.push(...guarded(draft, place, { ...spawn, group }, 0.9, "RuntimeError"))
  }
  return statements
}

const events: Make = (draft) => [{ op: "ev_wait", v: draft.pickObject("event") }]

/** `with`, or the same by hand, sometimes without the release. */
const holding = (
  draft: Draft,
  place: Place,
  v: string,
  style: readonly [within: number, guarding: number, error: string]
): Block => {
  const { random } = draft
  const [within, guarding, error] = style
  if (random.chance(within)) return [{ op: "with", v, body: body(draft, place, {}, random.int(0, 2)) }]
  const inner = body(draft, place, {}, random.int(0, 1))
  return [{ op: "acquire", v }, ...inner, ...guarded(draft, place, { op: "release", v }, guarding, error)]
}

const locks: Make = (draft, place) => holding(draft, place, draft.pickObject("lock"), [0.8, 0.5, "RuntimeError"])

const semaphores: Make = (draft, place) =>
  holding(draft, place, draft.pickObject(...semaphoreKinds), [0.65, 0.6, "ValueError"])

const conditions: Make = (draft, place) => {
  const { random } = draft
  const v = draft.pickObject("condition")
  const wait = random.weighted<() => Block>([
    [
      6,
      () => {
        const hint = random.chance(0.6) ? ["CancelledError"] : undefined
        return maybeAttempt(draft, deeper(place), [{ op: "cond_wait", v }], 0.35, hint)
      }
    ],
    [4, () => [{ op: "cond_wait_for", v, pred: { q: "ge", v: "N0", n: random.int(1, 3) } }]],
    [1, () => [draft.sleep()]]
  ])()
  // Without the lock.
  if (random.chance(0.06)) return guarded(draft, place, { op: "cond_wait", v }, 0.9, "RuntimeError")
  const before = random.chance(0.2) ? draft.trace(place) : null
  const after = random.chance(0.4) ? draft.trace(place) : null
  const sleep = random.chance(0.15) ? draft.sleep() : null
  return [{ op: "with", v, body: present(before, ...wait, after, sleep) }]
}

const barriers: Make = (draft, place) => {
  const { random } = draft
  const statement = random.weighted<Statement>([
    [8, { op: "bar_wait", v: "B0" }],
    [3, { op: "with", v: "B0", body: place.depth < 3 ? block(draft, deeper(place), 1) : [] }],
    [1.2, { op: "bar_reset", v: "B0" }],
    [0.8, { op: "bar_abort", v: "B0" }]
  ])
  const hint = random.chance(0.7) ? ["RuntimeError", "BrokenBarrierError"].slice(random.int(0, 1)) : undefined
  return maybeAttempt(draft, place, [statement], 0.45, hint)
}

const queues: Make = (draft, place) => {
  const { random } = draft
  const v = draft.pickObject(...queueKinds)
  const sortable = draft.kindOf(v) === "priority"
  const item = (): Expression => {
    if (sortable) return random.int(0, 9)
    return random.weighted<Expression>([
      [6, random.int(0, 9)],
      [place.inLoop === true ? 4 : 0, { q: "i" }]
    ])
  }
  const put = (): Block => [{ op: "q_put", v, value: item() }]
  const get = (): Block => [{ op: "q_get", v }]
  return random.weighted<() => Block>([
    [8, put],
    [8, () => [...get(), ...(random.chance(0.5) ? [{ op: "q_task_done", v } as const] : [])]],
    [3, () => [{ op: "q_join", v }]],
    [
      3,
      () => {
        if (place.depth >= 3) return put()
        const n = random.int(2, 3)
        const value = sortable ? item() : ({ q: "i" } as const)
        return [{ op: "loop", n, body: present({ op: "q_put", v, value }, random.chance(0.3) ? draft.sleep() : null) }]
      }
    ],
    [
      3,
      () => {
        if (place.depth >= 3) return get()
        const n = random.int(2, 3)
        const sleep = random.chance(0.4) ? draft.sleep() : null
        const done: Statement | null = random.chance(0.6) ? { op: "q_task_done", v } : null
        return [{ op: "loop", n, body: present({ op: "q_get", v }, sleep, done) }]
      }
    ]
  ])()
}

const featureThemes = {
  gather,
  wait,
  wait_for: waitFor,
  shield,
  as_completed: asCompleted,
  timeouts,
  taskgroups,
  events,
  locks,
  conditions,
  semaphores,
  barriers,
  queues
} satisfies { [F in Feature]?: Make }

const themes: Record<Theme, Make> = { core, ...featureThemes }
