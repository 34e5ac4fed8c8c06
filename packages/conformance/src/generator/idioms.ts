/**
 * Sequences of statements that reach deep states quickly, and whole coroutines of that kind.
 */
import type { Block, Statement } from "../script.ts"
import { attempt, handlerBody } from "./attempts.ts"
import { deeper, type Draft, type Place, present } from "./draft.ts"
import type { TaskSlot } from "./plan.ts"
import { waitingOnce } from "./waiting.ts"

export const idiom = (draft: Draft, place: Place): Block => {
  const { random } = draft
  const slots = draft.plan.taskSlots.filter(({ rank }) => rank > place.rank)
  if (slots.length === 0) return [draft.sleep()]
  const slot = random.pick(slots)
  const timeouts = draft.has("timeouts")
  return random.weighted<() => Block>([
    [3, () => cancelTwice(draft, place, slot)],
    [2, () => cancelSelf(draft, place, slot)],
    [timeouts && draft.has("taskgroups") ? 3 : 0, () => [groupInTimeout(draft, place, slot)]],
    [timeouts ? 2 : 0, () => timeoutInTimeout(draft, place)],
    [draft.plan.enabled.has("timeouts") ? 2 : 0, () => awaitWithTimeout(draft, place, slot)]
  ])()
}

const cancelTwice = (draft: Draft, place: Place, slot: TaskSlot): Block => {
  const { random } = draft
  const spawn = draft.spawn(place, slot)
  const sleep = random.chance(0.7) ? draft.sleep() : null
  const again: Statement | null = random.chance(0.5) ? { op: "cancel", v: slot.name, msg: "i2" } : null
  const wait = attempt(draft, place, [{ op: "await", v: slot.name }])
  return present(spawn, sleep, { op: "cancel", v: slot.name, msg: "i1" }, again, wait)
}

const cancelSelf = (draft: Draft, place: Place, slot: TaskSlot): Block => {
  const spawn = draft.spawn(place, slot)
  const cancel: Statement = { op: "cancel", v: "self", ...(draft.random.chance(0.5) ? { msg: "self" } : {}) }
  const wait = attempt(draft, place, [waitingOnce(draft, deeper(place))], ["CancelledError"])
  return present(spawn, cancel, wait, { op: "uncancel", v: "self" })
}

const groupInTimeout = (draft: Draft, place: Place, slot: TaskSlot): Statement => {
  const { random } = draft
  const to = draft.newTimeout()
  const t = draft.delay()
  const group = draft.newGroup()
  const first: Statement = { ...draft.spawn(place, slot)!, group }
  const second: Statement | null = random.chance(0.5)
    ? { op: "spawn", to: slot.name, coro: `c${slot.rank}`, group }
    : null
  const sleep = random.chance(0.5) ? draft.sleep() : null
  const scope: Statement = { op: "group", to: group, body: present(first, second, sleep) }
  return attempt(draft, place, [{ op: "timeout", to, t, body: [scope] }])
}

const timeoutInTimeout = (draft: Draft, place: Place): Block => {
  const outer = draft.newTimeout()
  const inner = draft.newTimeout()
  const t = draft.delay()
  const innerScope: Statement = {
    op: "timeout",
    to: inner,
    t: draft.random.chance(0.6) ? t : draft.delay(),
    body: [waitingOnce(draft, deeper(place))]
  }
  const outerScope: Statement = {
    op: "timeout",
    to: outer,
    t,
    body: [attempt(draft, place, [innerScope], ["TimeoutError"])]
  }
  const wait = attempt(draft, place, [outerScope], ["TimeoutError"])
  const look: Statement = {
    op: "trace",
    msg: draft.newMessage(),
    x: [
      { q: "expired", v: outer },
      { q: "expired", v: inner },
      { q: "cancelling", v: "self" }
    ]
  }
  return [wait, look]
}

const awaitWithTimeout = (draft: Draft, place: Place, slot: TaskSlot): Block => {
  const spawn = draft.spawn(place, slot)
  const to = draft.newTimeout()
  const scope: Statement = { op: "timeout", to, t: draft.delay(), body: [{ op: "await", v: slot.name }] }
  const wait = attempt(draft, place, [scope], ["TimeoutError"])
  const look: Statement = {
    op: "trace",
    msg: draft.newMessage(),
    x: [
      { q: "done", v: slot.name },
      { q: "cancelled", v: slot.name }
    ]
  }
  return present(spawn, wait, look)
}

/** A coroutine that works for a while and reacts to cancellation in one of the usual ways. */
export const worker = (draft: Draft, place: Place): Block => {
  const { random } = draft
  const work = (): Statement => {
    if (random.chance(0.6) || draft.plan.themes.length === 0) return { op: "sleep", t: draft.delay() }
    return waitingOnce(draft, place)
  }
  const end = (): Statement => (random.chance(0.25) ? draft.raise() : { op: "return", value: draft.value() })
  const traceInLoop = (): Statement => draft.trace({ ...place, inLoop: true })
  return random.weighted<() => Block>([
    [5, () => [work(), end()]],
    [3, () => [work(), draft.trace(place), work(), end()]],
    [
      5,
      () => {
        const body = [work()]
        const on = [random.chance(0.8) ? "CancelledError" : "BaseException"]
        const statement: Statement = { op: "try", body, except: [{ on, body: handlerBody(draft, place) }] }
        return present(statement, random.chance(0.4) ? work() : null, end())
      }
    ],
    [
      4,
      () => {
        const body = [work()]
        const first = draft.trace(place)
        const second = random.chance(0.6) ? work() : null
        const third = random.chance(0.4) ? draft.trace(place) : null
        return [{ op: "try", body, finally: present(first, second, third) }, end()]
      }
    ],
    [
      3,
      () => {
        const n = random.int(2, 3)
        const body = [work()]
        const trace = draft.trace({ ...place, inLoop: true, inHandler: true })
        const uncancel: Statement | null = random.chance(0.3) ? { op: "uncancel", v: "self" } : null
        const clause = { on: ["CancelledError"], body: present(trace, uncancel) }
        return [{ op: "loop", n, body: [{ op: "try", body, except: [clause] }] }, end()]
      }
    ],
    [2, () => [{ op: "loop", n: random.int(2, 3), body: [work(), traceInLoop()] }, end()]],
    [1, () => [end()]]
  ])()
}
