/**
 * A task's AbortSignal.
 *
 *     idle ──cancel──▶ aborted ──the cancellation is over──▶ idle, with a fresh signal
 *
 * A signal can abort only once, a task can be cancelled any number of times: every cancellation gets a signal of its own.
 */
import type * as asyncio from "@effect-asyncio/core"
import { allowManyListeners } from "./asyncContext.ts"

/** The part of a line that a cancellation is taken through. */
type Pending = Pick<asyncio.CoroutineLine, "pendingCancellation" | "takeCancellation">

export abstract class AbortState {
  // Promises carry the AsyncLocalStorage stores from one step to the next.
  get carriesStores(): true {
    return true
  }

  // Made when somebody asks: most tasks never do.
  #controller: AbortController | undefined = undefined
  // The last signal that somebody was given.
  #lastSignal: AbortSignal | undefined = undefined
  /** The last cancellation that was asked for. */
  lastRequest: asyncio.CancelledError | undefined = undefined

  /** Where the cancellation arrives; undefined before the first step. */
  protected abstract get pending(): Pending | undefined

  get signal(): AbortSignal {
    const pending = this.pending?.pendingCancellation()
    if (this.#controller === undefined || (this.#controller.signal.aborted && pending === undefined)) {
      this.#controller = this.#makeController()
    }
    // Cancelled before anybody asked for the signal, and not delivered yet.
    if (pending !== undefined && !this.#controller.signal.aborted) this.#controller.abort(pending)
    return this.#controller.signal
  }

  cancelRequested(error: asyncio.CancelledError, passedOn: boolean): void {
    this.lastRequest = error
    const controller = this.#controller
    if (controller === undefined || controller.signal.aborted) return
    controller.abort(error)
    if (passedOn) this.#controller = undefined
  }

  /**
   * An AbortError of a library that does not name the signal's reason, from a function that was cancelled through its
   * signal, is that cancellation.
   */
  cancellationBehind(error: Error): asyncio.CancelledError | undefined {
    return error.name === "AbortError" && this.#lastSignal?.aborted === true ? this.lastRequest : undefined
  }

  /**
   * Whoever rejects because of the signal reads its reason: `fetch`, `node:timers/promises`, `events.once` all do. Then
   * the cancellation has arrived, and the next await must not deliver it again, in the middle of the cleanup.
   */
  #makeController(): AbortController {
    const controller = new AbortController()
    const { signal } = controller
    this.#lastSignal = signal
    allowManyListeners(signal)
    const prototype = Object.getPrototypeOf(signal) as object
    const reason = Object.getOwnPropertyDescriptor(prototype, "reason")?.get?.bind(signal)
    if (reason === undefined) return controller
    const take = (): unknown => {
      const value: unknown = reason()
      const control = this.pending
      if (value !== undefined && control?.pendingCancellation() === value) control.takeCancellation()
      return value
    }
    Object.defineProperty(signal, "reason", { configurable: true, get: take })
    Object.defineProperty(signal, "throwIfAborted", {
      configurable: true,
      value: () => {
        if (signal.aborted) throw take()
      }
    })
    return controller
  }
}
