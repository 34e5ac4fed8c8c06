/**
 * How a cancellation travels: from a task to what it waits for, to the children of a gather, through the scopes of a task, and
 * any number of times so. Nothing that follows awaits is a recursion: a future that can answer at once does, and one that has to ask
 * others first gives an {@link Asking}, which yields them and is told their answers. A {@link Walk} keeps the askings.
 */
import type { CancelledError } from "../model/CancelledError.ts"
import { reachedBy, requestOf } from "./request.ts"
import type { FutureImpl } from "./future.ts"
import type { TaskImpl } from "./task.ts"

/**
 * Whether a future that was asked to cancel itself does so. `"ring"`: it waits for the task that asks, so that nothing
 * in the ring would ever end. The task gives up its wait, and is cancelled instead.
 */
export type Answer = boolean | "ring"

/** Yields what is to be asked next: a future, or the asking of a part. */
export type Asking = Generator<FutureImpl | Asking, Answer, Answer>

// Where tasks wait for each other in layers the ways to one of them double with each layer, and CPython goes them all. A task that
// got so many requests at once counts the others, and passes none of them on: nothing is left to be told.
const enough = 16

/**
 * Asks several futures with one request, in order; linear also where they wait for each other. `owner` cannot end before them:
 * a future that waits for it closes a ring.
 */
export const askEach = (futures: Iterable<FutureImpl>, error: CancelledError, owner?: FutureImpl): void => {
  const walk = new Walk(error, owner)
  for (const future of futures) walk.ask(future)
}

/**
 * Asks several tasks with one request, each once: also those that others of them wait for, or that a group further up asks
 * because of this very request.
 */
export const askOnceEach = (tasks: Iterable<FutureImpl>, error: CancelledError): void => {
  requestOf(error).reached = new WeakSet()
  askEach(tasks, error)
}

/** An asking on the way of a request. */
interface Stop {
  readonly asking: Asking
  /** The future that asks, unless it is only a part of one. */
  readonly future: FutureImpl | undefined
  /** The task that asks, or that waits for what asks. */
  readonly by: TaskImpl | undefined
}

/** The way of one request. */
export class Walk {
  readonly #error: CancelledError
  // The futures that have been asked, where each is to be asked once.
  readonly #reached: WeakSet<FutureImpl> | undefined
  // How often each future was asked that had to ask others.
  readonly #visits = new Map<FutureImpl, number>()
  // The futures whose answer is not known yet, because they ask others.
  readonly #onTheWay = new Set<FutureImpl>()
  /** The task in which the way begins; undefined where no task was asked before. */
  readonly #by: TaskImpl | undefined

  constructor(error: CancelledError, owner?: FutureImpl, by?: TaskImpl) {
    this.#error = error
    this.#by = by
    this.#reached = reachedBy(error)
    if (owner !== undefined) this.#onTheWay.add(owner)
  }

  ask(future: FutureImpl): boolean {
    if (this.#isReached(future)) return true
    const begun = this.#begin(future, this.#by)
    if (typeof begun === "object") return this.through(begun, future)
    if (begun) future.cancelRequested(this.#error)
    return begun
  }

  /** Goes the way that `first` begins: the asking of `from`. */
  through(first: Asking, from?: FutureImpl): boolean {
    const asked: Array<FutureImpl> = from === undefined ? [] : [from]
    const stack: Array<Stop> = []
    const onTheWay = this.#onTheWay
    const push = (asking: Asking, by: TaskImpl | undefined, future?: FutureImpl) => {
      stack.push({ asking, future, by: future?.kind === "Task" ? (future as TaskImpl) : by })
      if (future !== undefined) onTheWay.add(future)
    }
    push(first, this.#by, from)
    let answer: Answer = false
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const { done, value } = top.asking.next(answer)
      if (done === true) {
        stack.pop()
        if (top.future !== undefined) onTheWay.delete(top.future)
        answer = value
      } else if (!isFuture(value)) {
        push(value, top.by)
      } else if (onTheWay.has(value)) {
        answer = "ring"
      } else if (this.#isReached(value)) {
        answer = true
      } else {
        const begun = this.#begin(value, top.by)
        if (begun !== false) asked.push(value)
        if (typeof begun === "object") push(begun, top.by, value)
        else answer = begun
      }
    }
    // This runs code of the program, which is not to see a request that is half way.
    for (const future of asked) future.cancelRequested(this.#error)
    return answer === true
  }

  #begin(future: FutureImpl, by: TaskImpl | undefined): boolean | Asking {
    const visits = this.#visits.get(future) ?? 0
    if (visits >= enough) return future.countRequest(this.#error, by)
    const begun = future.ask?.(this.#error, by) ?? future.cancelWith(this.#error)
    if (typeof begun === "object") this.#visits.set(future, visits + 1)
    if (begun !== false) this.#reached?.add(future)
    return begun
  }

  /** Whether `future` has been asked already, and is to be asked once. */
  #isReached(future: FutureImpl): boolean {
    return this.#reached?.has(future) === true && future.exit === undefined
  }
}

const isFuture = (asked: FutureImpl | Asking): asked is FutureImpl => "loop" in asked
