/**
 * Noticing that this process has stood still: frozen, or busy with one long step. To the others it was dead meanwhile, and what it ran is theirs.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

/** Warns each time that nothing went on here for `expiry` milliseconds. For ever. */
export const warnOfStandstills = (expiry: number): Effect.Effect<never> =>
  Effect.gen(function* () {
    // What begins in the middle of it counts from then on.
    const pause = expiry / 10
    const before = yield* Clock.monotonicTimeNanos
    yield* Effect.sleep(pause)
    const still = Number((yield* Clock.monotonicTimeNanos) - before) / 1e6 - pause
    if (still < expiry) return
    yield* Effect.logWarning(
      `cluster: this worker stood still for ${(still / 1000).toFixed(1)} seconds, longer than its expiry of ${expiry / 1000}: ` +
        "others may have begun its tasks. What computes for so long belongs in a thread"
    )
  }).pipe(Effect.forever)
