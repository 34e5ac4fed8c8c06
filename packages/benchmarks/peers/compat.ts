import * as asyncio from "@effect-asyncio/compat"
import {
  beat,
  deadlines,
  depthOfTree,
  failures,
  hour,
  inFlight,
  jobsOf,
  patience,
  type Peer,
  type Probe,
  spread
} from "../src/peer.ts"
import { versionOf } from "../src/versions.ts"
import { hostEvents } from "./hostEvents.ts"
import { type Client, withClient } from "./requests.ts"

const one = async () => 1
const iteration = () => asyncio.sleep(0)
const jobDone = async (job: number) => {
  await asyncio.sleep(0)
  return job
}
const sleepLong = () => asyncio.sleep(hour)

const steps = async (n: number) => {
  for (let i = 0; i < n; i++) await asyncio.sleep(0)
}

const createMany = <A>(n: number, body: () => Promise<A>): Array<asyncio.Task<A>> =>
  Array.from({ length: n }, () => asyncio.createTask(body))

const joinAll = async (tasks: Iterable<asyncio.Task<unknown>>) => {
  for (const task of tasks) await task
}

/** Tasks that have begun to sleep, or to wait for what `body` waits for. */
const suspended = async <A>(n: number, body: () => Promise<A>) => {
  const tasks = createMany(n, body)
  await asyncio.sleep(0)
  return { tasks }
}

/** Cancels one after the other, each time until it is done. */
const cancelEach = async (tasks: ReadonlyArray<asyncio.Task<unknown>>, probe: Probe) => {
  const picked = spread(tasks)
  probe.start()
  for (const task of picked) {
    task.cancel()
    await task.catch(() => undefined)
  }
  probe.stop()
  await asyncio.cancelAndWait(tasks)
}

const createAndAwait = async (n: number) => {
  for (let i = 0; i < n; i++) await asyncio.createTask(one)
}

const handOver = async (n: number, pairs: number, maxsize: number) => {
  const queue = new asyncio.Queue<number>({ maxsize })
  const share = Math.ceil(n / pairs)
  const produce = async () => {
    for (let i = 0; i < share; i++) await queue.put(i)
  }
  const consume = async () => {
    for (let i = 0; i < share; i++) await queue.get()
  }
  const producers = createMany(pairs, produce)
  const consumers = createMany(pairs, consume)
  await joinAll([...producers, ...consumers])
}

const contend = async (n: number, tasks: number, use: () => Promise<void>) => {
  const share = Math.ceil(n / tasks)
  const worker = async () => {
    for (let i = 0; i < share; i++) await use()
  }
  await joinAll(createMany(tasks, worker))
}

/** Tasks that take the next of `n` jobs until there is none. */
const workers = async (n: number, tasks: number, job: () => Promise<void>) => {
  let left = n
  const work = async () => {
    while (left-- > 0) await job()
  }
  await joinAll(createMany(tasks, work))
}

/** Three stages, each a task that takes from one queue and puts into the next. */
const pipeline = async (n: number, maxsize: number) => {
  const queues = Array.from({ length: 4 }, () => new asyncio.Queue<number>({ maxsize }))
  const stage = (from: asyncio.Queue<number>, to: asyncio.Queue<number>) => async () => {
    for (let i = 0; i < n; i++) await to.put((await from.get()) + 1)
  }
  const feed = async () => {
    for (let i = 0; i < n; i++) await queues[0]!.put(i)
  }
  const tasks = [0, 1, 2].map((i) => asyncio.createTask(stage(queues[i]!, queues[i + 1]!)))
  tasks.push(asyncio.createTask(feed))
  for (let i = 0; i < n; i++) await queues[3]!.get()
  await joinAll(tasks)
}

/** What takes a signal, as a library of promises has it. */
const request = (client: Client, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const giveUp = client.get((error) => {
      signal.removeEventListener("abort", onAbort)
      if (error === undefined) resolve()
      else reject(error)
    })
    const onAbort = () => {
      giveUp()
      reject(signal.reason as Error)
    }
    signal.addEventListener("abort", onAbort)
  })

const signalOfTask = (): AbortSignal => asyncio.currentTask()!.signal

const fanOut = (n: number, client: Client) =>
  workers(n, Math.min(n, inFlight), () => asyncio.waitFor(() => request(client, signalOfTask()), patience))

const heartbeats = async (n: number, tasks: number) => {
  const beats = Math.ceil(n / tasks)
  const heart = async () => {
    for (let i = 0; i < beats; i++) await asyncio.sleep(beat)
  }
  await joinAll(createMany(tasks, heart))
}

// Not made for every failure: the stack of an error costs more than all the rest.
const again = new Error("again")

