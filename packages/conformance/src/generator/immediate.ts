/**
 * Statements that do not wait.
 */
import type { Weighted } from "../random.ts"
import type { Block, Statement } from "../script.ts"
import { guarded } from "./attempts.ts"
import { type Draft, type Place, present, queueKinds, semaphoreKinds } from "./draft.ts"

export const immediate = (draft: Draft, place: Place): Block => draft.random.weighted(alternatives(draft, place))()

type Alternatives = Array<readonly [number, () => Block]>

const alternatives = (draft: Draft, place: Place): Weighted<() => Block> => [
  ...general(draft, place),
  ...(draft.has("futures") ? onFutures(draft, place) : []),
  ...(draft.has("handles") ? onHandles(draft, place) : []),
  ...onOtherObjects(draft, place)
]

const general = (draft: Draft, place: Place): Alternatives => {
  const { random } = draft
  const inCallback = place.callback !== undefined
  const look = (): Block => {
    const statement: Statement = { op: random.chance(0.7) ? "result" : "exception", v: draft.anySlot() }
    const error = random.pick(["BaseException", "InvalidStateError", "Exception"])
    return guarded(draft, place, statement, 0.85, error)
  }
  // A callback spawns the last coroutine only, which waits for no other.
  const spawning = inCallback ? { ...place, rank: draft.plan.coroutines - 1 } : place
  const list: Alternatives = [
    [place.acting === true ? 2 : 10, () => [draft.trace(place)]],
    [7, () => [draft.cancel(place)]],
    [1.2, look]
  ]
  if (inCallback) list.push([0.5, () => [draft.raise()]])
  else {
    list.push(
      [0.8, () => [{ op: "uncancel", v: random.chance(0.7) ? "self" : draft.anySlot() }]],
      [1.6, () => [draft.raise()]]
    )
  }
  list.push([inCallback ? 1.5 : 7, () => present(draft.spawn(spawning))])
  return list
}

const onFutures = (draft: Draft, place: Place): Alternatives => {
  const { random } = draft
  const { callbacks, futureSlots } = draft.plan
  const target = () => (random.chance(0.85) ? draft.pickObject("future") : draft.anySlot())
  const setResult = (): Block => {
    const statement: Statement = { op: "set_result", v: target(), value: draft.value() }
    return guarded(draft, place, statement, 0.7, random.pick(["InvalidStateError", "Exception"]))
  }
  const setException = (): Block => {
    const v = target()
    const exc = random.weighted([
      [5, "ValueError"],
      [3, "MyError"],
      [1, "CancelledError"]
    ])
    const statement: Statement & { op: "set_exception" } = { op: "set_exception", v, exc }
    if (random.chance(0.5)) statement.msg = `f${random.int(1, 9)}`
    return guarded(draft, place, statement, 0.7, "InvalidStateError")
  }
  const list: Alternatives = [
    [5, setResult],
    [2.5, setException],
    [0.8, () => [{ op: "future", to: draft.futureName() }]]
  ]
  if (callbacks.length === 0 || place.withoutCallbacks === true) return list
  const watched = () =>
    random.weighted([
      [5, draft.pickObject("future")],
      [6, draft.anySlot()],
      [futureSlots.length > 0 ? 3 : 0, futureSlots.length > 0 ? random.pick(futureSlots).name : ""]
    ])
  const severalTimes = (): Block => {
    const v = watched()
    const cb = random.pick(callbacks)
    const add: Statement = { op: "add_cb", v, cb }
    const another: Statement | null = random.chance(0.5) ? { op: "add_cb", v, cb: random.pick(callbacks) } : null
    const remove: Statement | null = random.chance(0.5) ? { op: "remove_cb", v, cb } : null
    return present(add, another, { ...add }, remove)
  }
  list.push(
    [5, () => [{ op: "add_cb", v: watched(), cb: random.pick(callbacks) }]],
    [1, severalTimes],
    [1.5, () => [{ op: "remove_cb", v: watched(), cb: random.pick(callbacks) }]]
  )
  return list
}

