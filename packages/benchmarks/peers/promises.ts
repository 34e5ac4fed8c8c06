/**
 * Promises with what it takes to know the current task and to cancel one: AsyncLocalStorage and an AbortController for
 * each. A turn is a macrotask, the only one that lets everybody else run.
 */
import { AsyncLocalStorage } from "node:async_hooks"
import { setImmediate, setTimeout as wait } from "node:timers/promises"
import { deadlines, hour, type Peer, type Probe, spread } from "../src/peer.ts"
import { hostEvents } from "./hostEvents.ts"

interface Task<A> {
  readonly name: string
  readonly controller: AbortController
  readonly promise: Promise<A>
}

const storage = new AsyncLocalStorage<Omit<Task<unknown>, "promise">>()
let made = 0

const createTask = <A>(body: (signal: AbortSignal) => Promise<A>): Task<A> => {
  const task = { name: `Task-${++made}`, controller: new AbortController() }
  const promise = storage.run(task, async () => {
    await Promise.resolve()
    return await body(task.controller.signal)
  })
  return { ...task, promise }
}

const one = async () => 1
const sleepLong = (signal: AbortSignal) => wait(hour, undefined, { signal })

const turns = async (n: number) => {
  for (let i = 0; i < n; i++) await setImmediate()
}

const createMany = <A>(n: number, body: (signal: AbortSignal) => Promise<A>): Array<Task<A>> =>
  Array.from({ length: n }, () => createTask(body))

const joinAll = async (tasks: Iterable<Task<unknown>>) => {
  for (const task of tasks) await task.promise
}

const cancelAll = async (tasks: ReadonlyArray<Task<unknown>>) => {
  for (const task of tasks) task.controller.abort()
  await Promise.allSettled(tasks.map((task) => task.promise))
}

/** A task that waits for a task that waits, and so on: each passes its signal on by hand. */
const link =
  (depth: number, ready: () => void) =>
  async (signal: AbortSignal): Promise<void> => {
    if (depth > 1) {
      const inner = createTask(link(depth - 1, ready))
      signal.addEventListener("abort", () => inner.controller.abort(), { once: true })
      return await inner.promise
    }
    ready()
    await sleepLong(signal)
  }

const cancelChains = async (n: number, depth: number, probe: Probe) => {
  const outermost: Array<Task<void>> = []
  let ready = 0
  for (let left = n; left > 0; left -= depth) {
    outermost.push(createTask(link(Math.min(depth, left), () => ready++)))
  }
  while (ready < outermost.length) await setImmediate()
  probe.start()
  await cancelAll(outermost)
  probe.stop()
}

const frame = async (depth: number): Promise<unknown> => (depth === 0 ? storage.getStore() : await frame(depth - 1))

/** Whether `task` was done within `millis`; if not, it is aborted. */
const waitFor = async <A>(task: Task<A>, millis: number): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined
  const expired = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), millis)
  })
  const inTime = await Promise.race([task.promise.then(() => true as const), expired])
  clearTimeout(timer)
  if (inTime) return true
  task.controller.abort()
  await task.promise.catch(() => undefined)
  return false
}

/** Runs `body` while `tasks` tasks do nothing but take turns. */
const beside = async <A>(tasks: number, body: () => Promise<A>): Promise<A> => {
  const state = { over: false }
  const spinners = createMany(tasks, async () => {
    while (!state.over) await setImmediate()
  })
  const result = await body()
  state.over = true
  await joinAll(spinners)
  return result
}

const timerLateness = async (n: number) => {
  const samples: Array<number> = []
  for (let i = 0; i < n; i++) {
    const due = performance.now() + 1
    await wait(1)
    samples.push(performance.now() - due)
  }
  return samples
}

export const peer: Peer = {
  versions: { node: process.version },
  programs: {
    createAndAwait: async (n) => {
      for (let i = 0; i < n; i++) await createTask(one).promise
    },
    createThenAwait: (n) => joinAll(createMany(n, one)),
    gather: async (n) => void (await Promise.all(createMany(n, one).map((task) => task.promise))),
    taskGroup: "promises have no groups",
    sleepZero: turns,
    sleepZeroInMany: (n, _, { tasks }) => joinAll(createMany(tasks, () => turns(Math.ceil(n / tasks)))),
    queue: "the platform has no queue between tasks",
    lock: "the platform has no lock within a process",
    semaphore: "the platform has no semaphore",
    pool: "the platform has no pool; p-limit and p-queue are pools of promises",
    timers: (n) => joinAll(Array.from(deadlines(n), (deadline) => createTask(() => wait(deadline)))),
    cancelSleepers: async (n, probe) => {
      const tasks = createMany(n, sleepLong)
      await setImmediate()
      probe.start()
      await cancelAll(tasks)
      probe.stop()
    },
    cancelChain: (n, probe, { depth }) => cancelChains(n, depth, probe),
    failingTree: "nothing cancels the siblings of a promise that failed",
    currentTask: async (n) => {
      await createTask(async () => {
        for (let i = 0; i < n; i++) storage.getStore()
      }).promise
    },
    currentTaskDeep: async (n, _, { depth }) => {
      await createTask(async () => {
        for (let i = 0; i < n; i++) await frame(depth)
      }).promise
    },
    waitForInTime: async (n) => {
      for (let i = 0; i < n; i++)
        await waitFor(
          createTask(() => setImmediate()),
          hour
        )
    },
    waitForExpires: (n) => joinAll(createMany(n, () => waitFor(createTask(sleepLong), 1))),
    sleepers: async (n, probe) => {
      const tasks = createMany(n, sleepLong)
      await setImmediate()
      probe.hold()
      await cancelAll(tasks)
    },
    callGraph: "a promise does not say who waits for it",
    snapshot: "promises cannot be listed",
    timerLateness: (n, _, { tasks }) => beside(tasks, () => timerLateness(n)),
    hostLateness: (n, _, { tasks }) =>
      hostEvents(n, (reached) =>
        beside(tasks, async () => {
          while (!reached()) await setImmediate()
        })
      ),
    cancelOne: async (n, probe) => {
      const tasks = createMany(n, sleepLong)
      await setImmediate()
      const picked = spread(tasks)
      probe.start()
      for (const { controller, promise } of picked) {
        controller.abort()
        await promise.catch(() => undefined)
      }
      probe.stop()
      await cancelAll(tasks)
    },
    cancelLockWaiter: "the platform has no lock within a process",
    cancelQueueWaiter: "the platform has no queue between tasks",
    removeDoneCallback: "what was given to `then` cannot be withdrawn"
  }
}
