/**
 * The stores of the host's `AsyncLocalStorage`.
 *
 * @since 0.1.0
 */
import * as context from "../internal/host/asyncContext.ts"

/**
 * The stores of every `AsyncLocalStorage` of the host, as they were at some time.
 *
 * @category for libraries
 * @since 0.1.0
 */
export type AsyncContext = unknown

export type { HostStorage } from "../internal/host/asyncContext.ts"

/**
 * The host's class `AsyncLocalStorage`; undefined where it has none, as in browsers, in which code that imports `node:async_hooks` does not load.
 *
 * **Example** (A value that goes with the code, where the host can)
 *
 * ```ts import.meta.vitest
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 *
 * const user = lowlevel.AsyncLocalStorage && new lowlevel.AsyncLocalStorage<string>()
 *
 * const greet = () => `hello ${user?.getStore() ?? "somebody"}`
 * const seen = [user?.run("ada", greet), greet()]
 *
 * seen // => ["hello ada", "hello somebody"]
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const AsyncLocalStorage: (new <T>() => context.HostStorage<T>) | undefined = context.AsyncLocalStorage

/**
 * Remembers the stores of the host's `AsyncLocalStorage`; on Node 24 it costs next to nothing, and where a host has none it
 * remembers nothing.
 *
 * **Example** (The store of a request, kept for later)
 *
 * ```ts import.meta.vitest
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 * import { AsyncLocalStorage } from "node:async_hooks"
 *
 * const request = new AsyncLocalStorage<string>()
 * const context = request.run("request 1", () => lowlevel.captureAsyncContext())
 *
 * const seen = [request.getStore(), lowlevel.runInAsyncContext(context, () => request.getStore(), undefined)]
 * seen // => [undefined, "request 1"]
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const captureAsyncContext: () => AsyncContext = context.captureAsyncContext

/**
 * Calls `f` with stores that {@link captureAsyncContext} remembered. What `f` enters with `enterWith` stays in it.
 *
 * **Example** (A handler sees the stores of the code that registered it)
 *
 * ```ts import.meta.vitest
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 * import { AsyncLocalStorage } from "node:async_hooks"
 *
 * const user = new AsyncLocalStorage<string>()
 * const handlers: Array<(event: string) => string> = []
 * const on = (handler: (event: string) => string) => {
 *   const context = lowlevel.captureAsyncContext()
 *   handlers.push((event) => lowlevel.runInAsyncContext(context, handler, event))
 * }
 *
 * user.run("ada", () => on((event) => `${user.getStore()}: ${event}`))
 *
 * user.run("grace", () => handlers.map((handler) => handler("saved"))) // => ["ada: saved"]
 * ```
 *
 * @category for libraries
 * @since 0.1.0
 */
export const runInAsyncContext: <A, B>(context: AsyncContext, f: (argument: A) => B, argument: A) => B =
  context.runInAsyncContext
