/**
 * What is measured: a program of the peers, with its sizes and its setting.
 */
import { type ProgramName, removals, type Setting } from "./peer.ts"

export interface Workload {
  readonly name: string
  readonly program: ProgramName
  /** What every peer does in it, in a sentence. */
  readonly what: string
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

type Options = Partial<Omit<Workload, "name" | "program" | "n" | "what" | "setting">> & {
  readonly setting?: Partial<Setting>
}

const workload = (name: string, program: ProgramName, n: number, what: string, options: Options = {}): Workload => ({
  name,
  program,
  what,
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

const removal = (name: string, program: ProgramName, what: string): Workload =>
  workload(name, program, 10_000, what, {
    operations: removals,
    law: "logarithmic",
    sizes: powersOfTen(1000, 100_000)
  })

const lateness = (name: string, program: ProgramName, what: string): Workload =>
  workload(name, program, 200, what, { measures: "lateness", quick: 20, law: undefined, setting: { tasks: 1000 } })

/** How many nodes a tree of two branches each has. */
const nodes = (depth: number): number => 2 ** (depth + 1) - 1

export const workloads: ReadonlyArray<Workload> = [
  workload(
    "create and await",
    "createAndAwait",
    20_000,
    "Makes a task of a function that returns at once (an async function, a generator) and waits for it; then the next."
  ),
  workload(
    "create N, then await all",
    "createThenAwait",
    20_000,
    "Makes N such tasks, and then waits for one after the other. Effect runs all of them in the first wait, in one go."
  ),
  workload(
    "fork loop",
    "forkLoop",
    20_000,
    "Makes N tasks that do nothing and waits for none: the kind of loop that release notes count fibers per second with."
  ),
  workload(
    "gather",
    "gather",
    20_000,
    "Waits for N children at once, each of which waits one iteration: `gather`, `Effect.all` without a limit, `Promise.all`."
  ),
  workload(
    "TaskGroup",
    "taskGroup",
    20_000,
    "Makes N children that wait one iteration each in a group, and closes it; Effect's is a `FiberSet` in a scope."
  ),
  workload(
    "sleep(0) in one task",
    "sleepZero",
    100_000,
    "One task takes N steps while nobody else has any. Raw Effect visits the host for every step, we every 2 ms: a hundred tasks are the fair comparison."
  ),
  workload(
    "sleep(0) in 100 tasks",
    "sleepZeroInMany",
    100_000,
    "A hundred tasks take N steps between them; everybody lets all run before the host is visited.",
    { sizes: sharedByHundred }
  ),
  ...[1, 10, 100].map((pairs) =>
    workload(
      pairs === 1 ? "queue, 1 producer and consumer" : `queue, ${pairs} producers and consumers`,
      "queue",
      50_000,
      "Producers hand N items to as many consumers through a queue of ten places; Effect's is `Queue.bounded`.",
      { ...(pairs === 1 ? {} : { sizes: sharedByHundred }), setting: { tasks: pairs } }
    )
  ),
  workload(
    "lock handoff",
    "lock",
    20_000,
    "Ten tasks take a lock N times between them, and hold it for one iteration each time.",
    {
      sizes: sharedByHundred,
      setting: { tasks: 10 }
    }
  ),
  workload(
    "semaphore handoff",
    "semaphore",
    20_000,
    "Twenty tasks take a semaphore of five permits N times between them, and hold it for one iteration each time.",
    { sizes: sharedByHundred, setting: { tasks: 20, limit: 5 } }
  ),
  workload(
    "pool of ten workers",
    "poolOfWorkers",
    20_000,
    "Ten tasks take the next of N jobs until there is none; a job waits one iteration. p-limit and p-queue, which have no workers, get all jobs at once, and a job waits for one microtask there."
  ),
  workload(
    "mapTasks, 10 at a time",
    "mapTasks",
    20_000,
    "Maps N jobs, ten at a time, each of which waits one iteration, and gives the results in order. Each is a task of its own in `mapTasks`, a fiber in `Effect.forEach`; p-map makes none, and runs in a task of compat. Written by hand are ten tasks that take one job after the other."
  ),
  workload(
    "N tasks, 10 at a time",
    "pool",
    5000,
    "N tasks want one of the ten permits of a semaphore, and hold it for one iteration. What Effect's semaphore does for each grows with those that wait.",
    { law: undefined }
  ),
  workload(
    "pipeline of queues",
    "pipeline",
    20_000,
    "N items go through three tasks, each of which takes from one queue of ten places and puts into the next."
  ),
  workload(
    "HTTP fan-out, 50 in flight",
    "httpFanOut",
    5000,
    "Fifty workers send N requests over the loopback, each with a time limit of five seconds that gives the connection up. The server is another thread's, the client as little as it takes.",
    { law: undefined }
  ),
  workload(
    "retry",
    "retry",
    10_000,
    "N times an attempt that waits one iteration fails twice and then succeeds: `Effect.retry`, or a loop around try and catch."
  ),
  workload(
    "heartbeats of 10,000 tasks",
    "heartbeats",
    50_000,
    "Ten thousand tasks sleep ten milliseconds again and again, N times between them. Only the CPU time says something.",
    { law: undefined, setting: { tasks: 10_000 } }
  ),
  workload(
    "timers with random deadlines",
    "timers",
    20_000,
    "N tasks sleep between one and ten milliseconds; most deadlines pass while the tasks are being made."
  ),
  workload(
    "cancel N sleeping tasks",
    "cancelSleepers",
    20_000,
    "N tasks that sleep for an hour are cancelled all together, and waited for. How they were made does not count."
  ),
  // Deeper ones make CPython's cancel, which calls itself, run out of stack.
  workload(
    "cancel chains of depth 100",
    "cancelChain",
    20_000,
    "Tasks wait for tasks that wait, a hundred in a row; the outermost are cancelled.",
    { law: undefined, setting: { depth: 100 } }
  ),
  workload(
    "cancel a chain of depth N",
    "cancelChain",
    10_000,
    "One chain in which N tasks wait in a row is cancelled.",
    {
      sizes: upToHundredThousand,
      beyond: {
        "raw Effect": "interrupting a chain of 10,000 takes more than 4 GB",
        effection: "the time grows with the square of the depth",
        promises: "abort listeners that abort in turn run out of stack",
        asyncio: "`cancel` calls itself and runs out of stack",
        uvloop: "`cancel` calls itself and runs out of stack"
      },
      setting: { depth: Number.MAX_SAFE_INTEGER }
    }
  ),
  workload(
    "tree of groups, depth 13",
    "tree",
    nodes(13),
    "Groups of two children, thirteen deep, whose leaves wait one iteration; every group waits for its own. Effect's are `FiberSet`s.",
    { quick: nodes(8), sizes: [4, 7, 10, 13, 16].map(nodes) }
  ),
  workload(
    "tree of depth 16, a leaf fails",
    "failingTree",
    nodes(16),
    "One leaf of a tree of groups fails, and all others are cancelled. Raw Effect, with `Effect.all`, begins eagerly and depth-first and collects no group of errors, which is less work.",
    { quick: nodes(8), sizes: [4, 7, 10, 13, 16].map(nodes) }
  ),
  workload("currentTask", "currentTask", 500_000, "A task asks N times which one it is."),
  workload(
    "currentTask, 50 async frames deep",
    "currentTaskDeep",
    5000,
    "The same at the end of fifty async functions or generators that call each other.",
    { sizes: upToHundredThousand }
  ),
  workload(
    "waitFor in time",
    "waitForInTime",
    20_000,
    "Something that waits one iteration is given an hour, N times; Effect's is `Effect.timeout`.",
    { sizes: upToHundredThousand }
  ),
  workload(
    "waitFor that expires",
    "waitForExpires",
    10_000,
    "N tasks give an hour's sleep a millisecond, and catch the error; Effect's are `Effect.timeout` and `catchTag`.",
    { sizes: upToHundredThousand }
  ),
  workload("call graph of N tasks", "callGraph", 10_000, "For each of N tasks that are waited for, who waits.", {
    sizes: upToHundredThousand
  }),
  workload("snapshot of N tasks", "snapshot", 10_000, "What N tasks do and wait for, as data.", {
    sizes: upToHundredThousand
  }),
  removal(
    "cancel one of N sleeping tasks",
    "cancelOne",
    "A thousand of N sleepers are cancelled one by one, and waited for."
  ),
  removal("cancel one of N that wait for a lock", "cancelLockWaiter", "The same for tasks that wait for a lock."),
  removal("cancel one of N that wait for a queue", "cancelQueueWaiter", "The same for tasks that wait for an item."),
  removal(
    "remove one of N done callbacks",
    "removeDoneCallback",
    "A thousand of the N callbacks of a future are taken back."
  ),
  workload(
    "memory of a sleeping task",
    "sleepers",
    100_000,
    "What the heap holds, after a full collection, for each of N tasks that sleep for an hour.",
    { measures: "memory", quick: 2000, law: undefined }
  ),
  lateness(
    "lateness of a 1 ms timer",
    "timerLateness",
    "A task sleeps a millisecond while a thousand others do nothing but take steps."
  ),
  lateness(
    "lateness of a host I/O callback",
    "hostLateness",
    "Data that another thread wrote waits for its callback while a thousand tasks do nothing but take steps."
  ),
  lateness(
    "a request under 1,000 tasks",
    "requestLatency",
    "A request over the loopback and its answer, while a thousand tasks do nothing but take steps."
  )
]

/** What every peer does in the workload of this name. */
export const whatOf = (name: string): string | undefined => workloads.find((each) => each.name === name)?.what
