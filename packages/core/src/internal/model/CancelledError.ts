/**
 * The error of a cancellation, and what it tells about the request it came from.
 */
import * as Exit from "effect/Exit"
import { withoutStack } from "../host/stack.ts"
import type { CancellationKind, CancelledErrorOf } from "./cancellationKinds.ts"
import { isOfKind, TaggedError } from "./errorClasses.ts"
import { TaskRef } from "./TaskRef.ts"

/**
 * What a {@link CancelledError} tells about the request it came from.
 *
 * @category models
 * @since 0.1.0
 */
export interface CancelledErrorFields {
  /** Why: the message given to `cancel`, or what a timeout, a group, Ctrl-C or the end of a run asked for. */
  readonly reason: string | undefined
  /** What kind of stop it is: a call of `cancel` is `"requested"`. */
  readonly kind: CancellationKind
  /**
   * The number and the name of the task that asked, of a failed task for its group, of the task in whose code a timeout is;
   * `undefined` when no task did (a callback, a signal, plain code).
   */
  readonly requestedBy: TaskRef | undefined
  /** The stack of the call to `cancel`; only recorded in debug mode. */
  readonly requestedAt: string | undefined
  /** Of the kind `"timeout"`: when the time was up, in milliseconds, as `loop.time()` tells it. */
  readonly deadline?: number | undefined
}

/**
 * What a {@link CancelledError} is made with, beside its reason.
 *
 * @category models
 * @since 0.1.0
 */
export interface CancelledErrorOptions {
  /** `"requested"` by default. */
  readonly kind?: CancellationKind | undefined
  /** What asks: a task's `toRef()`, or the name of code that is in no task. */
  readonly requestedBy?: TaskRef | string | undefined
  readonly requestedAt?: string | undefined
  readonly deadline?: number | undefined
  /** What has led to it: the failure of a sibling, the reason of a signal. */
  readonly cause?: unknown
}

/**
 * A task was asked to cancel itself, and by which task: one step on the way of a request through several tasks.
 *
 * @category models
 * @since 0.1.0
 */
export interface CancelLink {
  /** The task that asked; `undefined` where that was no task. */
  readonly by: TaskRef | undefined
  /** The task that was asked. */
  readonly to: TaskRef
}

/** What the kernel notes of a request, as far as its error tells it. */
interface NotedRequest {
  readonly links: ReadonlyArray<CancelLink> | undefined
}

/**
 * Whether a value is a CancelledError; looking changes nothing, and never throws.
 *
 * @internal
 */
export let isCancelled: (value: unknown) => value is CancelledError

/**
 * The exit of what ended with this cancellation, as others see that: a failure.
 *
 * @internal
 */
export let failureOf: (error: CancelledError) => Exit.Exit<never, CancelledError>

/**
 * The exit of an await in a task that is cancelled itself, as `make` makes it.
 *
 * @internal
 */
export let interruptionOf: (
  error: CancelledError,
  make: (error: CancelledError) => Exit.Exit<never>
) => Exit.Exit<never>

/**
 * What the kernel has noted of the request that an error tells of, see task/request.ts.
 *
 * @internal
 */
export let notedRequest: (error: CancelledError) => NotedRequest | undefined

/**
 * Notes it.
 *
 * @internal
 */
export let noteRequest: (error: CancelledError, request: NotedRequest) => void

// Of errors that another copy of the package has made.
const requestsOfOthers = new WeakMap<CancelledError, NotedRequest>()

type Witness = (error: unknown) => boolean

// Each copy of a package on this one has its own.
const witnesses = new Set<Witness>()

/** Tells every witness, also where one has said yes. */
const witnessed = (error: unknown): boolean => {
  let yes = false
  for (const witness of witnesses) if (witness(error)) yes = true
  return yes
}

/**
 * Registers a function that is called at an `instanceof CancelledError`, until the returned function is called.
 *
 * @internal
 */
export const setWitness = (witness: Witness): (() => void) => {
  witnesses.add(witness)
  return () => void witnesses.delete(witness)
}

