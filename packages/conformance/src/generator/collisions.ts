/**
 * Several things at once to one object, in one iteration of the loop: that is where implementations differ.
 */
import type { Block, Statement } from "../script.ts"
import { attempt, guarded } from "./attempts.ts"
import { type Draft, type ObjectKind, type Place, present, queueKinds, semaphoreKinds } from "./draft.ts"

const isQueue = (kind: ObjectKind): boolean => queueKinds.includes(kind)
const isLock = (kind: ObjectKind): boolean => kind === "lock" || semaphoreKinds.includes(kind)

// What a release of a lock that is not held raises.
const releaseError = (kind: ObjectKind): string => (kind === "lock" ? "RuntimeError" : "ValueError")

/** Wakes one task and cancels another in the same iteration. */
export const combo = (draft: Draft, place: Place): Block => {
  const { random } = draft
  let object: string | undefined
  const picked = (...kinds: ReadonlyArray<ObjectKind>): string => (object = draft.pickObject(...kinds))
  const wakes: Array<() => Block> = []
  if (draft.has("events")) wakes.push(() => [{ op: "ev_set", v: picked("event") }])
  if (draft.has("locks")) {
    wakes.push(() => guarded(draft, place, { op: "release", v: picked("lock") }, 0.9, "RuntimeError"))
  }
  if (draft.has("semaphores")) {
    wakes.push(() => guarded(draft, place, { op: "release", v: picked(...semaphoreKinds) }, 0.9, "ValueError"))
  }
  if (draft.has("queues")) {
    const v = picked(...queueKinds)
    wakes.push(
      () => guarded(draft, place, { op: "q_put_nowait", v, value: random.int(0, 9) }, 0.9, "Exception"),
      () => guarded(draft, place, { op: "q_get_nowait", v }, 0.9, "Exception"),
      () => [{ op: "q_shutdown", v, immediate: random.chance(0.4) }]
    )
  }
  if (draft.has("futures")) {
    wakes.push(
      () => {
        const statement: Statement = { op: "set_result", v: picked("future"), value: draft.value() }
        return guarded(draft, place, statement, 0.9, "InvalidStateError")
      },
      () => {
        const statement: Statement = { op: "set_exception", v: picked("future"), exc: "ValueError" }
        return guarded(draft, place, statement, 0.9, "InvalidStateError")
      }
    )
  }
  if (draft.has("conditions") && place.callback === undefined) {
    const v = draft.pickObject("condition")
    wakes.push(() => [notifyAndCancel(draft, place, v)])
  }
  if (wakes.length === 0) return [draft.cancel(place), draft.cancel(place)]
  const wake = random.pick(wakes)()
  const count = random.weighted([
    [5, 1],
    [2, 2]
  ])
  const cancels = Array.from({ length: count }, () => draft.cancel(place, object))
  return random.chance(0.7) ? [...wake, ...cancels] : [...cancels, ...wake]
}

const notifyAndCancel = (draft: Draft, place: Place, v: string): Statement => {
  const { random } = draft
  const notify: Statement = random.chance(0.5) ? { op: "notify_all", v } : { op: "notify", v }
  const sleep = random.chance(0.6) ? draft.sleep() : null
  const cancel = draft.cancel(place, v)
  const sleepAgain = random.chance(0.5) ? draft.sleep() : null
  const cancelAgain = random.chance(0.3) ? draft.cancel(place, v) : null
  return { op: "with", v, body: present({ op: "inc", v: "N0" }, notify, sleep, cancel, sleepAgain, cancelAgain) }
}

// ---- bursts ----------------------------------------------------------------------------------------------------------

/** Several operations on one object without a pause, then one that waits for the same object. */
export const burst = (draft: Draft, place: Place): Block => {
  const { random } = draft
  const names = draft.objectsOf("lock", "event", ...semaphoreKinds, ...queueKinds, "condition", "future")
  if (names.length === 0) return combo(draft, place)
  const v = random.pick(names)
  const count = random.int(2, 3)
  const statements = burstOn(draft, place, v, count)
  const last = statements.at(-1)!
  if (last.op !== "try" && random.chance(0.5)) statements.splice(-1, 1, attempt(draft, place, [last]))
  return statements
}

