/**
 * Where items come from, read only as far as there is room for them.
 */
import { isFuture } from "../model/Future.ts"
import { unexpectedValue } from "../model/hints.ts"
import { defaultPatience } from "../model/defaultPatience.ts"
import { toTagged } from "../model/thrown.ts"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Pull from "effect/Pull"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import { hasProperty } from "effect/Predicate"
import { cancellationIn } from "../task/cancellation.ts"
import type { FutureImpl } from "../task/future.ts"
import { PromiseFuture } from "../task/promises.ts"
import { onceMore, type Restore } from "../task/untilNotCancelled.ts"
import type { Caller } from "./awaitables.ts"
import { waitUntil } from "./waitUntil.ts"

/** Takes the items. */
export interface Reader {
  readonly caller: Caller
  readonly hasRoom: boolean
  /** Waits until there is room. */
  untilRoom(): Effect.Effect<void>
  begin(item: unknown): void
  /** What the items come from was closed before its end, and the closing has failed. */
  closingFailed(exit: Exit.Failure<unknown, unknown>): void
}

export interface Source {
  /** Reads all of it. */
  read(reader: Reader): Effect.Effect<void, unknown>
}

/**
 * Runs `step`, which reads the items. Where `step` fails before the items end, `close` closes what they come from. A cancellation that
 * comes meanwhile enters the closing by way of `restore`.
 */
const closedBehind = (
  reader: Reader,
  step: Effect.Effect<void, unknown>,
  close: (restore: Restore) => Effect.Effect<unknown, unknown>
): Effect.Effect<void, unknown> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(Effect.exit(restore(step)), (exit) => {
      if (Exit.isSuccess(exit)) return exit
      const closing = Effect.suspend(() => onceMore(restore, close))
      return Effect.flatMap(Effect.exit(closing), (closed) => {
        if (Exit.isSuccess(closed)) return exit
        if (cancellationIn(closed) !== undefined) return closed
        // After a native interrupt Effect forgets how a mask has ended.
        reader.closingFailed(closed)
        return exit
      })
    })
  )

// ---- iterables -----------------------------------------------------------------------------------------------------

class Items implements Source {
  readonly #items: Iterable<unknown>

  constructor(items: Iterable<unknown>) {
    this.#items = items
  }

  read(reader: Reader): Effect.Effect<void, unknown> {
    const iterator = this.#items[Symbol.iterator]()
    let isOver = false
    const step: Effect.Effect<void> = Effect.suspend(() => {
      while (reader.hasRoom) {
        // An iterator that throws is over as well.
        isOver = true
        const { done, value } = iterator.next()
        if (done === true) return Effect.void
        isOver = false
        reader.begin(value)
      }
      return Effect.flatMap(reader.untilRoom(), () => step)
    })
    return closedBehind(reader, step, () => {
      if (!isOver) iterator.return?.()
      return Effect.void
    })
  }
}

// ---- async iterables -----------------------------------------------------------------------------------------------

/** What an async iterator gives: a promise, or the task in which another kind of coroutine asks for the item, as compat does. */
type Given = PromiseLike<unknown> | FutureImpl

const toFuture = ({ loop }: Caller, given: Given): FutureImpl =>
  isFuture(given) ? given : new PromiseFuture(loop, given)

/** Waits for `future`. Its failure counts also where a cancellation has come in the same iteration. */
const answerOf = (future: FutureImpl, wait: Effect.Effect<unknown, unknown>): Effect.Effect<unknown, unknown> => {
  const answer = Effect.flatMap(Effect.exit(wait), (exit) => (hasFailed(future) ? future.retrieve() : exit))
  // A promise rejects with anything.
  return future instanceof PromiseFuture ? Effect.mapError(answer, (error) => toTagged(error, "mapTasks()")) : answer
}

const hasFailed = ({ exit }: FutureImpl): boolean =>
  exit !== undefined && Exit.isFailure(exit) && cancellationIn(exit) === undefined

class AsyncItems implements Source {
  readonly #items: AsyncIterable<unknown>

  constructor(items: AsyncIterable<unknown>) {
    this.#items = items
  }

