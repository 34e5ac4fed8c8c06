/**
 * Promises with what it takes to know the current task and to cancel one: AsyncLocalStorage and an AbortController for
 * each. A step is a macrotask, the only one that lets everybody else run.
 */
import { AsyncLocalStorage } from "node:async_hooks"
import { setImmediate, setTimeout as wait } from "node:timers/promises"
import { beat, deadlines, failures, hour, inFlight, patience, type Peer, type Probe, spread } from "../src/peer.ts"
import { hostEvents } from "./hostEvents.ts"
import { type Client, withClient } from "./requests.ts"

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

const steps = async (n: number) => {
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

/** Runs `body` while `tasks` tasks do nothing but take steps. */
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

const workers = async (n: number, tasks: number, job: () => Promise<unknown>) => {
  let left = n
  const work = async () => {
    while (left-- > 0) await job()
  }
  await joinAll(createMany(tasks, work))
}

const request = (client: Client, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const giveUp = client.get((error) => {
      if (error === undefined) resolve()
      else reject(error)
    })
    const onAbort = () => {
      giveUp()
      reject(signal.reason as Error)
    }
    signal.addEventListener("abort", onAbort)
  })

const timedRequest = async (client: Client) => {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), patience)
  try {
    await request(client, controller.signal)
  } finally {
    clearTimeout(timer)
  }
}

const requestLatency = async (n: number, client: Client) => {
  const samples: Array<number> = []
  for (let i = 0; i < n; i++) {
    const sent = performance.now()
    await request(client, new AbortController().signal)
    samples.push(performance.now() - sent)
  }
  return samples
}

const heartbeats = async (n: number, tasks: number) => {
  const beats = Math.ceil(n / tasks)
  const heart = async () => {
    for (let i = 0; i < beats; i++) await wait(beat)
  }
  await joinAll(createMany(tasks, heart))
}

// Not made for every failure: the stack of an error costs more than all the rest.
const again = new Error("again")

const attempts = async (n: number) => {
  let attempt = 0
  const fickle = async () => {
    await setImmediate()
    if (attempt++ % (failures + 1) < failures) throw again
  }
  for (let i = 0; i < n; i++) await retried(fickle)
}

const retried = async (body: () => Promise<void>) => {
  for (let left = failures; ; left--) {
    try {
      return await body()
    } catch (error) {
      if (left === 0) throw error
    }
  }
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
    gather: async (n) => void (await Promise.all(createMany(n, () => setImmediate()).map((task) => task.promise))),
    taskGroup: "promises have no groups",
    sleepZero: steps,
    sleepZeroInMany: (n, _, { tasks }) => joinAll(createMany(tasks, () => steps(Math.ceil(n / tasks)))),
    queue: "the platform has no queue between tasks",
    lock: "the platform has no lock within a process",
    semaphore: "the platform has no semaphore",
    pool: "the platform has no pool; p-limit and p-queue are pools of promises",
    mapTasks: "the platform has no pool; p-map is one of promises",
    poolOfWorkers: (n, _, { limit }) => workers(n, limit, () => setImmediate()),
    pipeline: "the platform has no queue between tasks",
    httpFanOut: (n) => withClient((client) => workers(n, Math.min(n, inFlight), () => timedRequest(client))),
    requestLatency: (n, _, { tasks }) => withClient((client) => beside(tasks, () => requestLatency(n, client))),
    heartbeats: (n, _, { tasks }) => heartbeats(n, Math.min(n, tasks)),
    retry: attempts,
    timers: (n) => joinAll(Array.from(deadlines(n), (deadline) => createTask(() => wait(deadline)))),
    cancelSleepers: async (n, probe) => {
      const tasks = createMany(n, sleepLong)
      await setImmediate()
      probe.start()
      await cancelAll(tasks)
      probe.stop()
    },
    cancelChain: (n, probe, { depth }) => cancelChains(n, depth, probe),
    tree: "promises have no groups",
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
    removeDoneCallback: "what was given to `then` cannot be withdrawn",
    forkLoop: async (n) => {
      createMany(n, one)
      await setImmediate()
    }
  }
}
