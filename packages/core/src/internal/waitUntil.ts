import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { ReturnWhen } from "../wait.ts"
import type { Caller } from "./awaitables.ts"
import type { FutureImpl } from "./future.ts"
import { awaitOwn, Waiter } from "./waiters.ts"

/** Waits until enough of the futures are done, or the time is up. */
export const waitUntil = (
  { loop, task }: Caller,
  futures: ReadonlySet<FutureImpl>,
  returnWhen: ReturnWhen,
  timeout: Duration.Input | undefined
): Effect.Effect<void> => {
  const waiter = new Waiter(loop)
  const timer =
    timeout === undefined
      ? undefined
      : loop.callLaterUnsafe(timeout, function _release_waiter() {
          waiter.wake()
        })
  let left = futures.size
  const onCompletion = (future: FutureImpl) => {
    left--
    if (left <= 0 || returnWhen === "FIRST_COMPLETED" || (returnWhen === "FIRST_EXCEPTION" && failed(future))) {
      timer?.cancelUnsafe()
      waiter.wake()
    }
  }
  for (const future of futures) future.addCallback(onCompletion, "_wait.<locals>._on_completion", task)
  const cleanUp = Effect.sync(() => {
    timer?.cancelUnsafe()
    for (const future of futures) future.removeDoneCallbackUnsafe(onCompletion)
  })
  return Effect.ensuring(awaitOwn(waiter), cleanUp)
}

/** Looking counts as retrieving, as in CPython. */
const failed = (future: FutureImpl): boolean => !future.cancelled() && Exit.isFailure(future.exitUnsafe()!)