const burstOn = (draft: Draft, place: Place, v: string, count: number): Block => {
  const { random } = draft
  const kind = draft.kindOf(v)
  const perhapsCancel = (): Block => (random.chance(0.35) ? [draft.cancel(place, v)] : [])
  const repeated = (make: () => Block): Block =>
    Array.from({ length: count }, () => [...make(), ...perhapsCancel()]).flat()
  switch (kind) {
    case "lock": {
      const release = [
        ...perhapsCancel(),
        ...guarded(draft, place, { op: "release", v }, 1, "RuntimeError"),
        ...perhapsCancel()
      ]
      if (!random.chance(0.7)) return [...release, { op: "acquire", v }]
      return [...release, { op: "with", v, body: random.chance(0.5) ? [draft.sleep()] : [] }]
    }
    case "semaphore":
    case "bounded": {
      const releases = repeated(() => {
        if (random.chance(0.75)) return guarded(draft, place, { op: "release", v }, 1, "ValueError")
        return [{ op: "trace", msg: draft.newMessage(), x: [{ q: "locked", v }] }]
      })
      if (!random.chance(0.5)) return [...releases, { op: "acquire", v }]
      return [...releases, { op: "with", v, body: [draft.sleep()] }]
    }
    case "event": {
      const changes = repeated(() => [{ op: random.chance(0.6) ? "ev_set" : "ev_clear", v }])
      return random.chance(0.5) ? [...changes, { op: "ev_wait", v }] : changes
    }
    case "condition":
      return [{ op: "with", v, body: burstOnCondition(draft, v, perhapsCancel) }]
    case "future": {
      const sets = random.chance(0.5)
      const before = perhapsCancel()
      const statement: Statement = sets
        ? { op: "set_result", v, value: draft.value() }
        : { op: "set_exception", v, exc: "ValueError", msg: "b" }
      const change = guarded(draft, place, statement, 0.9, "InvalidStateError")
      const changes = [...before, ...change, ...perhapsCancel()]
      return random.chance(0.5) ? [...changes, { op: "await", v }] : changes
    }
    default:
      return [...repeated(() => burstOnQueue(draft, place, v)), waitOnQueue(draft, v)]
  }
}

const burstOnCondition = (draft: Draft, v: string, perhapsCancel: () => Block): Block => {
  const { random } = draft
  const increment: Statement | null = random.chance(0.5) ? { op: "inc", v: "N0" } : null
  const notify: Statement = { op: "notify", v, n: random.int(1, 2) }
  const between = perhapsCancel()
  const again: Statement | null = random.chance(0.4) ? { op: "notify", v, n: 1 } : null
  const after = perhapsCancel()
  const wait: Statement | null = random.chance(0.3) ? { op: "cond_wait", v } : random.chance(0.4) ? draft.sleep() : null
  return present(increment, notify, ...between, again, ...after, wait, ...perhapsCancel())
}

const burstOnQueue = (draft: Draft, place: Place, v: string): Block => {
  const { random } = draft
  const statement = random.weighted<Statement>([
    [4, { op: "q_put_nowait", v, value: random.int(0, 9) }],
    [3, { op: "q_get_nowait", v }],
    [1, { op: "q_task_done", v }],
    [0.6, { op: "q_shutdown", v, immediate: random.chance(0.5) }]
  ])
  return guarded(draft, place, statement, 1, "Exception")
}

const waitOnQueue = (draft: Draft, v: string): Statement =>
  draft.random.weighted<Statement>([
    [3, { op: "q_get", v }],
    [3, { op: "q_put", v, value: draft.random.int(0, 9) }],
    [1, { op: "q_join", v }]
  ])

// ---- contention ------------------------------------------------------------------------------------------------------

