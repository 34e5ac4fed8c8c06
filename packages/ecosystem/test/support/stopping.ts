/**
 * What a program does around an operation that knows nothing of signals.
 */
import * as asyncio from "@effect-asyncio/compat"

/**
 * Waits for the operation to its end, and calls `stop` when the task is cancelled meanwhile: then it ends by that. For what must
 * not be left alone, such as a statement whose connection goes back to a pool.
 */
export const stoppedBy = async <A>(start: () => PromiseLike<A>, stop: () => unknown): Promise<A> => {
  const signal = asyncio.currentSignal()
  // What is stopped before it is under way goes on all the same: the server forgets a request that comes too early.
  signal.throwIfAborted()
  let stopping: unknown = undefined
  const onAbort = () => void (stopping = stop())
  signal.addEventListener("abort", onAbort)
  try {
    return await start()
  } finally {
    signal.removeEventListener("abort", onAbort)
    // One that comes late would stop what the connection does next.
    await stopping
  }
}
