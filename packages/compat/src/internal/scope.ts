/**
 * In which loop and task a piece of promise code runs. `AsyncLocalStorage` carries it over every await, into nested
 * async functions, host timers and callbacks.
 */
import type * as asyncio from "@effect-asyncio/core"
import { RuntimeError } from "@effect-asyncio/core"
import { AsyncLocalStorage } from "node:async_hooks"
import type { PromiseCoroutine } from "./promiseCoroutine.ts"

/** The ambient state of promise code. */
export interface Scope {
  readonly loop: asyncio.EventLoop
  /** Undefined in a callback of the loop. */
  readonly coroutine: PromiseCoroutine<unknown> | undefined
}

const storage = new AsyncLocalStorage<Scope>()

export const scope = (): Scope | undefined => storage.getStore()

export const runInScope = <A>(inner: Scope, f: () => A): A => storage.run(inner, f)

/** The scope, or asyncio's error where there is no loop. */
export const requireScope = (): Scope => {
  const found = storage.getStore()
  if (found === undefined || found.loop.isClosed()) throw new RuntimeError("no running event loop")
  return found
}
