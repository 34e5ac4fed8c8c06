/**
 * A cancellation reaches every await in flight, also one that nobody looks at, such as the loser of a race or a promise that is
 * awaited only later: that is no unhandled rejection, which would end the process. Every other failure still is one.
 */
import { isCancelledError } from "@effect-asyncio/core"
import { watchRejections } from "./unhandled.ts"

const ignore = (): void => {}

/** Takes note that `promise` is about to reject with `failure`. */
export const noteCancellation = (promise: Promise<unknown>, failure: unknown): void => {
  if (!isCancelledError(failure)) return
  // What the program makes around it is out of our hands.
  watchRejections()
  promise.catch(ignore)
}

/** What our own async code gives to the program: every promise around an await of ours has to be quiet as that is. */
export const quiet = <A>(promise: Promise<A>): Promise<A> => {
  const outer: Promise<A> = new Promise((resolve, reject) => {
    promise.then(resolve, (failure: unknown) => {
      noteCancellation(outer, failure)
      reject(failure)
    })
  })
  return outer
}
