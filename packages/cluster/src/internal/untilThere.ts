/**
 * Asking a database that may be away for a while.
 */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"

/** A second apart at most, for as long as it takes. */
export const whileAway = /*#__PURE__*/ Schedule.min([Schedule.exponential("50 millis"), Schedule.spaced("1 second")])

/**
 * {@link untilThere}, of what must not be lost: for about a minute nothing interrupts it. An engine that cannot reach the database stops what it runs, and
 * what has just ended would be done again.
 */
export const byAllMeans = <A, E, R>(question: Effect.Effect<A, E, R>): Effect.Effect<A, never, R> =>
  Effect.catch(Effect.uninterruptible(Effect.retry(question, { schedule: whileAway, times: 60 })), () =>
    untilThere(question)
  )

/** Asks again until there is an answer. */
export const untilThere = <A, E, R>(question: Effect.Effect<A, E, R>): Effect.Effect<A, never, R> =>
  Effect.orDie(Effect.retry(question, whileAway))