  read(reader: Reader): Effect.Effect<void, unknown> {
    const iterator = this.#items[Symbol.asyncIterator]()
    // The item that the iterator was asked for and has not given yet.
    let asked: Asked | undefined
    let isOver = false
    const take = (next: unknown): Effect.Effect<void, unknown> => {
      asked = undefined
      const { done, value } = next as IteratorResult<unknown>
      if (done === true) return Effect.void
      isOver = false
      reader.begin(value)
      return step
    }
    const step: Effect.Effect<void, unknown> = Effect.suspend(() => {
      if (!reader.hasRoom) return Effect.flatMap(reader.untilRoom(), () => step)
      // An iterator that throws is over, and so is one that rejects.
      isOver = true
      const given = iterator.next() as Given
      const future = toFuture(reader.caller, given)
      asked = { given, future }
      return Effect.flatMap(answerOf(future, future), take)
    })
    return closedBehind(reader, step, (restore) => {
      if (asked === undefined ? isOver : hasFailed(asked.future)) return Effect.void
      return ended(reader.caller, iterator, restore, asked?.future.cancelled() === true ? asked.given : undefined)
    })
  }
}

/** An item that an async iterator was asked for, and the wait for it. */
interface Asked {
  readonly given: Given
  readonly future: FutureImpl
}

/** Ends an iterator. One that was asked for an item and has not given it, `unanswered`, may hang; or it fails meanwhile. */
const ended = (
  caller: Caller,
  iterator: AsyncIterator<unknown>,
  restore: Restore,
  unanswered: Given | undefined
): Effect.Effect<unknown, unknown> => {
  const returned = iterator.return?.() as Given | undefined
  if (returned === undefined) return Effect.void
  const future = toFuture(caller, returned)
  if (future === returned) return answerOf(future, restore(future))
  const late = unanswered === undefined ? undefined : toFuture(caller, unanswered)
  const waited = waitUntil(caller, new Set([future]), "ALL_COMPLETED", late === undefined ? undefined : defaultPatience)
  const over = Effect.sync(() => {
    for (const each of [future, late]) if (each?.done() === false) each.cancelUnsafe()
  })
  const answer = answerOf(future, Effect.ensuring(restore(waited), over))
  return late === undefined ? answer : answerOf(late, answer)
}

// ---- streams -------------------------------------------------------------------------------------------------------

type Chunks = Pull.Pull<ReadonlyArray<unknown>, unknown>

/** What Effect's functions read of a stream's channel. */
interface StreamChannel {
  transform(upstream: Pull.Pull<unknown>, scope: Scope.Scope): Effect.Effect<Chunks>
}

class StreamItems implements Source {
  readonly #channel: StreamChannel

  constructor(stream: Stream.Stream<unknown, unknown>) {
    this.#channel = stream.channel as unknown as StreamChannel
  }

  read(reader: Reader): Effect.Effect<void, unknown> {
    return Effect.scopedWith((scope) =>
      Effect.flatMap(this.#channel.transform(Cause.done(), scope), (chunks) => readChunks(reader, chunks))
    )
  }
}

const readChunks = (reader: Reader, chunks: Chunks): Effect.Effect<void, unknown> => {
  let chunk: ReadonlyArray<unknown> = []
  let read = 0
  const step: Effect.Effect<void, unknown> = Effect.suspend(() => {
    if (!reader.hasRoom) return Effect.flatMap(reader.untilRoom(), () => step)
    if (read < chunk.length) {
      reader.begin(chunk[read++])
      return step
    }
    return Effect.flatMap(chunks, (next) => {
      chunk = next
      read = 0
      return step
    })
  })
  return Effect.catchCause(step, (cause) => (Pull.isDoneCause(cause) ? Effect.void : Effect.failCause(cause)))
}

// ---- any of them ---------------------------------------------------------------------------------------------------

export const sourceOf = (items: unknown): Source => {
  if (hasProperty(items, "~effect/Stream")) return new StreamItems(items as unknown as Stream.Stream<unknown, unknown>)
  if (hasProperty(items, Symbol.asyncIterator)) return new AsyncItems(items as unknown as AsyncIterable<unknown>)
  if (typeof items === "string" || (hasProperty(items, Symbol.iterator) && !Effect.isEffect(items))) {
    return new Items(items as Iterable<unknown>)
  }
  // When: what `mapTasks` is to go through is no list, but a single item or a promise of a list, say.
  throw unexpectedValue(
    "an iterable was expected by mapTasks()",
    items,
    "Give it an array, an iterable, an async iterable or a stream: await a promise of a list first."
  )
}
