/**
 * Two clocks: the time on the wall, and the time that this thread had a processor. The second does not see what else the
 * machine does, nor what other threads of this process do: the collector's helpers, V8's compilers, a server.
 */

/** Times of both clocks, in nanoseconds; `cpu` is undefined where the host does not tell. */
export interface Reading {
  readonly wall: number
  readonly cpu: number | undefined
}

const nobodyWakes = new Int32Array(new SharedArrayBuffer(4))

// The system counts a thread's time up to when it last gave its processor away: a wait of 20 µs makes it do that. Without,
// a reading may be 4 ms old.
const cpuTime = (): number | undefined => {
  if (typeof process === "undefined" || process.threadCpuUsage === undefined) return undefined
  Atomics.wait(nobodyWakes, 0, 0, 0.02)
  const { system, user } = process.threadCpuUsage()
  return (system + user) * 1000
}

/** A reading to begin a measurement with: the thread's clock is read first, so that its wait does not count. */
export const readToStart = (): Reading => {
  const cpu = cpuTime()
  return { cpu, wall: performance.now() * 1e6 }
}

/** A reading to end one with. */
export const readToStop = (): Reading => {
  const wall = performance.now() * 1e6
  return { cpu: cpuTime(), wall }
}

export const between = (from: Reading, to: Reading): Reading => ({
  wall: to.wall - from.wall,
  cpu: from.cpu === undefined || to.cpu === undefined ? undefined : to.cpu - from.cpu
})

export const sum = (a: Reading, b: Reading): Reading => ({
  wall: a.wall + b.wall,
  cpu: a.cpu === undefined || b.cpu === undefined ? undefined : a.cpu + b.cpu
})
