/**
 * What a peer is asked. Each answer comes from a program that tries it; a question that makes no sense for a peer is left out.
 */
export interface Peer {
  /** One call stops work, and is over when the work has cleaned up. */
  readonly stopWaits?: () => Promise<boolean>
  /** What is stopped can still hand over a result to who waits for it. */
  readonly resultInSpite?: () => Promise<boolean>
  /** Who waits for what is stopped is told why. */
  readonly reason?: () => Promise<boolean>
  /** Of several that run together, the failure of one stops the others. */
  readonly siblings?: () => Promise<boolean>
  /** Two that fail in the same moment: both failures are there. */
  readonly allFailures?: () => Promise<boolean>
  /** No more than two of five at a time, by one call. */
  readonly limit?: () => Promise<boolean>
  /** A wait for an hour takes no time in a test. */
  readonly virtualTime?: () => Promise<boolean>
}

/** A macrotask. */
export const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Long enough for whatever is on its way to arrive. */
export const aWhile = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await pause()
}

/** Waits for the abort of a signal, and for nothing else. */
export const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)))

/** Counts how many are at work at a time. */
export const counter = (): { readonly job: () => Promise<void>; readonly most: () => number } => {
  let [now, most] = [0, 0]
  return {
    most: () => most,
    job: async () => {
      most = Math.max(most, ++now)
      await aWhile()
      now--
    }
  }
}
