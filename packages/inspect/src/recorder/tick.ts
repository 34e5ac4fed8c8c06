/**
 * The thread that counts milliseconds into shared memory: to look at that costs a program less than to ask the host for the time.
 */
import { workerData } from "node:worker_threads"

const { began, clock } = workerData as { readonly clock: Int32Array; readonly began: number }

for (;;) {
  // The other number never changes: this is a sleep.
  Atomics.wait(clock, 1, 0, 1)
  clock[0] = Math.floor(performance.timeOrigin + performance.now() - began) << 4
}
