import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { Handle } from "../model/Handle.ts"
import type { ReturnWhen } from "../model/ReturnWhen.ts"
import type { Caller } from "./awaitables.ts"
import type { DoneEntry } from "../task/doneEntries.ts"
import type { FutureImpl } from "../task/future.ts"
import type { TaskImpl } from "../task/task.ts"
import { awaitOwn, Waiter } from "../sync/waitQueue.ts"

/** Waits until enough of the futures are done, or the time is up. */
export const waitUntil = (
  caller: Caller,
  futures: ReadonlySet<FutureImpl>,
  returnWhen: ReturnWhen,
  millis: number | undefined
): Effect.Effect<void> => {
  const until = new Until(caller, futures, returnWhen, millis)
  return Effect.ensuring(
    awaitOwn(until.waiter),
    Effect.sync(() => until.over())
  )
}

/** The waiter of `wait`, by which an observer knows that wait. */
export class UntilWaiter extends Waiter {}

/** The futures that are waited for, and the task that waits. */
class Until {
  readonly waiter: Waiter
  readonly task: TaskImpl | undefined
  readonly #returnWhen: ReturnWhen
  readonly #completions: ReadonlyArray<Completion>
  readonly #timer: Handle | undefined
  #left: number

  constructor(
    { loop, task }: Caller,
    futures: ReadonlySet<FutureImpl>,
    returnWhen: ReturnWhen,
    millis: number | undefined
  ) {
    const waiter = (this.waiter = new UntilWaiter(loop))
    this.task = task
    this.#returnWhen = returnWhen
    this.#left = futures.size
    this.#timer =
      millis === undefined
        ? undefined
        : loop.callLaterUnsafe(millis, function _release_waiter() {
            waiter.wake()
          })
    this.#completions = Array.from(futures, (future) => new Completion(this, future))
  }

  completed(future: FutureImpl): void {
    this.#left--
    const returnWhen = this.#returnWhen
    if (this.#left <= 0 || returnWhen === "FIRST_COMPLETED" || (returnWhen === "FIRST_EXCEPTION" && failed(future))) {
      this.waiter.wake()
    }
  }

  over(): void {
    this.#timer?.cancelUnsafe()
    for (const completion of this.#completions) completion.withdraw()
  }
}

class Completion implements DoneEntry {
  dead = false
  readonly #until: Until
  readonly #future: FutureImpl

  constructor(until: Until, future: FutureImpl) {
    this.#until = until
    this.#future = future
    future.addEntry(this)
  }

  get label(): string {
    return "_wait.<locals>._on_completion()"
  }

  get awaiter(): TaskImpl | undefined {
    return this.#until.task
  }

  run(): void {
    this.#until.completed(this.#future)
  }

  withdraw(): void {
    if (!this.#future.done()) this.#future.removeEntry(this)
  }
}

/** Whether `future` has failed. The look counts as retrieving, as in CPython. */
const failed = (future: FutureImpl): boolean => !future.cancelled() && Exit.isFailure(future.exitUnsafe()!)