/** Blocks several tasks on one object, then wakes and cancels them in one iteration. */
export const contention = (draft: Draft, place: Place): Block => {
  const { random } = draft
  const all = draft.objectsOf("lock", "event", ...semaphoreKinds, ...queueKinds, "condition", "future", "barrier")
  const dedicated = random.chance(0.6)
  const names = dedicated ? all : all.filter((name) => draft.usersOf(name).length > 0)
  if (names.length === 0) return combo(draft, place)
  const v = random.pick(names)
  const kind = draft.kindOf(v)
  const blocked = dedicated ? dedicatedTasks(draft, place, v) : users(draft, place, v)
  const before = preparation(draft, v)
  if (isQueue(kind) && hasLimit(draft, v) && random.chance(0.4)) {
    before.push(...guarded(draft, place, { op: "q_put_nowait", v, value: random.int(0, 9) }, 1, "Exception"))
  }
  const pause: Statement = { op: "sleep", t: random.chance(0.3) ? 0 : draft.delay() }
  const acts = collision(draft, place, v, blocked)
  const after = random.chance(0.5) ? aftermath(draft, place, v) : []
  return [...before, ...blocked, pause, ...inScope(kind, v, acts), ...after]
}

type Spawn = Statement & { op: "spawn" }

/** Tasks that do nothing but wait for the object. */
const dedicatedTasks = (draft: Draft, place: Place, v: string): Array<Spawn> => {
  const { random } = draft
  const wait = waitFor(draft, place, v)
  const shapes: ReadonlyArray<readonly [number, () => Block]> = [
    [5, () => [wait]],
    [2, () => [{ op: "loop", n: 2, body: [wait] }]],
    [
      2,
      () => {
        const on = [random.chance(0.7) ? "CancelledError" : "BaseException"]
        const handler = random.weighted<Block>([
          [3, [{ op: "reraise" }]],
          [2, []],
          [1, [{ op: "sleep", t: 0 }]]
        ])
        return [{ op: "try", body: [wait], except: [{ on, body: handler }] }]
      }
    ],
    [1, () => [{ op: "try", body: [wait], finally: [{ op: "trace", msg: draft.newMessage() }] }]]
  ]
  draft.coroutines.cw = random.weighted(shapes)()
  const count = random.weighted([
    [1, 1],
    [5, 2],
    [4, 3]
  ])
  return Array.from({ length: count }, (_, index) => ({
    op: "spawn",
    to: `tw${index}`,
    coro: "cw",
    ...(random.chance(0.3) ? { name: `W${index}` } : {})
  }))
}

const waitFor = (draft: Draft, place: Place, v: string): Statement => {
  const { random } = draft
  const kind = draft.kindOf(v)
  const hold: Block = random.chance(0.4) ? [{ op: "sleep", t: random.chance(0.5) ? 0 : draft.delay() }] : []
  if (isLock(kind)) {
    if (!random.chance(0.7)) return { op: "acquire", v }
    const leaf = { ...place, rank: draft.plan.coroutines }
    return { op: "with", v, body: hold.length > 0 ? hold : [draft.trace(leaf)] }
  }
  switch (kind) {
    case "event":
      return { op: "ev_wait", v }
    case "future":
      return { op: "await", v }
    case "barrier":
      return { op: "bar_wait", v }
    case "condition": {
      const wait: Statement = random.chance(0.75)
        ? { op: "cond_wait", v }
        : { op: "cond_wait_for", v, pred: { q: "ge", v: "N0", n: random.int(1, 2) } }
      return { op: "with", v, body: [wait] }
    }
    default:
      return random.chance(0.6) ? { op: "q_get", v } : { op: "q_put", v, value: random.int(0, 9) }
  }
}

/** Tasks whose coroutine happens to use the object. */
const users = (draft: Draft, place: Place, v: string): Array<Spawn> => {
  const slots = draft.usersOf(v)
  const count = draft.random.int(1, 2)
  return Array.from({ length: count }, () => draft.spawn(place, draft.random.pick(slots))!)
}

const hasLimit = (draft: Draft, v: string): boolean => {
  const declaration = draft.plan.objects[v]!
  return "maxsize" in declaration && declaration.maxsize !== 0
}

/** Brings the object into a state in which others wait for it. */
const preparation = (draft: Draft, v: string): Block => {
  const { random } = draft
  const declaration = draft.plan.objects[v]!
  if (declaration.kind === "event") return [{ op: "ev_clear", v }]
  if (!isLock(declaration.kind)) return []
  const places = "value" in declaration ? Math.max(1, declaration.value ?? 1) : 1
  const statements: Block = []
  if (random.chance(0.3) && draft.plan.enabled.has("timeouts")) {
    const scope: Statement = { op: "timeout", to: draft.newTimeout(), t: draft.delay(), body: [{ op: "acquire", v }] }
    statements.push({ op: "try", body: [scope], except: [{ on: ["TimeoutError"], body: [] }] })
  } else statements.push({ op: "acquire", v })
  if (places > 1 && random.chance(0.7)) statements.push({ op: "acquire", v })
  return statements
}

