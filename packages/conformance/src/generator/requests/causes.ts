/**
 * How a request for the subject comes to be: from itself, a task that it starts, a callback, a group that fails while it is
 * cancelled. Some withdraw one, and some cause none.
 */
import type { Block, Statement } from "../../script.ts"
import { attempt, maybeAttempt } from "./attempts.ts"
import { aTask, anAwaitable, child, eagerChild } from "./children.ts"
import type { RequestsDraft } from "./draft.ts"

export const cause = (draft: RequestsDraft, depth: number): Block => {
  return draft.choose<Block>([
    [3, "core", () => [draft.cancel("self")]],
    [4, "eager", () => [draft.spawn(eagerChild(draft), { eager: true })]],
    [2, "taskgroups", () => eagerMember(draft, depth)],
    [2, "handles", () => [{ op: "call_soon", cb: cancelling(draft) }, ...draft.iterations(0, 1)]],
    [1, "handles", () => [{ op: "call_later", t: draft.delay(), cb: cancelling(draft) }]],
    [2, "futures", () => doneCallback(draft)],
    [3, "taskgroups", () => failingGroup(draft, depth)],
    [2, "core", () => [{ op: "uncancel", v: "self" }]],
    [2, "core", () => withdrawn(draft)],
    [2, "core", () => attempt(draft, depth, [draft.sleep()])],
    [2, "core", () => awaitedTask(draft, depth)],
    [1, "shield", () => cancelledFuture(draft, depth, "shield")],
    [1, "gather", () => cancelledFuture(draft, depth, "gather")],
    [1, "gather", () => [{ op: "gather", args: [{ coro: eagerChild(draft) }], to: draft.newFuture() }]],
    [2, "core", () => []]
  ])
}

const cancelling = (draft: RequestsDraft): string => draft.callback([draft.cancel()])

const eagerMember = (draft: RequestsDraft, depth: number): Block => {
  const group = draft.newGroup()
  const body: Block = [draft.spawn(eagerChild(draft), { eager: true, group })]
  if (draft.random.chance(0.5)) body.push(draft.spawn(child(draft), { group }))
  return maybeAttempt(draft, depth, [{ op: "group", to: group, body }], 0.9)
}

const doneCallback = (draft: RequestsDraft): Block => {
  const spawn = draft.spawn(child(draft))
  const add: Statement = { op: "add_cb", v: spawn.to, cb: cancelling(draft) }
  return [spawn, add, ...(draft.random.chance(0.5) ? draft.iterations(1) : [])]
}

/** A group that fails, and has a task that is slow to end: a task that is cancelled meanwhile is asked once more at the end. */
const failingGroup = (draft: RequestsDraft, depth: number): Block => {
  const { random } = draft
  const group = draft.newGroup()
  const cleanup: Block = [draft.sleep(), ...(random.chance(0.4) ? [draft.cancel()] : [])]
  const slow = draft.coroutine([{ op: "try", body: [{ op: "sleep", t: 5 }], finally: cleanup }])
  const failing = draft.coroutine([...draft.iterations(0, 2), draft.raise("ValueError")])
  const body: Block = [draft.spawn(slow, { group }), draft.spawn(failing, { group })]
  if (random.chance(0.5)) body.push({ op: "sleep", t: 5 })
  return maybeAttempt(draft, depth, [{ op: "group", to: group, body }], 0.95)
}

const withdrawn = (draft: RequestsDraft): Block => {
  const again = draft.random.chance(0.4) ? [draft.cancel("self")] : []
  return [draft.cancel("self"), { op: "uncancel", v: "self" }, ...again]
}

const awaitedTask = (draft: RequestsDraft, depth: number): Block => {
  const body: Block = [draft.cancel(), ...(draft.random.chance(0.5) ? draft.iterations(1) : [])]
  const spawn = draft.spawn(draft.coroutine(body))
  return [spawn, ...maybeAttempt(draft, depth, [{ op: "await", v: spawn.to }], 0.9)]
}

/** The future of a shield or a gather, cancelled, and perhaps awaited then. */
const cancelledFuture = (draft: RequestsDraft, depth: number, op: "shield" | "gather"): Block => {
  const to = draft.newFuture()
  const { before, awaitable } = draft.random.chance(0.5) ? anAwaitable(draft) : aTask(draft)
  const make: Statement = op === "shield" ? { op, arg: awaitable, to } : { op, args: [awaitable], to }
  const wait = draft.random.chance(0.6) ? maybeAttempt(draft, depth, [{ op: "await", v: to }], 0.9) : []
  return [...before, make, draft.cancel(to), ...wait]
}
