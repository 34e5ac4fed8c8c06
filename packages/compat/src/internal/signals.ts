/**
 * The AbortSignals that a scope has given out, and whether its code has seen the cancellation that aborted the last one.
 *
 *     idle ──cancel──▶ aborted ──the cancellation is no longer due: delivered, seen or put off──▶ idle, with a fresh signal
 *
 * A signal aborts only once, and a task can be cancelled any number of times. So `give` makes a fresh signal when no cancellation is due
 * any more. Cancellations that come earlier share the aborted signal.
 */
import type { CancelledError, TimerHandle } from "@effect-asyncio/core"
import type { CoroutineScope } from "@effect-asyncio/core/lowlevel"
import { allowManyListeners } from "./asyncContext.ts"

/** How long code that seems to clean up may take, in milliseconds, before the cancellation is delivered to it. */
const grace = 5000

// The controller of each signal. A signal may outlive the code that it was given to, in a library that keeps it.
const controllers = new WeakMap<AbortSignal, AbortController>()

// Not `signal.aborted`: a read of that property is noted as the program's (`#giveAborted`).
const aborted = Object.getOwnPropertyDescriptor(AbortSignal.prototype, "aborted")!
const isAborted = (signal: AbortSignal | undefined): boolean =>
  signal !== undefined && (aborted.get!.call(signal) as boolean)

/** Signals of code that is over, as long as the program has them. */
class Followers {
  #signals: Array<WeakRef<AbortSignal>> = []
  // The number at which collected signals are removed: twice as many as were left the last time, which costs next to nothing per signal.
  #most = 16

  add(signal: AbortSignal): void {
    if (this.#signals.length >= this.#most) {
      this.#signals = this.#signals.filter((each) => each.deref() !== undefined)
      this.#most = Math.max(16, 2 * this.#signals.length)
    }
    this.#signals.push(new WeakRef(signal))
  }

  /** The signals that are left, none of which follows any more. */
  take(): ReadonlyArray<AbortSignal> {
    const left = this.#signals.flatMap((each) => each.deref() ?? [])
    this.#signals = []
    return left.filter((signal) => !isAborted(signal))
  }
}

export class Signals {
  #controller: AbortController | undefined = undefined
  // The last signal that was given out.
  #last: AbortSignal | undefined = undefined
  // The cancellation that the signal before has told of, where the code has not seen it.
  #toldBefore: CancelledError | undefined = undefined
  // The cancellation after which the code is taken to be cleaning up. In core it is not due any more.
  #putOff: CancelledError | undefined = undefined
  #timer: TimerHandle | undefined = undefined
  // The cancellation that was put off once, and will not be put off again.
  #pressed: CancelledError | undefined = undefined
  // Whether the code has seen the cancellation that the last signal has told of.
  #seen = false
  // Signals that child scopes have given out, and that may be in use after their end.
  #followers: Followers | undefined = undefined

  /** Gives the signal to code that asks while `pending` is due. */
  give(pending: CancelledError | undefined): AbortSignal {
    let controller = this.#controller
    if (controller === undefined || (isAborted(controller.signal) && pending === undefined)) controller = this.#make()
    // A cancellation that came before the signal was asked for, and is not delivered yet.
    if (pending !== undefined && !isAborted(controller.signal)) controller.abort(pending)
    if (isAborted(controller.signal)) this.#giveAborted(controller.signal)
    return controller.signal
  }

  /**
   * Gives out a signal that has aborted. Code that awaits before it has read `aborted` goes on for reasons of its own. Code that calls
   * a library which reads it and throws goes on because of the abort; a library that rejects does so after the code that runs.
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

  /** The scope was asked to cancel itself. `passedOn`: awaits of ours deliver the request, and the signal only tells of it. */
  abort(error: CancelledError, passedOn: boolean): void {
    // To code that has not seen the first request, the second is the same one.
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
    // After the code that runs: a task that cancels itself goes on by itself, and not because of a signal that may well be garbage.
    if (!passedOn) queueMicrotask(() => noteAbort(this))
    this.#toldBefore = error
    this.#seen = false
    for (const signal of followers) controllers.get(signal)!.abort(error)
  }

  /** Whether a signal may be in use that has not aborted: the last one of this scope, or one of a child scope that is over. */
  get canAbort(): boolean {
    return (this.#last !== undefined && !isAborted(this.#last)) || this.#followers !== undefined
  }

  /** The child scope with the signals `inner` is over: a signal of it that may be in use aborts with those given out here. */
  follow(inner: Signals): void {
    const followers = (this.#followers ??= new Followers())
    if (inner.#last !== undefined && !isAborted(inner.#last)) followers.add(inner.#last)
    for (const signal of inner.#followers?.take() ?? []) followers.add(signal)
  }

  /** Gives the signal to code that asks when the task has ended with `error`: the one that told of it, if there was one. */
  giveEnded(error: CancelledError): AbortSignal {
    if (isAborted(this.#last)) return this.#last!
    const controller = this.#make()
    controller.abort(error)
    return controller.signal
  }

  /** The cancellation that a signal has told the code of, until the code has seen it and asks for a fresh signal. */
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
    // A call that throws is noted: code that polls goes on right after it.
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

  /** Whether code that goes on now may be cleaning up after the cancellation `due`. */
  mayCleanUp(due: CancelledError): boolean {
    return abortedJustNow?.has(this) === true && due !== this.#pressed
  }

  /** Delivers `due`, which was taken from the scope, only after the grace. */
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

  /** The cancellation that was put off and has not been seen. */
  get unseen(): CancelledError | undefined {
    return this.#putOff
  }

  /** The cancellation that was put off needs no delivery any more. */
  settle(): void {
    this.#putOff = undefined
    this.#timer?.cancelUnsafe()
    this.#timer = undefined
  }

  /**
   * Notes that the code has seen `error`. Gives true if these signals had put `error` off, or had told of it and the code had not seen
   * it yet.
   */
  noteSeen(error: CancelledError): boolean {
    const isNews = this.#putOff === error || (!this.#seen && this.told === error)
    if (!isNews) return false
    this.#seen = true
    this.settle()
    return true
  }
}

// The signals of scopes that have aborted, or were found aborted, just now. Code of these scopes that goes on probably does so because of
// that: anything else that it waited for would have to come in the same macrotask.
let abortedJustNow: Set<Signals> | undefined

/** Whether any signal has aborted just now. Every await asks, and the answer is nearly always no. */
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
// The host's own functions, kept at load time: the fake timers of a test stand still until the test moves the time.
const { process, queueMicrotask } = globalThis as {
  readonly process?: { readonly nextTick?: (f: () => void) => void }
  readonly queueMicrotask: (f: () => void) => void
}
const nextTick = process?.nextTick
const hops = nextTick === undefined ? 200 : 10

// Each tick from a microtask: Node runs microtasks only when there are no more ticks.
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
