/**
 * A program under test, and what is to hold when it is over.
 */
import type * as Context from "effect/Context"
import type { EventLoop, EventLoopOptions } from "@effect-asyncio/core"
import type { IterationOptions } from "@effect-asyncio/core/lowlevel"

/** How programs of one kind are run: async functions, or Effects. */
export interface Flavour {
  readonly asyncFunctions: boolean
  readonly run: (program: unknown, state: unknown, options: FlavourRunOptions) => Promise<unknown>
  readonly setup: (setup: unknown) => unknown
  readonly check: (verdict: unknown) => Promise<void>
  /** From now on the world of a run is told where its program stands at an await or a `yield*`. Gives what ends that. */
  readonly watchAwaits: () => () => void
  /** What the lines that replay a failure import from. */
  readonly module: string
}

export interface FlavourRunOptions {
  readonly loopFactory: (options: EventLoopOptions & IterationOptions) => EventLoop
  readonly handleSigint: false
  readonly context: Context.Context<never> | undefined
}

/**
 * What is looked at when a program is over.
 *
 * **Details**
 *
 * - `locks`: a lock is held.
 * - `permits`: a semaphore has fewer permits than it was made with, or more.
 * - `queues`: items of a queue were taken and not said to be dealt with, where the program says so without a cancellation.
 * - `tasks`: a task is left when the main task ends.
 * - `reports`: the loop's exception handler was told of something: a failure that no code has retrieved, an error in a callback.
 * - `swallowed`: a task was cancelled, and has returned as if nothing were, without `uncancel`.
 * - `ledgers`: something was not given back, or twice: see `ledger`.
 * - `hangs`: the program waits for ever, or goes on for ever.
 * - `errors`: the program has failed, with something else than a cancellation, a timeout, or what it always fails with.
 * - `check`: your own.
 *
 * @category models
 * @since 0.1.0
 */
export type CheckName =
  | "locks"
  | "permits"
  | "queues"
  | "tasks"
  | "reports"
  | "swallowed"
  | "ledgers"
  | "hangs"
  | "errors"
  | "check"

/** Something that does not hold. */
export interface Finding {
  readonly check: CheckName
  readonly text: string
}

/**
 * How a run of the program has ended, for your own check.
 *
 * @category models
 * @since 0.1.0
 */
export type Outcome =
  | { readonly kind: "returned"; readonly value: unknown }
  | { readonly kind: "failed"; readonly error: unknown }
  | { readonly kind: "cancelled"; readonly error: unknown }

/** The options that all kinds of runs have. */
export interface SubjectOptions {
  readonly setup?: unknown
  readonly check?: ((state: never, outcome: Outcome) => unknown) | undefined
  /** Which of the checks are left out. */
  readonly ignore?: ReadonlyArray<CheckName> | undefined
  /** Which failures of the program are as they should be; by default cancellations and timeouts. */
  readonly allowError?: ((error: unknown) => boolean) | undefined
  /**
   * Whether `setTimeout`, `setInterval`, `AbortSignal.timeout`, `node:timers/promises`, `Date` and `performance.now` go by the time of
   * the loop, in code that the program calls. They do by default.
   */
  readonly hostTime?: boolean | undefined
  /** How many steps of tasks a run may take before it is said to go on for ever: 100,000 by default. */
  readonly maxSteps?: number | undefined
}

export interface Subject {
  readonly flavour: Flavour
  readonly program: unknown
  readonly options: SubjectOptions
}
