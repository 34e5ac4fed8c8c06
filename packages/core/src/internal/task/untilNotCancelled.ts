import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { cancellationIn } from "./cancellation.ts"

/** Lets go of uninterruptibility, as given by `Effect.uninterruptibleMask`. */
export type Restore = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/**
 * Repeats `wait` until it ends otherwise than by a cancellation, of which any number may arrive meanwhile; each is shown
 * to `seen`. Python's loops that must not give up catch CancelledError in this way. A fiber that is interrupted natively
 * would fail again and again without waiting: from then on nothing interrupts the wait.
 */
export const untilNotCancelled = <A>(
  restore: Restore,
  wait: (restore: Restore) => Effect.Effect<A>,
  seen: (failure: Exit.Failure<never, never>) => void
): Effect.Effect<A> =>
  Effect.flatMap(Effect.exit(Effect.suspend(() => wait(restore))), (exit) => {
    if (Exit.isSuccess(exit) || cancellationIn(exit) === undefined) return exit
    seen(exit as Exit.Failure<never, never>)
    return onceMore(restore, (possible) =>
      possible === restore ? untilNotCancelled(restore, wait, seen) : wait(possible)
    )
  })

/** Waits again after a cancellation: with `restore`, or after a native interrupt, with a function that lets none in. */
export const onceMore = <A, E, R>(
  restore: Restore,
  wait: (restore: Restore) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.flatMap(Effect.exit(restore(Effect.void)), (probe) =>
    wait(Exit.isSuccess(probe) ? restore : (uninterrupted) => uninterrupted)
  )
