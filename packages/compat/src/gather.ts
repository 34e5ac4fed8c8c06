/**
 * Running several things at a time and collecting what they give.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type * as Exit from "effect/Exit"
import { wrapperOf, Future } from "./Future.ts"
import type { AwaitableValue } from "./awaitables.ts"
import { checkCollection, toCore } from "./given/awaitables.ts"
import { runNow } from "./internal/current.ts"
import { toSettledResult } from "./internal/settledResult.ts"

/**
 * Options of {@link gather}.
 *
 * @category models
 * @since 0.1.0
 */
export interface GatherOptions {
  /** Gives how every awaitable ended, as `Promise.allSettled` does, instead of failing with the first failure. */
  readonly returnExceptions?: boolean | undefined
}

/**
 * What {@link gather} takes: a list of awaitables or a record of them.
 *
 * @category models
 * @since 0.1.0
 */
export type Awaitables = asyncio.Awaitables

/**
 * What {@link gather} gives: the results in the shape the awaitables had; tuples keep their types.
 *
 * @category models
 * @since 0.1.0
 */
export type Gathered<T> = ValuesIn<lowlevel.Shape<T>>

/**
 * What {@link gather} gives with `returnExceptions`.
 *
 * @category models
 * @since 0.1.0
 */
export type GatheredResults<T> = SettledIn<lowlevel.Shape<T>>

type ValuesIn<S> = { -readonly [K in keyof S]: AwaitableValue<S[K]> }
type SettledIn<S> = { -readonly [K in keyof S]: PromiseSettledResult<AwaitableValue<S[K]>> }
type Results<T, O> = O extends { readonly returnExceptions: true } ? GatheredResults<T> : Gathered<T>

/**
 * Starts async functions as tasks, and gives a future of all results, in the order of the awaitables.
 *
 * **Details**
 *
 * Takes a list, any iterable, or a record, whose keys the results get. A task or future that is given twice is awaited
 * once. With the first failure the future fails; the others go on, and what they fail with later is not reported.
 * With `returnExceptions` it waits for all and gives `{ status, value }` or `{ status, reason }` of each. The call throws a
 * TypeError for anything that cannot be awaited.
 *
 * **Cancellation**
 *
 * Cancelling the future, or a task that awaits it, cancels everything that was gathered. The future then fails as soon as the first
 * of them ends cancelled, and does not wait for the cleanup of the others; with `returnExceptions` it waits for all of them.
 *
 * **asyncio**
 *
 * Same as [`asyncio.gather(*aws, return_exceptions=)`](https://docs.python.org/3/library/asyncio-task.html#asyncio.gather). For
 * structure use a {@link TaskGroup}.
 *
 * **Example** (Two at a time)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * await asyncio.run(async () => {
 *   const [name, size] = await asyncio.gather([
 *     () => asyncio.sleep(1, "file"),
 *     async () => 42
 *   ])
 *   const ended = await asyncio.gather({ bad: () => Promise.reject("no") }, { returnExceptions: true })
 *   return [name, size, ended.bad.status]
 * }) // => ["file", 42, "rejected"]
 * ```
 *
 * @category waiting
 * @since 0.1.0
 */
export const gather = <const T extends Awaitables, const O extends GatherOptions = {}>(
  awaitables: T,
  options?: O
): Future<Results<T, O>> => {
  // The list is checked first: for `gather(a, b)`, as in Python, the error is to be about the list and not about the options.
  checkAwaitables(awaitables)
  lowlevel.checkOptions(options, "gather()", "{ returnExceptions: true }")
  const returnExceptions = options?.returnExceptions ?? false
  const core = runNow(asyncio.gatherFuture(toCores(awaitables), { returnExceptions })) as asyncio.Future<
    unknown,
    unknown
  >
  return returnExceptions ? wrapperOf(core, () => new Settled<Results<T, O>>(core)) : Future.of(core as never)
}

const checkAwaitables = (awaitables: unknown): void => {
  if (!lowlevel.isRecord(awaitables)) checkCollection(awaitables, "gather() expects a list or a record of awaitables")
}

const toCores = (awaitables: Awaitables): Awaitables =>
  lowlevel.isRecord(awaitables)
    ? Object.fromEntries(Object.entries(awaitables).map(([key, awaitable]) => [key, toCore(awaitable)]))
    : Array.from(awaitables as Iterable<unknown>, toCore)

/** The future of a gather whose core gives exits. */
class Settled<A> extends Future<A> {
  protected override readonly convert = (exits: unknown): A =>
    (Array.isArray(exits)
      ? exits.map(toSettledResult)
      : Object.fromEntries(
          Object.entries(exits as Record<string, Exit.Exit<unknown, unknown>>).map(([key, exit]) => [
            key,
            toSettledResult(exit)
          ])
        )) as A
}