const attempts = async (n: number) => {
  let attempt = 0
  const fickle = async () => {
    await asyncio.sleep(0)
    if (attempt++ % (failures + 1) < failures) throw again
  }
  for (let i = 0; i < n; i++) await retried(fickle)
}

const retried = async (body: () => Promise<void>) => {
  for (let left = failures; ; left--) {
    try {
      return await body()
    } catch (error) {
      if (left === 0 || error instanceof asyncio.CancelledError) throw error
    }
  }
}

const timers = async (n: number) => {
  await joinAll(Array.from(deadlines(n), (deadline) => asyncio.createTask(() => asyncio.sleep(deadline))))
}

/** A task that waits for a task that waits, and so on, down to one that calls `ready` and sleeps. */
const link =
  (depth: number, ready: () => void): (() => Promise<void>) =>
  async () => {
    if (depth > 1) return await asyncio.createTask(link(depth - 1, ready))
    ready()
    await sleepLong()
  }

const cancelChains = async (n: number, depth: number, probe: Probe) => {
  const outermost: Array<asyncio.Task<void>> = []
  let ready = 0
  for (let left = n; left > 0; left -= depth) {
    outermost.push(asyncio.createTask(link(Math.min(depth, left), () => ready++)))
  }
  while (ready < outermost.length) await asyncio.sleep(0)
  probe.start()
  await asyncio.cancelAndWait(outermost)
  probe.stop()
}

const node =
  (depth: number, fails: boolean): (() => Promise<void>) =>
  async () => {
    if (depth === 0) {
      if (!fails) return await sleepLong()
      await asyncio.sleep(0)
      throw new RangeError("leaf")
    }
    await asyncio.taskGroup(async (group) => {
      group.createTask(node(depth - 1, false))
      group.createTask(node(depth - 1, fails))
    })
  }

const branch = (depth: number) => async (): Promise<void> => {
  if (depth === 0) return await iteration()
  await asyncio.taskGroup(async (group) => {
    group.createTask(branch(depth - 1))
    group.createTask(branch(depth - 1))
  })
}

const frame = async (depth: number): Promise<unknown> =>
  depth === 0 ? { task: asyncio.currentTask() } : await frame(depth - 1)

const late = async () => {
  try {
    await asyncio.waitFor(sleepLong, 1)
  } catch (error) {
    if (!(error instanceof asyncio.TimeoutError)) throw error
  }
}

const waitForExpires = async (n: number) => {
  await joinAll(createMany(n, late))
}

