/**
 * What the scope of a timeout is to its body, and to a coroutine of another kind.
 */
import type * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type { TimeoutError } from "./errors.ts"

/**
 * The deadline of a {@link timeout} scope, for its body to look at and move.
 *
 * **asyncio**
 *
 * Same as [`asyncio.Timeout`](https://docs.python.org/3/library/asyncio-task.html#asyncio.Timeout); times are milliseconds on the
 * loop's clock.
 *
 * @category models
 * @since 0.1.0
 */
export interface Timeout {
  /** When the time is up, `undefined` for never. */
  when(): number | undefined
  /**
   * Moves the deadline; `undefined` removes it. A defect, `RuntimeError: Cannot change state of finished Timeout` (or
   * `expired`, `expiring`), when the time is up or the body is over.
   */
  reschedule(when: number | undefined): Effect.Effect<void>
  /** Whether the time was up before the body was over. */
  expired(): boolean
  /** `<Timeout [active] when=1500>`. */
  toString(): string
}

/**
 * The body of a timeout scope: an Effect, or a function that gets the {@link Timeout}.
 *
 * @category models
 * @since 0.1.0
 */
export type TimeoutBody<A, E, R> = Effect.Effect<A, E, R> | ((timeout: Timeout) => Effect.Effect<A, E, R>)

/**
 * Is told when a body has had its grace: see {@link OpenTimeout}.
 *
 * @category models
 * @since 0.1.0
 */
export interface Grace {
  /** The body was asked to end as long ago as `beginGraceUnsafe` was given, and has not ended. */
  graceIsOver(): void
}

/**
 * A timeout around a part of a coroutine that is no Effect.
 *
 * @category models
 * @since 0.1.0
 */
export interface OpenTimeout extends Timeout {
  /** {@link Timeout.reschedule} for callers outside of Effect. */
  rescheduleUnsafe(when: number | undefined): void
  /**
   * Has the scope's `grace` told when so many milliseconds have passed and the body has not ended. Before the time was up, and while a grace
   * lasts, it does nothing.
   */
  beginGraceUnsafe(millis: number): void
  /**
   * Ends the scope, given how its body ended, and says how the scope ends: with {@link TimeoutError} where the time was
   * up and the body ended cancelled because of that.
   */
  leaveUnsafe<A, E>(exit: Exit.Exit<A, E>): Exit.Exit<A, E | TimeoutError>
}
