/**
 * What kinds of cancellation there are.
 */
import type { CancelledError } from "./CancelledError.ts"

/**
 * The kinds of cancellation, and what the error of each tells beside what all tell. A program adds its own by declaration merging; from
 * then on the compiler knows them wherever a kind is named.
 *
 * **When to use**
 *
 * `kind` is for the code that decides what a stop means: a status, a retry, a line in a log. `reason` is for people.
 *
 * **Details**
 *
 * - `requested`: a call of `cancel`
 * - `timeout`: a time limit; `deadline` says when it was
 * - `sibling`: another member of the same group has failed. `requestedBy` is that one, `cause` its failure
 * - `parent`: what contains it has ended or failed: the body of its group, the scope it was made in, a race that another has won
 * - `shutdown`: the end of the run or of the layer, or a signal such as SIGTERM
 * - `interrupt`: Ctrl-C
 * - `signal`: an `AbortSignal`, whose reason is the `cause`
 * - `disconnect`: the client that wanted the result is gone
 *
 * **asyncio**
 *
 * No such thing: a [`CancelledError`](https://docs.python.org/3/library/asyncio-exceptions.html#asyncio.CancelledError) has a message
 * at most.
 *
 * **Example** (A kind of your own)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * declare module "@effect-asyncio/core" {
 *   interface CancellationKinds {
 *     readonly budget: unknown
 *   }
 * }
 *
 * const main = Effect.gen(function*() {
 *   const task = yield* asyncio.createTask(asyncio.sleep("1 hour"))
 *   yield* asyncio.sleep(0)
 *   yield* task.cancel("the money is spent", { kind: "budget" })
 *   return yield* asyncio.catchCancelled(task, (error) => Effect.succeed(error.kind))
 * })
 *
 * await asyncio.run(main) // => "budget"
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export interface CancellationKinds {
  readonly requested: unknown
  readonly timeout: { readonly deadline: number }
  readonly sibling: unknown
  readonly parent: unknown
  readonly shutdown: unknown
  readonly interrupt: unknown
  readonly signal: unknown
  readonly disconnect: unknown
}

/**
 * The name of a kind of cancellation: one of ours, or one that the program has added to {@link CancellationKinds}.
 *
 * @category models
 * @since 0.1.0
 */
export type CancellationKind = Extract<keyof CancellationKinds, string>

/**
 * A {@link CancelledError} of a known kind, with what that kind tells.
 *
 * @category models
 * @since 0.1.0
 */
export type CancelledErrorOf<K extends CancellationKind> = CancelledError & { readonly kind: K } & CancellationKinds[K]

/**
 * What a call of `cancel` says of the request beside its message.
 *
 * @category models
 * @since 0.1.0
 */
export interface CancelOptions {
  /** What kind of stop it is; `"requested"` by default. */
  readonly kind?: CancellationKind | undefined
  /** What has led to it: the error's `cause`. */
  readonly cause?: unknown
}
