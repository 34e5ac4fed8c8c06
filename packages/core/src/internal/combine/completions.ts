/**
 * Futures that feed a queue as they are done, for as long as the program can ask for the next one.
 */
import type * as Duration from "effect/Duration"
import type * as Stream from "effect/Stream"
import * as Effect from "effect/Effect"
import type { AsCompleted } from "../model/AsCompleted.ts"
import type { TimeoutError } from "../model/errors.ts"
import type { Future } from "../model/Future.ts"
import { type Caller, toFutures } from "./awaitables.ts"
import { timeIsUp } from "./ownRequest.ts"
import { type Fed, Feed, weakly } from "../task/doneEntries.ts"
import { inspect } from "../host/inspect.ts"
import type { FutureImpl } from "../task/future.ts"
import { pulledStream } from "./pulledStream.ts"
import type { TaskImpl } from "../task/task.ts"

// The timer does not keep the program's object: when the program has let go of it, nothing can wait for the futures.
const giveUpAt = (caller: Caller, timeout: Duration.Input, completions: Completions) => {
  const weak = weakly(completions)
  return caller.loop.callLaterUnsafe(timeout, () => weak.deref()?.giveUp())
}

/** A queue of the program's kind, in which the program waits for the next future. */
interface DoneQueue {
  putUnsafe(future: FutureImpl | undefined): void
  readonly get: Effect.Effect<FutureImpl | undefined, unknown>
  waiting(): Iterable<unknown>
}

export class Completions implements AsCompleted<unknown, unknown>, Fed {
  // Done futures in order; undefined stands for a future that was not done in time.
  readonly #done: DoneQueue
  readonly #todo: Set<FutureImpl>
  readonly #feed: Feed
  readonly #timer: { cancelUnsafe(): void } | undefined
  #left: number

  constructor(caller: Caller, awaitables: Iterable<unknown>, timeout: Duration.Input | undefined, done: DoneQueue) {
    this.#done = done
    this.#todo = new Set(toFutures(caller, awaitables))
    this.#left = this.#todo.size
    this.#feed = new Feed(this, this.#todo, "_AsCompletedIterator._handle_completion")
    this.#timer = timeout === undefined || this.#left === 0 ? undefined : giveUpAt(caller, timeout, this)
  }

  completed(future: FutureImpl): void {
    this.#todo.delete(future)
    this.#done.putUnsafe(future)
    if (this.#todo.size === 0) this.#timer?.cancelUnsafe()
  }

  waiting(): Iterable<TaskImpl> {
    return this.#done.waiting() as Iterable<TaskImpl>
  }

  /** The time is up. */
  giveUp(): void {
    this.#feed.withdraw()
    for (let left = this.#todo.size; left > 0; left--) this.#done.putUnsafe(undefined)
    this.#todo.clear()
  }

  // A wait refers to all of this, and not to the queue alone, because nothing else does.
  readonly #waitForOne: Effect.Effect<FutureImpl, TimeoutError> = Effect.suspend(() =>
    Effect.flatMap(Effect.orDie(this.#done.get), (future) => this.#taken(future))
  )

  #taken(future: FutureImpl | undefined): Effect.Effect<FutureImpl, TimeoutError> {
    return future === undefined ? Effect.fail(timeIsUp()) : Effect.succeed(future)
  }

  readonly next: Effect.Effect<Future<unknown, unknown> | undefined, TimeoutError> = Effect.suspend(() => {
    if (this.#left === 0) return Effect.succeed(undefined)
    this.#left--
    return this.#waitForOne
  })

  /** How it prints: how many the program can still ask for. */
  toString(): string {
    return `<AsCompleted left=${this.#left}>`
  }

  [inspect](): string {
    return this.toString()
  }

  get stream(): Stream.Stream<Future<unknown, unknown>, TimeoutError> {
    return pulledStream(this.next)
  }

  *[Symbol.iterator](): Generator<Effect.Effect<unknown, unknown>, void> {
    while (this.#left > 0) {
      this.#left--
      yield Effect.flatMap(this.#waitForOne, (future) => future.result())
    }
  }
}