const onHandles = (draft: Draft, place: Place): Alternatives => {
  const { random } = draft
  const { callbacks } = draft.plan
  if (place.withoutCallbacks === true) return []
  const later = callbacks.slice(place.callback === undefined ? 0 : place.callback + 1)
  if (later.length === 0) return []
  const schedule = (): Block => {
    const statement = random.weighted<Statement & { op: "call_soon" | "call_later" | "call_at" }>([
      [3, { op: "call_soon", cb: random.pick(later) }],
      [5, { op: "call_later", t: draft.delayOrZero(), cb: random.pick(later) }],
      [2, { op: "call_at", t: draft.delayOrZero() + random.int(0, 2), cb: random.pick(later) }]
    ])
    return [random.chance(0.5) ? { ...statement, to: draft.newHandle() } : statement]
  }
  return [[6, schedule]]
}

const onOtherObjects = (draft: Draft, place: Place): Alternatives => {
  const { random } = draft
  const { modifiers } = draft.plan
  const list: Alternatives = []
  if (modifiers.has("busy")) list.push([4, () => [{ op: "busy", t: draft.delay() }]])
  if (draft.has("events")) {
    list.push([6, () => [{ op: random.chance(0.75) ? "ev_set" : "ev_clear", v: draft.pickObject("event") }]])
  }
  if (draft.has("locks")) {
    list.push([0.8, () => guarded(draft, place, { op: "release", v: draft.pickObject("lock") }, 0.8, "RuntimeError")])
  }
  if (draft.has("semaphores")) {
    const release = (): Statement => ({ op: "release", v: draft.pickObject(...semaphoreKinds) })
    list.push([3, () => guarded(draft, place, release(), 0.6, "ValueError")])
  }
  if (draft.has("conditions")) {
    // Without the lock, most of the time.
    const notify = (): Statement =>
      random.chance(0.5)
        ? { op: "notify", v: draft.pickObject("condition"), n: random.int(1, 2) }
        : { op: "notify_all", v: draft.pickObject("condition") }
    list.push([1, () => guarded(draft, place, notify(), 0.8, "RuntimeError")], [2, () => [{ op: "inc", v: "N0" }]])
  }
  if (draft.has("queues")) list.push(...onQueues(draft, place))
  if (draft.has("context")) {
    list.push([7, () => [{ op: "ctx_set", v: draft.pickObject("ctxvar"), value: random.int(1, 9) }]])
  }
  if (modifiers.has("names")) {
    const who = () => (random.chance(0.5) && place.callback === undefined ? "self" : draft.anySlot())
    list.push([2, () => [{ op: "set_name", v: who(), name: `R${random.int(1, 9)}` }]])
  }
  if (place.timeouts.length > 0 || (draft.hasTimeouts && random.chance(0.1))) {
    list.push([3, () => reschedule(draft, place)])
  }
  return list
}

const onQueues = (draft: Draft, place: Place): Alternatives => {
  const { random } = draft
  const v = () => draft.pickObject(...queueKinds)
  const put = (): Block => {
    const statement: Statement = { op: "q_put_nowait", v: v(), value: random.int(0, 9) }
    return guarded(draft, place, statement, 0.75, random.pick(["QueueFull", "Exception"]))
  }
  const get = (): Block => {
    const statement: Statement = { op: "q_get_nowait", v: v() }
    return guarded(draft, place, statement, 0.75, random.pick(["QueueEmpty", "Exception"]))
  }
  return [
    [4, put],
    [4, get],
    [2, () => guarded(draft, place, { op: "q_task_done", v: v() }, 0.8, "ValueError")],
    [1.8, () => [{ op: "q_shutdown", v: v(), immediate: random.chance(0.4) }]]
  ]
}

const reschedule = (draft: Draft, place: Place): Block => {
  const { random } = draft
  const inside = place.timeouts.length > 0
  const v = inside ? random.pick(place.timeouts) : draft.anyTimeout()
  const t = random.weighted<number | null>([
    [6, draft.delay()],
    [1, 0],
    [1, null],
    [0.5, -1]
  ])
  return guarded(draft, place, { op: "reschedule", v, t }, inside ? 0.2 : 0.9, "RuntimeError")
}
