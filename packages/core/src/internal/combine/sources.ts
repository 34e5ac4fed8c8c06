/**
 * Where items come from, read only as far as there is room for them.
 */
import { unexpectedValue } from "../model/hints.ts"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Pull from "effect/Pull"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import { hasProperty } from "effect/Predicate"
import { cancellationOf } from "../task/cancellation.ts"
import { PromiseFuture } from "../task/promises.ts"
import { onceMore, type Restore } from "../task/untilNotCancelled.ts"
import type { Caller } from "./awaitables.ts"
import { waitUntil } from "./waitUntil.ts"

/** Who takes items. */
export interface Reader {
  readonly caller: Caller
  readonly hasRoom: boolean
  /** Waits until there is room. */
  untilRoom(): Effect.Effect<void>
  begin(item: unknown): void
}

export interface Source {
  /** Reads all of it. */
  read(reader: Reader): Effect.Effect<void, unknown>
}

/** How long an iterable is waited for, in milliseconds, that is to end and does not answer. */
const patience = 5000

/**
 * Reads by `step`, and behind that which ends before the items do closes what they come from. How the closing fails counts, as in a
 * `finally`; and a cancellation that comes meanwhile enters it, which `restore` is for.
 */
const closedBehind = (
  step: Effect.Effect<void, unknown>,
  close: (restore: Restore) => Effect.Effect<void, unknown>
): Effect.Effect<void, unknown> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(Effect.exit(restore(step)), (exit) =>
      Exit.isSuccess(exit)
        ? exit
        : Effect.flatMap(
            Effect.suspend(() => onceMore(restore, close)),
            () => exit
          )
    )
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
        // One that throws is over as well.
        isOver = true
        const { done, value } = iterator.next()
        if (done === true) return Effect.void
        isOver = false
        reader.begin(value)
      }
      return Effect.flatMap(reader.untilRoom(), () => step)
    })
    return closedBehind(step, () => {
      if (!isOver) iterator.return?.()
      return Effect.void
    })
  }
}

// ---- async iterables -----------------------------------------------------------------------------------------------

/** What an async iterator gives, or what a kind of coroutine that brings its own gives in its place. */
type Given<A> = PromiseLike<A> | Effect.Effect<A, unknown>

class AsyncItems implements Source {
  readonly #items: AsyncIterable<unknown>

  constructor(items: AsyncIterable<unknown>) {
    this.#items = items
  }

  read(reader: Reader): Effect.Effect<void, unknown> {
    const { loop } = reader.caller
    const iterator = this.#items[Symbol.asyncIterator]()
    let state: "at rest" | "asked" | "over" = "at rest"
    const take = (next: IteratorResult<unknown>): Effect.Effect<void, unknown> => {
      if (next.done === true) {
        state = "over"
        return Effect.void
      }
      state = "at rest"
      reader.begin(next.value)
      return step
    }
    const step: Effect.Effect<void, unknown> = Effect.suspend(() => {
      if (!reader.hasRoom) return Effect.flatMap(reader.untilRoom(), () => step)
      // One that throws is over, and so is one that rejects.
      state = "over"
      const next = iterator.next() as Given<IteratorResult<unknown>>
      state = "asked"
      const awaited = Effect.isEffect(next) ? next : (new PromiseFuture(loop, next) as Effect.Effect<unknown, unknown>)
      const answered = Effect.onError(awaited, (cause) =>
        Effect.sync(() => {
          if (cancellationOf(cause) === undefined) state = "over"
        })
      )
      return Effect.flatMap(answered as typeof awaited & Effect.Effect<IteratorResult<unknown>>, take)
    })
    return closedBehind(step, (restore) =>
      state === "over" ? Effect.void : ended(reader.caller, iterator, restore, state === "asked")
    )
  }
}

/** Ends an iterator. One that has been asked and has not answered may hang. */
const ended = (
  caller: Caller,
  iterator: AsyncIterator<unknown>,
  restore: Restore,
  hangs: boolean
): Effect.Effect<void, unknown> => {
  const returned = iterator.return?.() as Given<unknown> | undefined
  if (returned === undefined) return Effect.void
  if (Effect.isEffect(returned)) return Effect.asVoid(restore(returned))
  const future = new PromiseFuture(caller.loop, returned)
  const waited = waitUntil(caller, new Set([future]), "ALL_COMPLETED", hangs ? patience : undefined)
  const over = Effect.sync(() => void (future.done() || future.cancelUnsafe()))
  return Effect.flatMap(Effect.ensuring(restore(waited), over), () =>
    future.cancelled() ? Effect.void : Effect.asVoid(future.retrieve())
  )
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
