/**
 * Async iterators, as core reads them: whatever they do belongs to a task, and is cancelled with it.
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import * as Effect from "effect/Effect"
import { abortable } from "../abortable.ts"
import { sleep } from "../sleep.ts"
import { createTask } from "../Task.ts"
import type { PromiseScope } from "../internal/promiseScope.ts"
import { readIn } from "../internal/readingIn.ts"
import { requireScope } from "../internal/scopes.ts"

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
    return createTask(() => this.#answerTo(() => this.#iterator.next())).core as asyncio.Task<Next, unknown>
  }

  return(): Effect.Effect<unknown, unknown> | undefined {
    if (this.#isToldToEnd || this.#iterator.return === undefined) return undefined
    // At once: a task that is cancelled before its first step would tell nothing.
    return createTask(() => this.#answerTo(() => this.#tellToEnd()), { eagerStart: true }).core
  }

  #tellToEnd(): PromiseLike<unknown> | undefined {
    this.#isToldToEnd = true
    return this.#iterator.return?.()
  }

  /** What the iterator answers. The code of a generator is cancelled with the task, and may be cleaning up: it is not left before it has ended. */
  async #answerTo<A>(ask: () => PromiseLike<A> | A): Promise<A> {
    const { core } = requireScope("mapTasks()", "mapTasks(...)")
    const asked = Promise.resolve(ask())
    try {
      return await abortable(asked)
    } catch (error) {
      if (!lowlevel.isCancelledError(error)) throw error
      let failure: unknown = error
      const failed = (cleanup: unknown): true => {
        failure = cleanup
        return true
      }
      const answered = asked.then(yes, failed)
      // Others are told: what is asked meanwhile is answered behind it.
      const ended = this.#isToldToEnd ? answered : Promise.resolve(this.#tellToEnd()).then(yes, failed)
      while (!(await Promise.race([ended, sleep(lowlevel.defaultPatience, false)]))) if (!core.isWaiting()) break
      throw failure
    }
  }
}

const yes = (): true => true

/** What core's `mapTasks` is given for items. */
export const toItems = (scope: PromiseScope, items: unknown): unknown => {
  if (typeof items !== "object" || items === null || Effect.isEffect(items)) return items
  if (Symbol.iterator in items && !(Symbol.asyncIterator in items)) return readIn(scope, items as Iterable<unknown>)
  if (!(Symbol.asyncIterator in items)) return items
  const iterable = items as AsyncIterable<unknown>
  return { [Symbol.asyncIterator]: () => new Pulling(iterable[Symbol.asyncIterator]()) }
}
