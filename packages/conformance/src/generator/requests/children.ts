/**
 * What the subject starts and awaits: coroutines that do not wait for it.
 */
import type { Awaitable, Block, Statement } from "../../script.ts"
import { type RequestsDraft, subject } from "./draft.ts"

const long: Statement = { op: "sleep", t: 5 }

/** A coroutine that takes a moment, fails, is slow to end, or cancels the subject or itself. */
export const child = (draft: RequestsDraft): string => {
  const { random } = draft
  const stubborn = (): Block => {
    const handler = random.weighted<() => Block>([
      [2, () => [draft.raise("ValueError")]],
      [1, () => draft.iterations(1, 2)],
      [1, () => [{ op: "return", value: 2 }]]
    ])
    return [{ op: "try", body: [long], except: [{ on: ["CancelledError"], body: handler() }] }]
  }
  const body = random.weighted<() => Block>([
    [3, () => [draft.sleep()]],
    [2, () => [draft.raise("ValueError", "MyError", "CancelledError", "MyBase")]],
    [1, () => [{ op: "return", value: 1 }]],
    [3, () => [{ op: "try", body: [long], finally: [draft.sleep()] }]],
    [2, stubborn],
    [2, () => [...draft.iterations(0, 2), draft.raise("ValueError")]],
    [2, () => [...draft.iterations(0, 2), draft.cancel()]],
    [
      2,
      () => [draft.sleep(), draft.cancel(), ...(random.chance(0.5) ? [draft.raise("ValueError")] : draft.iterations(1))]
    ],
    [1, () => [draft.cancel(), { op: "cancel", v: "self" }, ...draft.iterations(1)]],
    [1, () => [draft.cancel("self"), ...draft.iterations(1)]],
    [1, () => [{ op: "sleep", t: 9 }]],
    [1, () => [draft.cancel(), { op: "uncancel", v: subject }, ...draft.iterations(0, 1)]]
  ])
  return draft.coroutine(body())
}

/** A coroutine that cancels the subject, perhaps by others that it starts eagerly: within the step of the task that starts it. */
export const eagerChild = (draft: RequestsDraft): string => {
  const { random } = draft
  let body = random.weighted<() => Block>([
    [3, () => [draft.cancel()]],
    [1, () => [draft.cancel(), ...draft.iterations(1)]],
    [1, () => [draft.cancel(), draft.raise("ValueError")]],
    [1, () => [draft.cancel(), draft.cancel()]],
    [1, () => [draft.cancel(), { op: "uncancel", v: subject }]],
    [1, () => [...draft.iterations(1), draft.cancel()]],
    [draft.has("futures") ? 0.7 : 0, () => [draft.cancel(), neverDone(draft)]]
  ])()
  for (let links = random.int(0, 2); links > 0; links--) {
    body = [draft.spawn(draft.coroutine(body), { eager: true }), ...(random.chance(0.3) ? draft.iterations(1) : [])]
  }
  return draft.coroutine(body)
}

const neverDone = (draft: RequestsDraft): Statement => ({
  op: "await",
  v: draft.object("future", { kind: "future" })
})

/** Something to await, and the statements that make it. */
export interface Made {
  readonly before: Block
  readonly awaitable: Awaitable
}

/** A coroutine, a task that has taken some steps or none, or a future that is done, cancelled or neither. */
export const anAwaitable = (draft: RequestsDraft): Made => {
  const { random } = draft
  return draft.choose<Made>([
    [3, "core", () => ({ before: [], awaitable: { coro: child(draft) } })],
    [3.5, "core", () => aTask(draft)],
    [
      1,
      "futures",
      () => {
        const to = draft.newFuture()
        const before: Block = [{ op: "future", to }]
        const end = random.weighted<() => Block>([
          [5, () => []],
          [3.5, () => [{ op: "set_result", v: to, value: 3 }]],
          [1.5, () => [draft.cancel(to)]]
        ])
        return { before: [...before, ...end()], awaitable: to }
      }
    ]
  ])
}

/** A task that has taken some steps or none. */
export const aTask = (draft: RequestsDraft): Made & { readonly awaitable: string } => {
  const spawn = draft.spawn(child(draft))
  return { before: [spawn, ...(draft.random.chance(0.4) ? draft.iterations(1, 2) : [])], awaitable: spawn.to }
}
