/**
 * The AbortSignals that a line has given out, and what has become of the cancellation that aborted the last one.
 *
 *     idle ──cancel──▶ aborted ──the cancellation has been seen──▶ idle, with a fresh signal
 *
 * A signal can abort only once, a task can be cancelled any number of times: every cancellation gets a signal of its own.
 */
import type { CancelledError, CoroutineLine, TimerHandle } from "@effect-asyncio/core"
import { allowManyListeners } from "./asyncContext.ts"

/** How long code that seems to clean up may take, in milliseconds, before the cancellation is delivered to it. */
const grace = 5000

export class Signals {
  #controller: AbortController | undefined = undefined
  // The last one that somebody was given.
  #last: AbortSignal | undefined = undefined
  // What the one before has told of, where the code went on without a look at it.
  #toldBefore: CancelledError | undefined = undefined
  // The cancellation that the code behind the aborted signal is taken to be cleaning up after. It is not due any more in core.
  #putOff: CancelledError | undefined = undefined
  #timer: TimerHandle | undefined = undefined
  // It was put off once, and will not be again.
  #pressed: CancelledError | undefined = undefined
  // The code has looked at what it was told.
  #seen = false

  /** The signal for who asks while `pending` is due. */
  give(pending: CancelledError | undefined): AbortSignal {
    let controller = this.#controller
    if (controller === undefined || (controller.signal.aborted && pending === undefined)) controller = this.#make()
    // Cancelled before anybody asked for the signal, and not delivered yet.
    if (pending !== undefined && !controller.signal.aborted) controller.abort(pending)
    if (controller.signal.aborted) noteAbort(this)
    return controller.signal
  }

  /** The line was asked to cancel itself. `passedOn`: awaits of ours deliver it, and the signal only beside them. */
  abort(error: CancelledError, passedOn: boolean): void {
    // The two are one to code that has not seen the first yet.
    this.settle()
    const controller = this.#controller
    if (controller === undefined || controller.signal.aborted) return
    if (!passedOn) noteAbort(this)
    controller.abort(error)
    if (passedOn) this.#controller = undefined
  }

  /** The signal for who asks when the task has ended with `error`: the one that told of it, if there was one. */
  giveEnded(error: CancelledError): AbortSignal {
    if (this.#last?.aborted === true) return this.#last
    const controller = this.#make()
    controller.abort(error)
    return controller.signal
  }

  /** The cancellation that the code was told of by a signal: until it has looked at it, and asks for a fresh one. */
  get told(): CancelledError | undefined {
    return this.#last?.aborted === true ? (this.#last.reason as CancelledError) : this.#toldBefore
  }

  #make(): AbortController {
    const controller = new AbortController()
    const { signal } = controller
    this.#toldBefore = this.#seen ? undefined : this.told
    this.#controller = controller
    this.#last = signal
    this.#seen = false
    allowManyListeners(signal)
    // Code that polls goes on right behind the throw.
    Object.defineProperty(signal, "throwIfAborted", {
      configurable: true,
      value: () => {
        if (!signal.aborted) return
        noteAbort(this)
        throw signal.reason
      }
    })
    return controller
  }

  // ---- code that seems to clean up -------------------------------------------------------------------------------

  /** Whether code that goes on now may be cleaning up after `due`. */
  mayCleanUp(due: CancelledError): boolean {
    return abortedJustNow?.has(this) === true && due !== this.#pressed
  }

  /** Leaves the code of `line` alone with `due` for a while, which has been taken from the line. */
  putOff(due: CancelledError, line: CoroutineLine): void {
    this.settle()
    this.#putOff = due
    this.#timer = line.task.loop.callLaterUnsafe(
      grace,
      function deliver_cancellation(this: void, signals: Signals) {
        signals.settle()
        signals.#pressed = due
        line.deliverAgain(due)
      },
      this
    )
  }

  /** What was put off, and has not been seen by now. */
  get unseen(): CancelledError | undefined {
    return this.#putOff
  }

  /** What was put off needs no delivery any more. */
  settle(): void {
    this.#putOff = undefined
    this.#timer?.cancelUnsafe()
    this.#timer = undefined
  }

  /** Takes note that the code has seen `error`; whether that is news here. */
  noteSeen(error: CancelledError): boolean {
    const isNews = this.#putOff === error || (!this.#seen && this.told === error)
    if (!isNews) return false
    this.#seen = true
    this.settle()
    return true
  }
}

// Whose signals have aborted, or were found aborted, just now. Code of theirs that goes on does so because of that, as far as one can
// tell: what else it waited for would have to come in the same macrotask.
let abortedJustNow: Set<Signals> | undefined

/** Whether any signal has: nearly never, and asked before every await. */
export const anyAbortedJustNow = (): boolean => abortedJustNow !== undefined

const noteAbort = (signals: Signals): void => {
  if (abortedJustNow === undefined) {
    abortedJustNow = new Set()
    afterThis(() => {
      abortedJustNow = undefined
    })
  }
  abortedJustNow.add(signals)
}

// Node destroys streams and reports errors in its own queue, one thing after the other; all of it is before the next macrotask, in
// which something else may come. A macrotask would be too late: ready timers run before.
// The host's own: a test may put others in their place that stand still until somebody moves the time.
const { process, queueMicrotask } = globalThis as {
  readonly process?: { readonly nextTick?: (f: () => void) => void }
  readonly queueMicrotask: (f: () => void) => void
}
const nextTick = process?.nextTick
const hops = nextTick === undefined ? 200 : 10

// From a microtask, for ticks are not followed by microtasks until there are no more ticks.
const hop = nextTick === undefined ? queueMicrotask : (f: () => void) => queueMicrotask(() => nextTick(f))

/** Calls `f` when what the running code has brought about is over, as far as it needs no macrotask. */
const afterThis = (f: () => void): void => {
  let left = hops
  const next = (): void => {
    if (left-- === 0) f()
    else hop(next)
  }
  next()
}
