/**
 * How a cancellation travels: from a task to what it waits for, to the children of a gather, through the scopes of a task, and
 * any number of times so. Nothing that follows awaits is a recursion: who can answer at once does, and who has to ask
 * others first gives an {@link Asking}, which yields whom to ask and is told their answers. A {@link Walk} keeps them.
 */
import type { CancelledError } from "../model/CancelledError.ts"
import { reachedBy, requestOf } from "./request.ts"
import type { FutureImpl } from "./future.ts"
import type { TaskImpl } from "./task.ts"

/**
 * Whether what was asked to cancel itself does something about it. `"ring"`: it waits for the one who asks, so that nothing
 * in the ring would ever end. Who asked gives up its wait, and is cancelled instead.
 */
export type Answer = boolean | "ring"

/** Yields what is to be asked next: a future, or a part of the one who asks. */
export type Asking = Generator<FutureImpl | Asking, Answer, Answer>

// Where tasks wait for each other in layers the ways to one of them double with each layer, and CPython goes them all. Who got
// so many requests at once counts the others, and passes none of them on: nothing is left to be told.
const enough = 16

/**
 * Makes one request of several futures, in order; linear also where they wait for each other. `owner` cannot end before them:
 * who waits for it closes a ring.
 */
export const askEach = (futures: Iterable<FutureImpl>, error: CancelledError, owner?: FutureImpl): void => {
  const walk = new Walk(error, owner)
  for (const future of futures) walk.ask(future)
}

/**
 * Makes one request of several tasks, of each once: also of those that others of them wait for, or that a group further up asks
 * because of this very request.
 */
export const askOnceEach = (tasks: Iterable<FutureImpl>, error: CancelledError): void => {
  requestOf(error).reached = new WeakSet()
  askEach(tasks, error)
}

/** Who is asking on the way of a request. */
interface Stop {
  readonly asking: Asking
  /** The future that it is, if it is not only a part of one. */
  readonly future: FutureImpl | undefined
  /** The task that it is, or that waits for it. */
  readonly by: TaskImpl | undefined
}

/** The way of one request. */
export class Walk {
  readonly #error: CancelledError
  // Those that have been asked, where each is to be asked once.
  readonly #reached: WeakSet<FutureImpl> | undefined
  // How often each was asked that had to ask others.
  readonly #visits = new Map<FutureImpl, number>()
  // Those whose answer is not known yet, because they ask others.
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

  /** Goes the way that `first` begins, which is `from` asking others. */
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
    // What they do about it is the program's, which is not to see a request that is half way.
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

  /** Whether it has been asked already, and is to be asked once. */
  #isReached(future: FutureImpl): boolean {
    return this.#reached?.has(future) === true && future.exit === undefined
  }
}

const isFuture = (asked: FutureImpl | Asking): asked is FutureImpl => "loop" in asked
