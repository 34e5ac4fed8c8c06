/**
 * The clock of the recorder.
 */
import { Worker } from "node:worker_threads"

/** Milliseconds since the recording began, as a ring reads them. */
export interface Ticking {
  /** Sixteen times their number, in the first place. */
  readonly clock: Int32Array
  /** When it began, in milliseconds since 1970. */
  readonly began: number
  readonly stop: () => void
}

/** Has a thread count. Where there is none, a timer does, and a long step is one of the whole time since the timer before it. */
export const ticking = (): Ticking => {
  const began = performance.timeOrigin + performance.now()
  const clock = new Int32Array(new SharedArrayBuffer(8))
  const tick = () => {
    clock[0] = Math.floor(performance.timeOrigin + performance.now() - began) << 4
  }
  const timer = setInterval(tick, 5)
  timer.unref()
  const stopTimer = () => clearInterval(timer)
  // Beside this file, whether that is a source or what was built of it.
  const file = new URL(import.meta.url.endsWith(".ts") ? "./tick.ts" : "./tick.js", import.meta.url)
  try {
    const worker = new Worker(file, { workerData: { clock, began }, execArgv: [], name: "effect-asyncio recorder" })
    worker.on("online", stopTimer)
    worker.on("error", () => {})
    worker.unref()
    return { clock, began, stop: () => (stopTimer(), void worker.terminate()) }
  } catch {
    return { clock, began, stop: stopTimer }
  }
}
