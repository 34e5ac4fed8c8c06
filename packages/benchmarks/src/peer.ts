/**
 * What a peer brings: for every program either the code, or the reason why it has none.
 */

/** How a program says which part of it counts. */
export interface Probe {
  /** Time counts from here. Without it, the whole program counts. */
  start(): void
  /** Time no longer counts. */
  stop(): void
  /** Everything whose size is asked for is alive now. */
  hold(): void
}

/** What is fixed for a workload, beside its size. */
export interface Setting {
  /** Tasks that take one step after the other, or that want the same lock. */
  readonly tasks: number
  /** Places in a queue, permits of a semaphore, jobs of a pool that run at a time. */
  readonly limit: number
  /** Tasks that wait for each other in a row. */
  readonly depth: number
}

/**
 * Runs a workload of size `n`. One that measures lateness returns its samples in milliseconds.
 */
export type Program = (n: number, probe: Probe, setting: Setting) => Promise<ReadonlyArray<number> | void>

/** The programs there are. Python's peers have the same names. */
export const programNames = [
  "createAndAwait",
  "createThenAwait",
  "gather",
  "taskGroup",
  "sleepZero",
  "sleepZeroInMany",
  "queue",
  "lock",
  "semaphore",
  "pool",
  "poolOfWorkers",
  "mapTasks",
  "pipeline",
  "httpFanOut",
  "requestLatency",
  "heartbeats",
  "retry",
  "timers",
  "cancelSleepers",
  "cancelChain",
  "tree",
  "failingTree",
  "currentTask",
  "currentTaskDeep",
  "waitForInTime",
  "waitForExpires",
  "sleepers",
  "callGraph",
  "snapshot",
  "timerLateness",
  "hostLateness",
  "cancelOne",
  "cancelLockWaiter",
  "cancelQueueWaiter",
  "removeDoneCallback",
  "forkLoop"
] as const

export type ProgramName = (typeof programNames)[number]

export interface Peer {
  /** What was measured, by package. */
  readonly versions: Readonly<Record<string, string>>
  readonly programs: Readonly<Record<ProgramName, Program | string>>
}

/** The programs of a peer that is there for a few of them. */
export const onlyFor = (reason: string, programs: Partial<Record<ProgramName, Program>>): Peer["programs"] =>
  ({ ...Object.fromEntries(programNames.map((name) => [name, reason])), ...programs }) as Peer["programs"]

/** How many requests are in flight at a time, and how long one may take, in milliseconds. */
export const inFlight = 50
export const patience = 5000

/** How often a heart beats, in milliseconds. */
export const beat = 10

/** How often an attempt fails before one succeeds. */
export const failures = 2

/** How many tasks of `n` the workloads touch that remove one among many. */
export const removals = (n: number): number => Math.min(n, 1000)

/** Those tasks: spread over all of them, in no order that a list or a heap could profit from. */
export const spread = <T>(all: ReadonlyArray<T>): Array<T> => {
  const count = removals(all.length)
  const stride = all.length / count
  const random = randoms(count)
  const picked = Array.from({ length: count }, (_, i) => all[Math.floor(i * stride)]!)
  const order = picked.map((item, i) => ({ item, key: random[i]! }))
  return order.sort((a, b) => a.key - b.key).map(({ item }) => item)
}

/** `count` numbers from 0 to 1, the same ones every time and in every peer. */
export const randoms = (count: number): Float64Array => {
  let state = 12345
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    return state / 0x7fffffff
  })
}

/** The depth of the binary tree with at most `n` nodes. */
export const depthOfTree = (n: number): number => Math.floor(Math.log2(n + 1)) - 1

/** The jobs of a pool, which has to give their results. */
export const jobsOf = (n: number): ReadonlyArray<number> => Array.from({ length: n }, (_, job) => job)

export const hour = 3_600_000

/** Deadlines of timers, in milliseconds. They pass while the tasks are still being made, so that no peer waits idly. */
export const deadlines = (n: number): Float64Array => randoms(n).map((random) => 1 + 9 * random)