/**
 * A task or future was cancelled.
 *
 * **Details**
 *
 * A task that is *itself* cancelled does not see this error in its error channel: it sees an interrupt that carries it,
 * so that `Effect.catch` and `Effect.retry` cannot swallow it. A task that awaits *another* task which was cancelled
 * sees it as a typed failure, for `Effect.catchTag`. `catchCancelled` catches both.
 *
 * **What to do**
 *
 * Let it pass, after cleaning up. To stop it on purpose: `catchCancelled`, and `uncancel` if the task goes on for long.
 * `kind` says what sort of stop it is, `reason` why, `requestedBy` who asked; in debug mode `requestedAt` is the place. `message` is
 * asyncio's, to the letter: the message of `cancel`, and empty where a timeout or a group asked.
 *
 * **asyncio**
 *
 * Same as [`asyncio.CancelledError`](https://docs.python.org/3/library/asyncio-exceptions.html#asyncio.CancelledError), which
 * knows its message only; what kind of stop it is, who asked, and from where, is ours.
 *
 * **Example** (Seeing that an awaited task was cancelled, and by which task)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const worker = yield* asyncio.createTask(asyncio.sleep("1 hour"), { name: "worker" })
 *   yield* asyncio.sleep(0)
 *   yield* worker.cancel("shutting down")
 *   return yield* worker.pipe(
 *     Effect.catchTag("CancelledError", (error) => Effect.succeed(`${error.requestedBy}: ${error.reason}`))
 *   )
 * })
 *
 * await asyncio.run(main) // => "Task-1: shutting down"
 * ```
 *
 * **Example** (The way of a request through several tasks)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 *
 * const main = Effect.gen(function*() {
 *   const leaf = yield* asyncio.createTask(asyncio.sleep("1 hour"), { name: "leaf" })
 *   const middle = yield* asyncio.createTask(leaf, { name: "middle" })
 *   yield* asyncio.sleep(0)
 *   yield* middle.cancel("stop", { kind: "disconnect" })
 *   const error = yield* Effect.flip(leaf)
 *   return [error.kind, error.requests.map(({ by, to }) => `${by} asked ${to}`)]
 * })
 *
 * await asyncio.run(main) // => ["disconnect", ["Task-1 asked middle", "middle asked leaf"]]
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class CancelledError extends /*#__PURE__*/ TaggedError("CancelledError")<CancelledErrorFields> {
  // The exits that deliver it, however many tasks it is for.
  #failure: Exit.Exit<never, CancelledError> | undefined
  #interruption: Exit.Exit<never> | undefined
  // What the kernel has noted of the request, if there was anything.
  #request: NotedRequest | undefined

  static {
    isCancelled = (value): value is CancelledError =>
      typeof value === "object" && value !== null && (#request in value || isOfKind(value, "CancelledError"))
    notedRequest = (error) => (#request in error ? error.#request : requestsOfOthers.get(error))
    noteRequest = (error, request) => {
      if (#request in error) error.#request = request
      else requestsOfOthers.set(error, request)
    }
    // One of another copy of the package has none of these.
    failureOf = (error) => (#failure in error ? (error.#failure ??= Exit.fail(error)) : Exit.fail(error))
    interruptionOf = (error, make) => (#failure in error ? (error.#interruption ??= make(error)) : make(error))
  }

  /**
   * Also true, in code of a kind that says so, of what a library has made of the cancellation of the task that asks: see
   * `setCancellationWitness`.
   */
  static override [Symbol.hasInstance](this: unknown, value: unknown): boolean {
    // A class made from this one asks for its own instances.
    if (this !== CancelledError) return Function.prototype[Symbol.hasInstance].call(this as never, value)
    return witnessed(value) || isCancelled(value)
  }

  constructor(reason?: string, fields?: CancelledErrorOptions) {
    const requestedBy = fields?.requestedBy
    super({
      reason,
      kind: fields?.kind ?? "requested",
      requestedBy:
        typeof requestedBy === "string" ? new TaskRef({ id: undefined, givenName: requestedBy }) : requestedBy,
      requestedAt: fields?.requestedAt
    })
    if (fields?.deadline !== undefined) Object.assign(this, { deadline: fields.deadline })
    if (fields?.cause !== undefined) setCause(this, fields.cause)
    // The message is writable on purpose: Error's own is, and Effect's printers read it. An error whose arguments are empty in
    // Python has none of its own.
    if (reason !== undefined) this.message = reason
  }

  /**
   * The way of a request that went through several tasks, in the order in which they were asked: a task that waits for others passes
   * what is asked of it on to them. Empty where the task that was asked has ended with it itself. Of a request that has gone very
   * far, about the first hundred.
   */
  get requests(): ReadonlyArray<CancelLink> {
    return this.#request?.links ?? []
  }

  /** Whether it is of this kind; the compiler then knows what the kind tells, such as the `deadline` of a timeout. */
  is<K extends CancellationKind>(kind: K): this is CancelledErrorOf<K> {
    return this.kind === kind
  }
}

/**
 * Sets the cause as the constructors of errors do.
 *
 * @internal
 */
export const setCause = (error: Error, cause: unknown): void =>
  void Object.defineProperty(error, "cause", { value: cause, configurable: true, writable: true })

/**
 * The error of a request that asyncio makes without a message: the reason, and the task that asked, are ours.
 *
 * @internal
 */
export const withoutMessage = (reason: string | undefined, fields: CancelledErrorOptions): CancelledError =>
  Object.assign(withoutStack(CancelledError, undefined, fields), { reason })

/**
 * The message that asyncio's error has, if it has one: an empty one is another thing than none.
 *
 * @internal
 */
export const messageOf = (error: CancelledError): string | undefined =>
  Object.hasOwn(error, "message") ? error.message : undefined
