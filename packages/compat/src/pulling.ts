/**
 * Async iterators, as core reads them: whatever they do belongs to a task, and is cancelled with it.
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type * as Effect from "effect/Effect"
import { abortable } from "./abortable.ts"
import { sleep } from "./sleep.ts"
import { createTask } from "./Task.ts"
import { requireScope } from "./internal/scopes.ts"

/** How long an iterator is waited for, in milliseconds, that is to end and does not answer. */
const patience = 5000

type Next = IteratorResult<unknown>

/** An iterator whose `next` and `return` are tasks. */
interface TaskIterator {
  next(): Effect.Effect<Next, unknown>
  return(): Effect.Effect<unknown, unknown> | undefined
}

class Pulling implements TaskIterator {
  readonly #iterator: AsyncIterator<unknown>
  #isToldToEnd = false

  constructor(iterator: AsyncIterator<unknown>) {
    this.#iterator = iterator
  }

  next(): Effect.Effect<Next, unknown> {
    return createTask(() => this.#pull()).core as asyncio.Task<Next, unknown>
  }

  return(): Effect.Effect<unknown, unknown> | undefined {
    if (this.#isToldToEnd || this.#iterator.return === undefined) return undefined
    return createTask(() => this.#tellToEnd()).core
  }

  #tellToEnd(): PromiseLike<unknown> | undefined {
    this.#isToldToEnd = true
    return this.#iterator.return?.()
  }

  async #pull(): Promise<Next> {
    const scope = requireScope("mapTasks()", "mapTasks(...)")
    const next = this.#iterator.next()
    try {
      return await abortable(next)
    } catch (error) {
      // A generator has been cancelled as well, and may be cleaning up; others are told. It is not left before it has ended.
      if (lowlevel.isCancelledError(error)) await this.#untilEnded(() => scope.core.isWaiting())
      throw error
    }
  }

  /** Waits for what does not answer no longer than patience lasts. */
  async #untilEnded(isBusy: () => boolean): Promise<void> {
    const ended = Promise.resolve(this.#tellToEnd()).then(yes, yes)
    while (!(await Promise.race([ended, sleep(patience, false)]))) if (!isBusy()) return
  }
}

const yes = (): true => true

/** What core's `mapTasks` is given for items. */
export const toItems = (items: unknown): unknown => {
  const isAsync = typeof items === "object" && items !== null && Symbol.asyncIterator in items
  if (!isAsync) return items
  const iterable = items as AsyncIterable<unknown>
  return { [Symbol.asyncIterator]: () => new Pulling(iterable[Symbol.asyncIterator]()) }
}
