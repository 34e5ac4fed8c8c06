/**
 * What takes a request, passes it on, or takes it for its own: an await, a timeout whose time is up, a group, a shield.
 */
import type { Block, Statement } from "../../script.ts"
import { maybeAttempt } from "./attempts.ts"
import { cause } from "./causes.ts"
import { aTask, anAwaitable, child } from "./children.ts"
import { deepest, type RequestsDraft } from "./draft.ts"

export const consumer = (draft: RequestsDraft, depth: number): Block => {
  const tried = (statement: Statement, probability = 0.8): Block => maybeAttempt(draft, depth, [statement], probability)
  const { random } = draft
  return draft.choose<Block>([
    [12, "timeouts", () => timeout(draft, depth)],
    [8, "taskgroups", () => group(draft, depth)],
    [5, "wait_for", () => waitFor(draft, depth)],
    [
      2,
      "shield",
      () => {
        const { before, awaitable } = anAwaitable(draft)
        return [...before, ...tried({ op: "shield", arg: awaitable })]
      }
    ],
    [
      2,
      "gather",
      () => {
        const made = random.chance(0.5) ? [anAwaitable(draft)] : [anAwaitable(draft), anAwaitable(draft)]
        const args = made.map(({ awaitable }) => awaitable)
        return [...made.flatMap(({ before }) => before), ...tried({ op: "gather", args, re: random.chance(0.4) })]
      }
    ],
    [
      1,
      "wait",
      () => {
        const { before, awaitable } = aTask(draft)
        return [...before, ...tried({ op: "wait", args: [awaitable], ...perhapsTimeout(draft) }, 0.6)]
      }
    ],
    [
      1,
      "as_completed",
      () => {
        const { before, awaitable } = anAwaitable(draft)
        const caught = random.pick([[], ["Exception"], ["CancelledError"]])
        const statement: Statement = { op: "as_completed", args: [awaitable], catch: caught, ...perhapsTimeout(draft) }
        return [...before, ...tried(statement, 0.6)]
      }
    ],
    [3, "core", () => tried({ op: "sleep", t: 0 }, 0.6)],
    [1, "core", () => tried(draft.sleep(), 0.6)],
    [0.7, "locks", () => synchronised(draft, depth, "locks")],
    [0.5, "events", () => synchronised(draft, depth, "events")],
    [0.5, "queues", () => synchronised(draft, depth, "queues")],
    [0.5, "barriers", () => synchronised(draft, depth, "barriers")],
    [0.5, "conditions", () => synchronised(draft, depth, "conditions")],
    [
      1.5,
      "core",
      () => [{ op: "call", coro: draft.coroutine(depth >= deepest ? draft.iterations(1) : consumer(draft, depth + 1)) }]
    ]
  ])
}

const perhapsTimeout = (draft: RequestsDraft): { readonly timeout?: number } =>
  draft.random.chance(0.6) ? { timeout: draft.delay() } : {}

/** What stands in a scope: something that waits or nothing, a request, another scope. */
const body = (draft: RequestsDraft, depth: number): Block => {
  const { random } = draft
  if (depth < deepest && random.chance(0.5)) {
    return [...(random.chance(0.3) ? cause(draft, depth + 1) : []), ...consumer(draft, depth + 1)]
  }
  return random.weighted<() => Block>([
    [3, () => draft.iterations(1)],
    [1, () => []],
    [2, () => [draft.sleep()]],
    [
      1,
      () => {
        const { before, awaitable } = anAwaitable(draft)
        const wait: Statement =
          typeof awaitable === "string" ? { op: "await", v: awaitable } : { op: "call", coro: awaitable.coro }
        return [...before, wait]
      }
    ],
    [depth > deepest ? 0 : 1, () => cause(draft, depth + 1)]
  ])()
}

const timeout = (draft: RequestsDraft, depth: number): Block => {
  const { random } = draft
  const to = draft.newTimeout()
  const t = random.weighted<number | null>([
    [6, 0],
    [3, draft.delay()],
    [2, null],
    [1, -1]
  ])
  const op = random.chance(0.85) ? "timeout" : "timeout_at"
  const statements = maybeAttempt(draft, depth, [{ op, to, t, body: body(draft, depth) }], 0.8)
  return random.chance(0.5) ? [...statements, draft.look()] : statements
}

const group = (draft: RequestsDraft, depth: number): Block => {
  const { random } = draft
  const to = draft.newGroup()
  const spawns = Array.from({ length: random.int(0, 2) }, () => draft.spawn(child(draft), { group: to }))
  const rest = random.weighted<() => Block>([
    [5, () => body(draft, depth)],
    [1, () => [draft.raise("MyError")]],
    [4, () => []]
  ])()
  return maybeAttempt(draft, depth, [{ op: "group", to, body: [...spawns, ...rest] }], 0.8)
}

const waitFor = (draft: RequestsDraft, depth: number): Block => {
  const { before, awaitable } = anAwaitable(draft)
  const t = draft.random.weighted<number | null>([
    [5, 0],
    [3, draft.delay()],
    [1, null],
    [1, -1]
  ])
  return [...before, ...maybeAttempt(draft, depth, [{ op: "wait_for", arg: awaitable, t }], 0.8)]
}

type Synchronisation = "locks" | "events" | "queues" | "barriers" | "conditions"

const synchronised = (draft: RequestsDraft, depth: number, feature: Synchronisation): Block => {
  const { random } = draft
  const make: { readonly [F in Synchronisation]: () => Block } = {
    locks: () => {
      const v = draft.object("lock", { kind: "lock" })
      return [{ op: "with", v, body: depth >= deepest ? [] : body(draft, depth + 1) }]
    },
    events: () => {
      const v = draft.object("event", { kind: "event" })
      return [
        { op: random.chance(0.5) ? "ev_set" : "ev_clear", v },
        { op: "ev_wait", v }
      ]
    },
    queues: () => {
      const v = draft.object("queue", { kind: "queue", maxsize: 1 })
      return [random.chance(0.5) ? { op: "q_put", v, value: 1 } : { op: "q_get", v }]
    },
    barriers: () => [{ op: "bar_wait", v: draft.object("barrier", { kind: "barrier", parties: 1 }) }],
    conditions: () => {
      const v = draft.object("condition", { kind: "condition" })
      return [{ op: "with", v, body: [{ op: "cond_wait", v }] }]
    }
  }
  return maybeAttempt(draft, depth, make[feature](), 0.6)
}