/** Runs `body` while `tasks` tasks do nothing but take steps. */
const beside = async <A>(tasks: number, body: () => Promise<A>): Promise<A> => {
  const state = { over: false }
  const spinners = createMany(tasks, async () => {
    while (!state.over) await asyncio.sleep(0)
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
    await asyncio.sleep(1)
    samples.push(performance.now() - due)
  }
  return samples
}

const requestLatency = async (n: number, client: Client) => {
  const samples: Array<number> = []
  for (let i = 0; i < n; i++) {
    const sent = performance.now()
    await request(client, signalOfTask())
    samples.push(performance.now() - sent)
  }
  return samples
}

const callGraph = async (n: number, probe: Probe) => {
  const { tasks } = await suspended(n, sleepLong)
  const waiters = tasks.map((task) => asyncio.createTask(async () => await task))
  await asyncio.sleep(0)
  probe.start()
  for (const task of tasks) asyncio.formatCallGraph(task)
  probe.stop()
  await asyncio.cancelAndWait([...tasks, ...waiters])
}

const removeDoneCallback = (n: number, probe: Probe) => {
  const future = asyncio.getRunningLoop().createFuture<void>()
  const callbacks = Array.from({ length: n }, () => () => {})
  for (const callback of callbacks) future.addDoneCallback(callback)
  const picked = spread(callbacks)
  probe.start()
  for (const callback of picked) future.removeDoneCallback(callback)
  probe.stop()
  future.cancel()
}

export const peer: Peer = {
  versions: { "@effect-asyncio/compat": "this tree", effect: versionOf("effect") },
  programs: {
    createAndAwait: (n) => asyncio.run(() => createAndAwait(n)),
    createThenAwait: (n) => asyncio.run(() => joinAll(createMany(n, one))),
    gather: (n) =>
      asyncio.run(async () => {
        await asyncio.gather(Array.from({ length: n }, () => iteration))
      }),
    taskGroup: (n) =>
      asyncio.run(() =>
        asyncio.taskGroup(async (group) => {
          for (let i = 0; i < n; i++) group.createTask(iteration)
        })
      ),
    sleepZero: (n) => asyncio.run(() => steps(n)),
    sleepZeroInMany: (n, _, { tasks }) =>
      asyncio.run(() => joinAll(createMany(tasks, () => steps(Math.ceil(n / tasks))))),
    queue: (n, _, { limit, tasks }) => asyncio.run(() => handOver(n, tasks, limit)),
    lock: (n, _, { tasks }) =>
      asyncio.run(() => {
        const lock = new asyncio.Lock()
        return contend(n, tasks, () => lock.use(iteration))
      }),
    semaphore: (n, _, { limit, tasks }) =>
      asyncio.run(() => {
        const semaphore = new asyncio.Semaphore(limit)
        return contend(n, tasks, () => semaphore.use(iteration))
      }),
    pool: (n, _, { limit }) =>
      asyncio.run(async () => {
        const semaphore = new asyncio.Semaphore(limit)
        await asyncio.gather(Array.from({ length: n }, () => () => semaphore.use(iteration)))
      }),
    poolOfWorkers: (n, _, { limit }) => asyncio.run(() => workers(n, limit, iteration)),
    mapTasks: (n, _, { limit }) =>
      asyncio.run(async () => void (await asyncio.mapTasks(jobsOf(n), jobDone, { concurrency: limit }))),
    pipeline: (n, _, { limit }) => asyncio.run(() => pipeline(n, limit)),
    httpFanOut: (n) => withClient((client) => asyncio.run(() => fanOut(n, client))),
    requestLatency: (n, _, { tasks }) =>
      withClient((client) => asyncio.run(() => beside(tasks, () => requestLatency(n, client)))),
    heartbeats: (n, _, { tasks }) => asyncio.run(() => heartbeats(n, Math.min(n, tasks))),
    retry: (n) => asyncio.run(() => attempts(n)),
    timers: (n) => asyncio.run(() => timers(n)),
    cancelSleepers: (n, probe) =>
      asyncio.run(async () => {
        const { tasks } = await suspended(n, sleepLong)
        probe.start()
        await asyncio.cancelAndWait(tasks)
        probe.stop()
      }),
    cancelChain: (n, probe, { depth }) => asyncio.run(() => cancelChains(n, depth, probe)),
    tree: (n) => asyncio.run(branch(depthOfTree(n))),
    failingTree: (n) => asyncio.run(() => node(depthOfTree(n), true)().catch(() => undefined)),
    currentTask: (n) =>
      asyncio.run(() => {
        for (let i = 0; i < n; i++) asyncio.currentTask()
      }),
    currentTaskDeep: (n, _, { depth }) =>
      asyncio.run(async () => {
        for (let i = 0; i < n; i++) await frame(depth)
      }),
    waitForInTime: (n) =>
      asyncio.run(async () => {
        for (let i = 0; i < n; i++) await asyncio.waitFor(iteration, hour)
      }),
    waitForExpires: (n) => asyncio.run(() => waitForExpires(n)),
    sleepers: (n, probe) =>
      asyncio.run(async () => {
        const { tasks } = await suspended(n, sleepLong)
        probe.hold()
        await asyncio.cancelAndWait(tasks)
      }),
    callGraph: (n, probe) => asyncio.run(() => callGraph(n, probe)),
    snapshot: (n, probe) =>
      asyncio.run(async () => {
        const { tasks } = await suspended(n, sleepLong)
        const loop = asyncio.getRunningLoop()
        probe.start()
        loop.snapshot()
        probe.stop()
        await asyncio.cancelAndWait(tasks)
      }),
    timerLateness: (n, _, { tasks }) => asyncio.run(() => beside(tasks, () => timerLateness(n))),
    hostLateness: (n, _, { tasks }) =>
      hostEvents(n, (reached) =>
        asyncio.run(() =>
          beside(tasks, async () => {
            while (!reached()) await asyncio.sleep(0)
          })
        )
      ),
    cancelOne: (n, probe) => asyncio.run(async () => cancelEach((await suspended(n, sleepLong)).tasks, probe)),
    cancelLockWaiter: (n, probe) =>
      asyncio.run(async () => {
        const lock = new asyncio.Lock()
        await lock.acquire()
        await cancelEach((await suspended(n, () => lock.acquire())).tasks, probe)
      }),
    cancelQueueWaiter: (n, probe) =>
      asyncio.run(async () => {
        const queue = new asyncio.Queue<number>()
        await cancelEach((await suspended(n, () => queue.get())).tasks, probe)
      }),
    removeDoneCallback: (n, probe) => asyncio.run(() => removeDoneCallback(n, probe)),
    forkLoop: (n) =>
      asyncio.run(async () => {
        createMany(n, async () => {})
        await asyncio.sleep(0)
      })
  }
}
