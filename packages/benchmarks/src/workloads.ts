/**
 * What is measured: a program of the peers, with its sizes and its setting.
 */
import { type ProgramName, removals, type Setting } from "./peer.ts"

export interface Workload {
  readonly name: string
  readonly program: ProgramName
  /** Time per operation, lateness in milliseconds, or bytes per task. */
  readonly measures: "time" | "lateness" | "memory"
  readonly n: number
  /** The size with `--quick`. */
  readonly quick: number
  readonly setting: Setting
  /** How many operations a run of size n is. */
  operations(n: number): number
  /** How its cost may grow with n: the whole of it in proportion, or that of one operation like a logarithm at most. */
  readonly law: "linear" | "logarithmic" | undefined
  /** Peers that have the program and cannot do it at these sizes, with the reason. */
  readonly beyond: Readonly<Record<string, string>>
  /** The sizes that the growth is measured at. */
  readonly sizes: ReadonlyArray<number>
}

const powersOfTen = (least: number, greatest: number): Array<number> => {
  const sizes = []
  for (let size = least; size <= greatest; size *= 10) sizes.push(size)
  return sizes
}

const upToMillion = powersOfTen(1, 1_000_000)
// Divided among up to a hundred tasks, fewer operations than tasks would be rounded up.
const sharedByHundred = powersOfTen(1000, 1_000_000)
const upToHundredThousand = powersOfTen(1, 100_000)

const workload = (
  name: string,
  program: ProgramName,
  n: number,
  options: Partial<Omit<Workload, "name" | "program" | "n" | "setting">> & { readonly setting?: Partial<Setting> } = {}
): Workload => ({
  name,
  program,
  measures: "time",
  n,
  quick: Math.ceil(n / 50),
  operations: (n) => n,
  law: "linear",
  sizes: upToMillion,
  beyond: {},
  ...options,
  setting: { tasks: 100, limit: 10, depth: 50, ...options.setting }
})

const removal = (name: string, program: ProgramName): Workload =>
  workload(name, program, 10_000, {
    operations: removals,
    law: "logarithmic",
    sizes: powersOfTen(1000, 100_000)
  })

const lateness = (name: string, program: ProgramName): Workload =>
  workload(name, program, 200, { measures: "lateness", quick: 20, law: undefined, setting: { tasks: 1000 } })

/** In a tree of two branches each, depth 16 has this many nodes. */
const depth16 = 2 ** 17 - 1

export const workloads: ReadonlyArray<Workload> = [
  workload("create and await", "createAndAwait", 20_000),
  workload("create N, then await all", "createThenAwait", 20_000),
  workload("gather", "gather", 20_000),
  workload("TaskGroup", "taskGroup", 20_000),
  workload("sleep(0) in one task", "sleepZero", 100_000),
  workload("sleep(0) in 100 tasks", "sleepZeroInMany", 100_000, { sizes: sharedByHundred }),
  workload("queue, 1 producer and consumer", "queue", 50_000, { setting: { tasks: 1 } }),
  workload("queue, 10 producers and consumers", "queue", 50_000, { sizes: sharedByHundred, setting: { tasks: 10 } }),
  workload("queue, 100 producers and consumers", "queue", 50_000, {
    sizes: sharedByHundred,
    setting: { tasks: 100 }
  }),
  workload("lock handoff", "lock", 20_000, { sizes: sharedByHundred, setting: { tasks: 10 } }),
  workload("semaphore handoff", "semaphore", 20_000, {
    sizes: sharedByHundred,
    setting: { tasks: 20, limit: 5 }
  }),
  workload("pool, 10 jobs at a time", "pool", 20_000),
  workload("timers with random deadlines", "timers", 20_000),
  workload("cancel N sleeping tasks", "cancelSleepers", 20_000),
  // Deeper ones make CPython's cancel, which calls itself, run out of stack.
  workload("cancel chains of depth 100", "cancelChain", 20_000, { law: undefined, setting: { depth: 100 } }),
  workload("cancel a chain of depth N", "cancelChain", 10_000, {
    sizes: upToHundredThousand,
    beyond: {
      "raw Effect": "interrupting a chain of 10,000 takes more than 4 GB",
      effection: "the time grows with the square of the depth",
      promises: "abort listeners that abort in turn run out of stack",
      asyncio: "`cancel` calls itself and runs out of stack",
      uvloop: "`cancel` calls itself and runs out of stack"
    },
    setting: { depth: Number.MAX_SAFE_INTEGER }
  }),
  workload("tree of depth 16, a leaf fails", "failingTree", depth16, {
    quick: 2 ** 9 - 1,
    sizes: [4, 7, 10, 13, 16].map((depth) => 2 ** (depth + 1) - 1)
  }),
  workload("currentTask", "currentTask", 500_000),
  workload("currentTask, 50 async frames deep", "currentTaskDeep", 5000, { sizes: upToHundredThousand }),
  workload("waitFor in time", "waitForInTime", 20_000, { sizes: upToHundredThousand }),
  workload("waitFor that expires", "waitForExpires", 10_000, { sizes: upToHundredThousand }),
  workload("call graph of N tasks", "callGraph", 10_000, { sizes: upToHundredThousand }),
  workload("snapshot of N tasks", "snapshot", 10_000, { sizes: upToHundredThousand }),
  removal("cancel one of N sleeping tasks", "cancelOne"),
  removal("cancel one of N that wait for a lock", "cancelLockWaiter"),
  removal("cancel one of N that wait for a queue", "cancelQueueWaiter"),
  removal("remove one of N done callbacks", "removeDoneCallback"),
  workload("memory of a sleeping task", "sleepers", 100_000, { measures: "memory", quick: 2000, law: undefined }),
  lateness("lateness of a 1 ms timer", "timerLateness"),
  lateness("lateness of a host I/O callback", "hostLateness")
]
