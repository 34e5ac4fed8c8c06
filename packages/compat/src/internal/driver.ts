/**
 * Drives a scope for core: gives out its signals, and is told of its cancellations.
 */
import type * as asyncio from "@effect-asyncio/core"
import type { PromiseScope } from "./promiseScope.ts"
import { Signals } from "./signals.ts"
import { watchRejections } from "./unhandled.ts"

export abstract class Driver {
  // Promises carry the AsyncLocalStorage stores from one step to the next.
  get carriesStores(): true {
    return true
  }

  // Made when the code asks for a signal: most tasks never do.
  #signals: Signals | undefined = undefined
  /** The last cancellation that was asked for. */
  lastRequest: asyncio.CancelledError | undefined = undefined
  /**
   * The last cancellation, if no await of ours was in flight when it came, nor a shield: the code ran, or was in a foreign await, and
   * goes on without having been told. Any other cancellation is delivered by an await in flight, as in asyncio.
   */
  unheard: asyncio.CancelledError | undefined = undefined

  /** The scope that the driver drives; undefined before the first step. A coroutine drops it at its end, and a `ChildDriver` keeps it. */
  abstract get scope(): PromiseScope | undefined

  /** The scope around a child. */
  get outer(): PromiseScope | undefined {
    return undefined
  }

  get signal(): AbortSignal {
    return this.makeSignals().give(this.scope?.core.pendingCancellation())
  }

  /** The signals that the scope has given out, if there are any. */
  get signals(): Signals | undefined {
    return this.#signals
  }

  makeSignals(): Signals {
    return (this.#signals ??= new Signals())
  }

  /** A shield in the scope, or further in, is over. */
  shieldIsOver(): void {}

  cancelRequested(error: asyncio.CancelledError, passedOn: boolean): void {
    this.lastRequest = error
    const core = this.scope?.core
    this.unheard = !passedOn && core?.isWaiting() === false && !core.isShielding() ? error : undefined
    if (this.#signals === undefined) return
    // A library that was given the signal may reject a promise that the program does not await.
    watchRejections()
    this.#signals.abort(error, passedOn)
  }
}
