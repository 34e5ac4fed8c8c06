/**
 * Waits for foreign promises that can be given up: a promise keeps every reaction until it settles, so it gets one of ours
 * for any number of listeners, and a listener that gives up is forgotten.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { CancelledError } from "../model/CancelledError.ts"
import type { TaskLoop } from "./taskLoop.ts"
import { FutureImpl } from "./future.ts"

type Settled = Exit.Exit<unknown, unknown>
type Listener = (exit: Settled) => void

// The listeners of a promise that is pending.
const waiting = new WeakMap<Promise<unknown>, Set<Listener>>()
// What is only like a promise is asked once, as long as it is pending: a query of some libraries begins anew whenever it is.
const natives = new WeakMap<PromiseLike<unknown>, Promise<unknown>>()

/** A promise whose rejections enter Effects as they are, for code that knows no types of errors. */
export class AsThrown<out A> implements PromiseLike<A> {
  readonly promise: PromiseLike<A>

  constructor(promise: PromiseLike<A>) {
    this.promise = promise
  }

  then<B = A, C = never>(
    onFulfilled?: ((value: A) => B | PromiseLike<B>) | null,
    onRejected?: ((reason: unknown) => C | PromiseLike<C>) | null
  ): Promise<B | C> {
    return (nativeOf(this.promise) as Promise<A>).then(onFulfilled, onRejected)
  }
}

/** The promise itself; that of what is only like one, which is asked no more than once as long as it is pending. */
export const nativeOf = (promise: PromiseLike<unknown>): Promise<unknown> => {
  if (promise instanceof Promise) return promise
  if (promise instanceof AsThrown) return nativeOf(promise.promise)
  const known = natives.get(promise)
  if (known !== undefined) return known
  const native = Promise.resolve(promise)
  natives.set(promise, native)
  const forget = () => void natives.delete(promise)
  native.then(forget, forget)
  return native
}

const listenersOf = (promise: Promise<unknown>): Set<Listener> => {
  const known = waiting.get(promise)
  if (known !== undefined) return known
  const listeners = new Set<Listener>()
  const settle = (exit: Settled): void => {
    waiting.delete(promise)
    // A set passes over listeners that give up while others are told.
    for (const listener of listeners) listener(exit)
  }
  waiting.set(promise, listeners)
  promise.then(
    (value) => settle(Exit.succeed(value)),
    (reason: unknown) => settle(Exit.fail(reason))
  )
  return listeners
}

/** Calls `listener` when the promise settles, in the microtask that tells of it. Gives a function that removes it. */
const listen = (promise: Promise<unknown>, listener: Listener): (() => void) => {
  const listeners = listenersOf(promise)
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/** Waits for a promise, whose rejection counts as handled from this call on. */
export const awaitPromise = (promise: PromiseLike<unknown>): Effect.Effect<unknown, unknown> => {
  const native = nativeOf(promise)
  listenersOf(native)
  return Effect.callback<unknown, unknown>((resume) => Effect.sync(listen(native, resume)))
}

/** A future that ends as a promise does: for one await, which gives the promise up when it is cancelled. */
export class PromiseFuture extends FutureImpl {
  readonly #over: (() => void) | undefined
  readonly #giveUp: () => void

  constructor(loop: TaskLoop, promise: PromiseLike<unknown>) {
    super(loop)
    this.#over = loop.noteOutsideUnsafe("promise")
    this.#giveUp = listen(nativeOf(promise), (exit) => {
      this.#over?.()
      if (this.exit === undefined && !loop.isClosed()) this.setExitUnsafe(exit)
    })
  }

  override get shared(): boolean {
    return false
  }

  override cancelWith(error: CancelledError): boolean {
    this.#over?.()
    this.#giveUp()
    return super.cancelWith(error)
  }
}
