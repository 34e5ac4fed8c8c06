/**
 * Stops waiting for something that knows nothing of tasks, by hand.
 */
import * as asyncio from "@effect-asyncio/compat"

export interface GiveUpOptions<A> {
  /** Stops the work. */
  readonly onCancel?: () => unknown
  /** Takes what arrives later. */
  readonly discard?: (late: A) => unknown
}

export const giveUp = async <A>(promise: PromiseLike<A>, { discard, onCancel }: GiveUpOptions<A>): Promise<A> => {
  try {
    return await asyncio.abortable(promise)
  } catch (error) {
    if (!asyncio.isCancelled(error)) throw error
    void promise.then(discard, () => {})
    onCancel?.()
    throw error
  }
}
