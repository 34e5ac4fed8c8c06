/**
 * Members of a contest that begin one after the other.
 */
import { coroutineOf } from "../model/bodies.ts"
import { unexpectedValue } from "../model/hints.ts"
import * as Effect from "effect/Effect"
import { isFuture } from "../model/Future.ts"
import type { TimerHandle } from "../model/Handle.ts"
import type { FutureImpl } from "../task/future.ts"
import { type Contest, nobodyCompetes, type Starter } from "./contest.ts"

/** The next member begins when the last one has failed, and when `delay` is over; the first at once. */
export class OneByOne implements Starter {
  readonly #coroutines: Iterator<unknown>
  readonly #delay: number | undefined
  #isExhausted = false
  #last: FutureImpl | undefined = undefined
  #timer: TimerHandle | undefined = undefined

  constructor(coroutines: Iterable<unknown>, delay: number | undefined) {
    this.#coroutines = coroutines[Symbol.iterator]()
    this.#delay = delay
  }

  begin(contest: Contest): void {
    if (this.#isExhausted) return
    const next = this.#next()
    if (next.done === true) {
      if (this.#last === undefined) throw nobodyCompetes("staggered()")
      return
    }
    this.#last = contest.add(begun(next.value))
    if (this.#delay === undefined) return
    const begin_next = () => contest.wake()
    this.#timer = contest.caller.loop.callLaterUnsafe(this.#delay, begin_next)
  }

  /** An iterator that throws has no more members. */
  #next(): IteratorResult<unknown> {
    this.#isExhausted = true
    const next = this.#coroutines.next()
    this.#isExhausted = next.done === true
    return next
  }

  isExhausted(): boolean {
    return this.#isExhausted
  }

  memberFailed(member: FutureImpl): boolean {
    if (member !== this.#last) return false
    this.#timer?.cancelUnsafe()
    return true
  }

  close(): void {
    this.#timer?.cancelUnsafe()
    if (this.#isExhausted) return
    this.#isExhausted = true
    this.#coroutines.return?.()
  }
}

/** What a member is begun with. A function is called when its time has come: it may give something that has begun. */
const begun = (given: unknown): unknown => {
  const coroutine = coroutineOf(given)
  if (typeof coroutine === "function") return (coroutine as () => unknown)()
  if (Effect.isEffect(coroutine) && !isFuture(coroutine)) return coroutine
  // When: `staggered` got a task or a promise, which has begun already.
  throw unexpectedValue(
    "a coroutine was expected by staggered()",
    coroutine,
    "Give it what has not begun: an Effect, or a function that makes one."
  )
}
