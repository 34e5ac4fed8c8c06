/**
 * What a coroutine is that is no Effect, and what it is given to wait with.
 */
import type * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type { CancelledError } from "./CancelledError.ts"
import type { ContextVars } from "./ContextVars.ts"
import type { Future } from "./Future.ts"
import type { Labels, Task } from "./Task.ts"

/**
 * What a task runs.
 *
 * @category models
 * @since 0.1.0
 */
export interface Coroutine<A, E> {
  /** Runs the first step. The task is done when `control.end` is called. */
  begin(control: CoroutineControl<A, E>): void
  /**
   * The task is asked to cancel itself. `passedOn` says whether an await in flight has taken the request; if not, the
   * next await will deliver it, and this is the chance to end what keeps the coroutine from getting there.
   */
  cancelRequested(error: CancelledError, passedOn: boolean): void
  /** A request was withdrawn with `uncancel`: for drivers that pass requests on to tasks elsewhere, which count them too. */
  cancelWithdrawn?(): void
  /** Its name and place, for the task's repr: `NAME()`, `FILE:LINE`. */
  describe(): CoroutineDescription
  /**
   * Whether it carries the stores of the host's `AsyncLocalStorage` from one step to the next by itself, as promises do. By
   * default every `resume` is called with the stores of the code that awaited. `begin` always sees those of the code that
   * made the task.
   */
  readonly carriesStores?: boolean
}

/**
 * How a coroutine prints.
 *
 * @category models
 * @since 0.1.0
 */
export interface CoroutineDescription {
  readonly name: string
  readonly definedAt: string | undefined
  readonly calledAt: string | undefined
  /** Where it runs while it waits, where that is known: of code in another process, the process. */
  readonly runningAt?: string | undefined
}

/**
 * Is told how an await has ended: a function, or an object, where a function for each await would be too dear.
 *
 * @category models
 * @since 0.1.0
 */
export type Resumption<A, E> =
  | ((exit: Exit.Exit<A, E>) => void)
  | {
      /** Called with how the await has ended, in a step of the task. */
      resumed(exit: Exit.Exit<A, E>): void
    }

/**
 * A part of a coroutine with awaits of its own: where its code waits, and what a cancellation of it reaches.
 *
 * **Cancellation**
 *
 * A cancellation of the task, or of the scope, reaches every await in flight. It arrives as a failure with
 * {@link CancelledError}, whether the task was cancelled or what it awaits.
 *
 * @category models
 * @since 0.1.0
 */
export interface CoroutineScope {
  readonly task: Task<unknown, unknown>
  /** Waits for `future` and calls `resume` with its exit in a step of the task. Any number of awaits may be in flight. */
  await<B, E2>(future: Future<B, E2>, resume: Resumption<B, E2 | CancelledError>): void
  /** Calls `resume` on the loop's next iteration, in a step of the task: `sleep(0)`. */
  nextIteration(resume: Resumption<void, CancelledError>): void
  /**
   * Runs an Effect as a part of the task, with the task's services, and calls `resume` with its exit: at once when it does
   * not suspend. Its awaits are the task's own, and `currentTask` in it is the task.
   */
  run<B, E2>(effect: Effect.Effect<B, E2>, resume: Resumption<B, E2 | CancelledError>): void
  /** The services and references that {@link run} runs with, the current task among them. */
  context(): Context.Context<never>
  /** How many cancellations of this scope, and of what is around it, were asked for and not withdrawn. */
  cancelling(): number
  /** The cancellation that the next await will deliver, if there is one. */
  pendingCancellation(): CancelledError | undefined
  /** Whether anything is in flight, here or in a scope further in, that a cancellation reaches. */
  isWaiting(): boolean
  /** Whether a shield is in flight, here or in a scope further in, which holds a cancellation back. */
  isShielding(): boolean
  /** Takes the pending cancellation as delivered, because the coroutine has seen it some other way. */
  takeCancellation(): CancelledError | undefined
  /**
   * Has a cancellation that {@link takeCancellation} gave delivered after all: to the awaits in flight, or to the next one. It
   * is still counted once. Does nothing when it has been withdrawn.
   */
  deliverAgain(error: CancelledError): void
  /** Cancels what is in flight, which no code will use any more. A task or a future that is awaited is let alone. */
  cancelInFlight(): void
  /** Opens a scope inside this one that a timeout or a task group can cancel by itself. */
  openScope(driver: Pick<Coroutine<unknown, unknown>, "cancelRequested" | "carriesStores">): ChildScope
}

/**
 * A scope inside another one.
 *
 * @category models
 * @since 0.1.0
 */
export interface ChildScope extends CoroutineScope {
  /**
   * Ends it. What is in flight is cancelled; a cancellation that is still due is then the outer scope's, and so is every await
   * that its code still begins. When its code has `failed` the first of those ends cancelled, if nothing else was told.
   */
  leave(failed?: boolean): void
}

/**
 * What a coroutine does to its task.
 *
 * @category models
 * @since 0.1.0
 */
export interface CoroutineControl<A, E> extends CoroutineScope {
  /**
   * Ends the coroutine. A failure with {@link CancelledError} ends it as cancelled. Ending twice does nothing. What is in
   * flight is cancelled.
   */
  end(exit: Exit.Exit<A, E>): void
}

/**
 * Options of {@link createCoroutineTaskUnsafe}.
 *
 * @category models
 * @since 0.1.0
 */
export interface CoroutineTaskOptions {
  /** The task's name; `Task-N` by default. */
  readonly name?: string | undefined
  /** Runs the first step inside the call. */
  readonly eagerStart?: boolean | undefined
  /** The services and references of the task; the loop's own by default. */
  readonly context?: Context.Context<never> | undefined
  /** The context variables the task uses and sets, from `copyContext`; a copy of the creator's by default. */
  readonly variables?: ContextVars | undefined
  /** What kind of work it is, and for what: as `createTask` has it. */
  readonly labels?: Labels | undefined
  /** Whether it stays out of the tree of its creator, see `createTask`. */
  readonly detached?: boolean | undefined
  /** The task that creates it; by default the one whose code is running. */
  readonly createdBy?: Task<unknown, unknown> | undefined
}
