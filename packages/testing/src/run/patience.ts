/**
 * Long searches: they can be stopped, and say how far they are.
 */

/** Ends a search early: by Ctrl-C, or by a signal. */
export interface Stop {
  readonly asked: () => boolean
  readonly end: () => void
}

export const listenForStop = (signal: AbortSignal | undefined): Stop => {
  let asked = signal?.aborted === true
  const stop = (): void => void (asked = true)
  signal?.addEventListener("abort", stop)
  // A second Ctrl-C has its usual effect.
  process.once("SIGINT", stop)
  return {
    asked: () => asked,
    end: () => {
      signal?.removeEventListener("abort", stop)
      process.off("SIGINT", stop)
    }
  }
}

/**
 * How far a search is.
 *
 * @category models
 * @since 0.1.0
 */
export interface Progress {
  readonly runs: number
  /** How many there will be; undefined where that is not known. */
  readonly of: number | undefined
  readonly failures: number
}

// In milliseconds of real time: a shorter wait is not worth a word.
const untilProgress = 2000
const betweenProgress = 1000

/** Tells `listener`, or the terminal if there is one, every second. */
export const progressTeller = (listener: ((progress: Progress) => void) | undefined, what: string) => {
  let next = performance.now() + untilProgress
  return (progress: Progress): void => {
    if (listener !== undefined) return listener(progress)
    const time = performance.now()
    if (time < next || !process.stderr.isTTY) return
    next = time + betweenProgress
    const { failures, of, runs } = progress
    process.stderr.write(`${what}: ${runs}${of === undefined ? "" : ` of ${of}`} runs, ${failures} failed\n`)
  }
}