/** What wakes the tasks that wait for the object. An entry that stands twice is twice as likely. */
const wakers = (draft: Draft, place: Place, v: string): Array<() => Block> => {
  const { random } = draft
  const kind = draft.kindOf(v)
  if (isLock(kind)) return [() => guarded(draft, place, { op: "release", v }, 1, releaseError(kind))]
  switch (kind) {
    case "event":
      return [() => [{ op: "ev_set", v }], () => [{ op: "ev_set", v }], () => [{ op: "ev_clear", v }]]
    case "future":
      return [
        () => guarded(draft, place, { op: "set_result", v, value: draft.value() }, 1, "InvalidStateError"),
        () => [{ op: "cancel", v, msg: "fut" }]
      ]
    case "condition":
      return [
        () => [{ op: "notify", v, n: random.int(1, 2) }],
        () => [
          { op: "inc", v: "N0" },
          { op: "notify_all", v }
        ]
      ]
    case "barrier":
      return [() => [{ op: "bar_wait", v }], () => [{ op: random.chance(0.5) ? "bar_reset" : "bar_abort", v }]]
    default: {
      const put = () => guarded(draft, place, { op: "q_put_nowait", v, value: random.int(0, 9) }, 1, "Exception")
      const get = () => guarded(draft, place, { op: "q_get_nowait", v }, 1, "Exception")
      return [put, put, get, get, () => [{ op: "q_shutdown", v, immediate: random.chance(0.5) }]]
    }
  }
}

/** Wakes and cancels, in some order. */
const collision = (draft: Draft, place: Place, v: string, blocked: ReadonlyArray<Spawn>): Block => {
  const { random } = draft
  const kind = draft.kindOf(v)
  const victim = (): Statement => {
    const target = random.chance(0.6) ? blocked[0]!.to : random.pick(blocked).to
    return random.chance(0.4) ? { op: "cancel", v: target, msg: `x${random.int(1, 9)}` } : { op: "cancel", v: target }
  }
  const ways = wakers(draft, place, v)
  const wakes = Array.from({ length: random.int(1, 2) }, () => random.pick(ways)())
  const cancels = Array.from({ length: random.int(1, 2) }, (): Block => [victim()])
  const acts = random
    .weighted<() => Array<Block>>([
      [4, () => [...wakes, ...cancels]],
      [2, () => [...cancels, ...wakes]],
      [3, () => random.shuffle([...wakes, ...cancels])]
    ])()
    .flat()
  if ((kind === "condition" || kind === "barrier") && random.chance(0.5)) {
    acts.push({ op: "sleep", t: random.chance(0.4) ? 0 : draft.delay() })
    if (random.chance(0.5)) acts.push(victim())
    if (random.chance(0.3)) acts.push(victim(), { op: "sleep", t: 0 })
  }
  return acts
}

const inScope = (kind: ObjectKind, v: string, acts: Block): Block => {
  if (kind === "condition") return [{ op: "with", v, body: acts }]
  if (kind === "barrier") return [{ op: "try", body: acts, except: [{ on: ["BrokenBarrierError"], body: [] }] }]
  return acts
}

/** Looks at what is left. */
const aftermath = (draft: Draft, place: Place, v: string): Block => {
  const kind = draft.kindOf(v)
  if (isLock(kind)) {
    return [{ op: "acquire", v }, ...guarded(draft, place, { op: "release", v }, 1, releaseError(kind))]
  }
  if (!isQueue(kind)) return [{ op: "sleep", t: 0 }, draft.trace(place)]
  const look: Statement = { op: "trace", msg: draft.newMessage(), x: [{ q: "qsize", v }, { q: "i" }] }
  return [{ op: "loop", n: 2, body: [{ op: "sleep", t: 0 }, look] }]
}
