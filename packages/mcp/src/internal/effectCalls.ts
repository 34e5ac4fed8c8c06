/**
 * The calls of Effect's server that run, by what messages about them are known by.
 */
import type * as asyncio from "@effect-asyncio/core"
import { BY_CLIENT, CLIENT_GONE, type Stop } from "./stop.ts"

/** A request of JSON-RPC: its id, and the session or the connection that it came by. */
export interface RequestKey {
  readonly connection: string
  readonly id: string | number
}

/** The task of a call. The first stop says why: the disconnect that follows a cancellation does not. */
export class RunningCall {
  readonly task: asyncio.Task<unknown, unknown>
  readonly connection: string | undefined
  #stopped = false

  constructor(task: asyncio.Task<unknown, unknown>, connection: string | undefined) {
    this.task = task
    this.connection = connection
  }

  stop({ kind, reason }: Stop): void {
    if (this.#stopped) return
    this.#stopped = true
    this.task.cancelUnsafe(reason, { kind: kind as asyncio.CancellationKind })
  }
}

const running = new Map<string, RunningCall>()

// The ids 1 and "1" are two.
const nameOf = ({ connection, id }: RequestKey): string => `${connection} ${JSON.stringify(id)}`

/** Has the call known by its key until its task is done. */
export const enter = (call: RunningCall, key: RequestKey): void => {
  const name = nameOf(key)
  running.set(name, call)
  call.task.addDoneCallbackUnsafe(() => {
    // A client may use an id again, although it must not.
    if (running.get(name) === call) running.delete(name)
  })
}

/** Cancels a call for its client; false where no such call runs. */
export const cancelCall = (key: RequestKey, reason: string = BY_CLIENT): boolean => {
  const call = running.get(nameOf(key))
  call?.stop({ kind: "requested", reason })
  return call !== undefined
}

/** Cancels all calls of a connection that is closed. */
export const disconnect = (connection: string): void => {
  for (const call of running.values()) {
    if (call.connection === connection) call.stop({ kind: "disconnect", reason: CLIENT_GONE })
  }
}
