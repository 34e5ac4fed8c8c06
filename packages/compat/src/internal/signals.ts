/**
 * The AbortSignals that a scope has given out, and what has become of the cancellation that aborted the last one.
 *
 *     idle ──cancel──▶ aborted ──the cancellation has been seen──▶ idle, with a fresh signal
 *
 * A signal can abort only once, a task can be cancelled any number of times: every cancellation gets a signal of its own.
 */
import type { CancelledError, CoroutineScope, TimerHandle } from "@effect-asyncio/core"
import { allowManyListeners } from "./asyncContext.ts"

/** How long code that seems to clean up may take, in milliseconds, before the cancellation is delivered to it. */
const grace = 5000

// What aborts a signal, which outlives the code that was given it as long as somebody has the signal.
const controllers = new WeakMap<AbortSignal, AbortController>()

// Not by the property, which tells us whom it tells (`#giveAborted`).
const aborted = Object.getOwnPropertyDescriptor(AbortSignal.prototype, "aborted")!
const isAborted = (signal: AbortSignal | undefined): boolean =>
  signal !== undefined && (aborted.get!.call(signal) as boolean)

/** Signals of code that is over, as long as somebody has them. */
class Followers {
  #signals: Array<WeakRef<AbortSignal>> = []
  // When to look for those that nobody has any more. Twice as many as there were left, so that it costs nothing to speak of.
  #most = 16

  add(signal: AbortSignal): void {
    if (this.#signals.length >= this.#most) {
      this.#signals = this.#signals.filter((each) => each.deref() !== undefined)
      this.#most = Math.max(16, 2 * this.#signals.length)
    }
    this.#signals.push(new WeakRef(signal))
  }

  /** Those that are left, none of which follows any more. */
  take(): ReadonlyArray<AbortSignal> {
    const left = this.#signals.flatMap((each) => each.deref() ?? [])
    this.#signals = []
    return left.filter((signal) => !isAborted(signal))
  }
}

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
  // What child scopes have handed out, and may be in use behind them.
  #followers: Followers | undefined = undefined

  /** The signal for who asks while `pending` is due. */
  give(pending: CancelledError | undefined): AbortSignal {
    let controller = this.#controller
    if (controller === undefined || (isAborted(controller.signal) && pending === undefined)) controller = this.#make()
    // Cancelled before anybody asked for the signal, and not delivered yet.
    if (pending !== undefined && !isAborted(controller.signal)) controller.abort(pending)
    if (isAborted(controller.signal)) this.#giveAborted(controller.signal)
    return controller.signal
  }

  /**
   * Who asks for the signal, and awaits before anybody has looked at it, goes on by itself. Who calls something that looks, and throws
   * in the caller's face, goes on because of that; what rejects does so behind the code that runs.
   */
  #giveAborted(signal: AbortSignal): void {
    queueMicrotask(() => noteAbort(this))
    Object.defineProperty(signal, "aborted", {
      configurable: true,
      get: () => {
        noteAbort(this)
        return true
      }
    })
  }

  /** The scope was asked to cancel itself. `passedOn`: awaits of ours deliver it, and the signal only beside them. */
  abort(error: CancelledError, passedOn: boolean): void {
    // The two are one to code that has not seen the first yet.
    this.settle()
    this.#abortFollowers(error, passedOn)
    const controller = this.#controller
    if (controller === undefined || isAborted(controller.signal)) return
    if (!passedOn) noteAbort(this)
    controller.abort(error)
    if (passedOn) this.#controller = undefined
  }

  #abortFollowers(error: CancelledError, passedOn: boolean): void {
    const followers = this.#followers?.take() ?? []
    if (followers.length === 0) return
    // Behind the code that runs: who cancels itself goes on by itself, and not because of a signal that may well be garbage.
    if (!passedOn) queueMicrotask(() => noteAbort(this))
    this.#toldBefore = error
    this.#seen = false
    for (const signal of followers) controllers.get(signal)!.abort(error)
  }

  /** Whether a signal was given out that has not aborted. */
  get canAbort(): boolean {
    return (this.#last !== undefined && !isAborted(this.#last)) || this.#followers !== undefined
  }

  /** The code that `inner` is of is over: what it was given, and may have handed out, aborts with what is given out here. */
  follow(inner: Signals): void {
    const followers = (this.#followers ??= new Followers())
    if (inner.#last !== undefined && !isAborted(inner.#last)) followers.add(inner.#last)
    for (const signal of inner.#followers?.take() ?? []) followers.add(signal)
  }

  /** The signal for who asks when the task has ended with `error`: the one that told of it, if there was one. */
  giveEnded(error: CancelledError): AbortSignal {
    if (isAborted(this.#last)) return this.#last!
    const controller = this.#make()
    controller.abort(error)
    return controller.signal
  }

  /** The cancellation that the code was told of by a signal: until it has looked at it, and asks for a fresh one. */
  get told(): CancelledError | undefined {
    return isAborted(this.#last) ? (this.#last!.reason as CancelledError) : this.#toldBefore
  }

  #make(): AbortController {
    const controller = new AbortController()
    const { signal } = controller
    this.#toldBefore = this.#seen ? undefined : this.told
    controllers.set(signal, controller)
    this.#controller = controller
    this.#last = signal
    this.#seen = false
    allowManyListeners(signal)
    // Code that polls goes on right behind the throw.
    Object.defineProperty(signal, "throwIfAborted", {
      configurable: true,
      value: () => {
        if (!isAborted(signal)) return
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

  /** Leaves the code of `scope` alone with `due` for a while, which has been taken from the scope. */
  putOff(due: CancelledError, scope: CoroutineScope): void {
    this.settle()
    this.#putOff = due
    this.#timer = scope.task.loop.callLaterUnsafe(
      grace,
      function deliver_cancellation(this: void, signals: Signals) {
        signals.settle()
        signals.#pressed = due
        scope.deliverAgain(due)
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
