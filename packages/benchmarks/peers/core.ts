import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
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

const one = Effect.fnUntraced(function* () {
  return 1
})

const iteration = asyncio.sleep(0)
const jobDone = (job: number) => asyncio.sleep(0, job)
const sleepLong = asyncio.sleep(hour)

const steps = Effect.fnUntraced(function* (n: number) {
  for (let i = 0; i < n; i++) yield* asyncio.sleep(0)
})

const createMany = Effect.fnUntraced(function* <A, E>(n: number, coroutine: Effect.Effect<A, E>) {
  const tasks: Array<asyncio.Task<A, Exclude<E, asyncio.CancelledError>>> = []
  for (let i = 0; i < n; i++) tasks.push(yield* asyncio.createTask(coroutine))
  return tasks
})

const joinAll = Effect.fnUntraced(function* <A, E>(tasks: Iterable<asyncio.Task<A, E>>) {
  for (const task of tasks) yield* task
})

/** Tasks that have begun to sleep, or to wait for what `coroutine` waits for. */
const suspended = Effect.fnUntraced(function* <A, E>(n: number, coroutine: Effect.Effect<A, E>) {
  const tasks = yield* createMany(n, coroutine)
  yield* asyncio.sleep(0)
  return tasks
})

/** Cancels one after the other, each time until it is done. */
const cancelEach = Effect.fnUntraced(function* <A, E>(tasks: ReadonlyArray<asyncio.Task<A, E>>, probe: Probe) {
  const picked = spread(tasks)
  probe.start()
  for (const task of picked) {
    task.cancelUnsafe()
    yield* Effect.exit(task)
  }
  probe.stop()
  yield* asyncio.cancelAndWait(tasks)
})

const createAndAwait = Effect.fnUntraced(function* (n: number) {
  for (let i = 0; i < n; i++) yield* yield* asyncio.createTask(one())
})

const handOver = Effect.fnUntraced(function* (n: number, pairs: number, maxsize: number) {
  const queue = yield* asyncio.Queue.make<number>({ maxsize })
  const share = Math.ceil(n / pairs)
  const produce = Effect.fnUntraced(function* () {
    for (let i = 0; i < share; i++) yield* queue.put(i)
  })
  const consume = Effect.fnUntraced(function* () {
    for (let i = 0; i < share; i++) yield* queue.get
  })
  const producers = yield* createMany(pairs, produce())
  const consumers = yield* createMany(pairs, consume())
  yield* joinAll([...producers, ...consumers])
})

const contend = Effect.fnUntraced(function* (n: number, tasks: number, use: Effect.Effect<void>) {
  const share = Math.ceil(n / tasks)
  const worker = Effect.fnUntraced(function* () {
    for (let i = 0; i < share; i++) yield* use
  })
  yield* joinAll(yield* createMany(tasks, worker()))
})

const pool = Effect.fnUntraced(function* (n: number, limit: number) {
  const semaphore = yield* asyncio.Semaphore.make(limit)
  const job = semaphore.use(asyncio.sleep(0))
  yield* asyncio.gather(Array.from({ length: n }, () => job))
})

/** Tasks that take the next of `n` jobs until there is none. */
const workers = Effect.fnUntraced(function* (n: number, tasks: number, job: Effect.Effect<void>) {
  let left = n
  const work = Effect.fnUntraced(function* () {
    while (left-- > 0) yield* job
  })
  yield* joinAll(yield* createMany(tasks, work()))
})

/** Three stages, each a task that takes from one queue and puts into the next. */
const pipeline = Effect.fnUntraced(function* (n: number, maxsize: number) {
  const queues: Array<asyncio.Queue<number>> = []
  for (let i = 0; i < 4; i++) queues.push(yield* asyncio.Queue.make<number>({ maxsize }))
  const stage = Effect.fnUntraced(function* (from: asyncio.Queue<number>, to: asyncio.Queue<number>) {
    for (let i = 0; i < n; i++) yield* to.put((yield* from.get) + 1)
  })
  const tasks = []
  for (let i = 0; i < 3; i++) tasks.push(yield* asyncio.createTask(stage(queues[i]!, queues[i + 1]!)))
  const feed = Effect.fnUntraced(function* () {
    for (let i = 0; i < n; i++) yield* queues[0]!.put(i)
  })
  tasks.push(yield* asyncio.createTask(feed()))
  for (let i = 0; i < n; i++) yield* queues[3]!.get
  yield* joinAll(tasks)
})

const request = (client: Client): Effect.Effect<void> =>
  Effect.callback<void>((resume) => {
    const giveUp = client.get((error) => resume(error === undefined ? Effect.void : Effect.die(error)))
    return Effect.sync(giveUp)
  })

const fanOut = (n: number, client: Client) => {
  const job = Effect.orDie(asyncio.waitFor(request(client), patience))
  return workers(n, Math.min(n, inFlight), job)
}

const heartbeats = Effect.fnUntraced(function* (n: number, tasks: number) {
  const beats = Math.ceil(n / tasks)
  const heart = Effect.fnUntraced(function* () {
    for (let i = 0; i < beats; i++) yield* asyncio.sleep(beat)
  })
  yield* joinAll(yield* createMany(tasks, heart()))
})

const attempts = Effect.fnUntraced(function* (n: number) {
  let attempt = 0
  const fickle = Effect.andThen(
    iteration,
    Effect.suspend(() => (attempt++ % (failures + 1) < failures ? Effect.fail("again") : Effect.void))
  )
  for (let i = 0; i < n; i++) yield* Effect.retry(fickle, { times: failures })
})

const timers = Effect.fnUntraced(function* (n: number) {
  const tasks = []
  for (const deadline of deadlines(n)) tasks.push(yield* asyncio.createTask(asyncio.sleep(deadline)))
  yield* joinAll(tasks)
})

/** A task that waits for a task that waits, and so on, down to one that calls `ready` and sleeps. */
const link = (depth: number, ready: () => void): Effect.Effect<void, asyncio.CancelledError> =>
  Effect.gen(function* () {
    if (depth === 1) ready()
    yield* depth === 1 ? sleepLong : yield* asyncio.createTask(link(depth - 1, ready))
  })

const cancelChains = Effect.fnUntraced(function* (n: number, depth: number, probe: Probe) {
  const outermost = []
  let ready = 0
  for (let left = n; left > 0; left -= depth) {
    outermost.push(yield* asyncio.createTask(link(Math.min(depth, left), () => ready++)))
  }
  while (ready < outermost.length) yield* asyncio.sleep(0)
  probe.start()
  yield* asyncio.cancelAndWait(outermost)
  probe.stop()
})

const node = (depth: number, fails: boolean): Effect.Effect<void, unknown> => {
  if (depth === 0) return fails ? Effect.andThen(asyncio.sleep(0), Effect.fail("leaf")) : sleepLong
  return asyncio.taskGroup(
    Effect.fnUntraced(function* (group: asyncio.TaskGroup) {
      yield* group.createTask(node(depth - 1, false))
      yield* group.createTask(node(depth - 1, fails))
    })
  )
}

const branch = (depth: number): Effect.Effect<void> => {
  if (depth === 0) return iteration
  const group = asyncio.taskGroup(
    Effect.fnUntraced(function* (group: asyncio.TaskGroup) {
      yield* group.createTask(branch(depth - 1))
      yield* group.createTask(branch(depth - 1))
    })
  )
  return Effect.orDie(group)
}

const currentTask = Effect.fnUntraced(function* (n: number) {
  for (let i = 0; i < n; i++) yield* asyncio.currentTask
})

const frame: (depth: number) => Effect.Effect<unknown> = Effect.fnUntraced(function* (depth: number) {
  return depth === 0 ? yield* asyncio.currentTask : yield* frame(depth - 1)
})

const currentTaskDeep = Effect.fnUntraced(function* (n: number, depth: number) {
  for (let i = 0; i < n; i++) yield* frame(depth)
})

const waitForInTime = Effect.fnUntraced(function* (n: number) {
  for (let i = 0; i < n; i++) yield* asyncio.waitFor(asyncio.sleep(0), hour)
})

const waitForExpires = Effect.fnUntraced(function* (n: number) {
  const late = Effect.catchTag(asyncio.waitFor(sleepLong, 1), "TimeoutError", () => Effect.void)
  yield* joinAll(yield* createMany(n, late))
})

/** Runs `body` while `tasks` tasks do nothing but take steps. */
const beside = Effect.fnUntraced(function* <A>(tasks: number, body: Effect.Effect<A>) {
  const state = { over: false }
  const spin = Effect.fnUntraced(function* () {
    while (!state.over) yield* asyncio.sleep(0)
  })
  const spinners = yield* createMany(tasks, spin())
  const result = yield* body
  state.over = true
  yield* joinAll(spinners)
  return result
})

const timerLateness = Effect.fnUntraced(function* (n: number) {
  const samples: Array<number> = []
  for (let i = 0; i < n; i++) {
    const due = performance.now() + 1
    yield* asyncio.sleep(1)
    samples.push(performance.now() - due)
  }
  return samples
})

const requestLatency = Effect.fnUntraced(function* (n: number, client: Client) {
  const samples: Array<number> = []
  for (let i = 0; i < n; i++) {
    const sent = performance.now()
    yield* request(client)
    samples.push(performance.now() - sent)
  }
  return samples
})

const until = Effect.fnUntraced(function* (reached: () => boolean) {
  while (!reached()) yield* asyncio.sleep(0)
})

const callGraph = Effect.fnUntraced(function* (n: number, probe: Probe) {
  const sleepers = yield* suspended(n, sleepLong)
  const waiters: Array<asyncio.Task<void, unknown>> = []
  for (const sleeper of sleepers) waiters.push(yield* asyncio.createTask(Effect.suspend(() => sleeper)))
  yield* asyncio.sleep(0)
  probe.start()
  for (const sleeper of sleepers) yield* asyncio.formatCallGraph(sleeper)
  probe.stop()
  yield* asyncio.cancelAndWait([...sleepers, ...waiters])
})

const removeDoneCallback = Effect.fnUntraced(function* (n: number, probe: Probe) {
  const future = (yield* asyncio.getRunningLoop).createFutureUnsafe<void>()
  const callbacks = Array.from({ length: n }, () => () => {})
  for (const callback of callbacks) future.addDoneCallbackUnsafe(callback)
  const picked = spread(callbacks)
  probe.start()
  for (const callback of picked) future.removeDoneCallbackUnsafe(callback)
  probe.stop()
  future.cancelUnsafe()
})

export const peer: Peer = {
  versions: { "@effect-asyncio/core": "this tree", effect: versionOf("effect") },
  programs: {
    createAndAwait: (n) => asyncio.run(createAndAwait(n)),
    createThenAwait: (n) => asyncio.run(Effect.flatMap(createMany(n, one()), joinAll)),
    gather: async (n) => void (await asyncio.run(asyncio.gather(Array.from({ length: n }, () => iteration)))),
    taskGroup: (n) =>
      asyncio.run(
        asyncio.taskGroup(
          Effect.fnUntraced(function* (group: asyncio.TaskGroup) {
            for (let i = 0; i < n; i++) yield* group.createTask(iteration)
          })
        )
      ),
    sleepZero: (n) => asyncio.run(steps(n)),
    sleepZeroInMany: (n, _, { tasks }) =>
      asyncio.run(Effect.flatMap(createMany(tasks, steps(Math.ceil(n / tasks))), joinAll)),
    queue: (n, _, { limit, tasks }) => asyncio.run(handOver(n, tasks, limit)),
    lock: (n, _, { tasks }) =>
      asyncio.run(Effect.flatMap(asyncio.Lock.make(), (lock) => contend(n, tasks, lock.use(asyncio.sleep(0))))),
    semaphore: (n, _, { limit, tasks }) =>
      asyncio.run(
        Effect.flatMap(asyncio.Semaphore.make(limit), (semaphore) => contend(n, tasks, semaphore.use(asyncio.sleep(0))))
      ),
    pool: (n, _, { limit }) => asyncio.run(pool(n, limit)),
    poolOfWorkers: (n, _, { limit }) => asyncio.run(workers(n, limit, iteration)),
    mapTasks: (n, _, { limit }) =>
      asyncio.run(asyncio.mapTasks(jobsOf(n), jobDone, { concurrency: limit })).then(() => {}),
    pipeline: (n, _, { limit }) => asyncio.run(pipeline(n, limit)),
    httpFanOut: (n) => withClient((client) => asyncio.run(fanOut(n, client))),
    requestLatency: (n, _, { tasks }) => withClient((client) => asyncio.run(beside(tasks, requestLatency(n, client)))),
    heartbeats: (n, _, { tasks }) => asyncio.run(heartbeats(n, Math.min(n, tasks))),
    retry: (n) => asyncio.run(Effect.orDie(attempts(n))),
    timers: (n) => asyncio.run(timers(n)),
    cancelSleepers: (n, probe) =>
      asyncio.run(
        Effect.gen(function* () {
          const tasks = yield* suspended(n, sleepLong)
          probe.start()
          yield* asyncio.cancelAndWait(tasks)
          probe.stop()
        })
      ),
    cancelChain: (n, probe, { depth }) => asyncio.run(cancelChains(n, depth, probe)),
    tree: (n) => asyncio.run(branch(depthOfTree(n))),
    failingTree: async (n) => void (await asyncio.run(Effect.exit(node(depthOfTree(n), true)))),
    currentTask: (n) => asyncio.run(currentTask(n)),
    currentTaskDeep: (n, _, { depth }) => asyncio.run(currentTaskDeep(n, depth)),
    waitForInTime: (n) => asyncio.run(Effect.orDie(waitForInTime(n))),
    waitForExpires: (n) => asyncio.run(waitForExpires(n)),
    sleepers: (n, probe) =>
      asyncio.run(
        Effect.gen(function* () {
          const tasks = yield* suspended(n, sleepLong)
          probe.hold()
          yield* asyncio.cancelAndWait(tasks)
        })
      ),
    callGraph: (n, probe) => asyncio.run(callGraph(n, probe)),
    snapshot: (n, probe) =>
      asyncio.run(
        Effect.gen(function* () {
          const tasks = yield* suspended(n, sleepLong)
          const loop = yield* asyncio.getRunningLoop
          probe.start()
          loop.snapshot()
          probe.stop()
          yield* asyncio.cancelAndWait(tasks)
        })
      ),
    timerLateness: (n, _, { tasks }) => asyncio.run(beside(tasks, timerLateness(n))),
    hostLateness: (n, _, { tasks }) => hostEvents(n, (reached) => asyncio.run(beside(tasks, until(reached)))),
    cancelOne: (n, probe) => asyncio.run(Effect.flatMap(suspended(n, sleepLong), (tasks) => cancelEach(tasks, probe))),
    cancelLockWaiter: (n, probe) =>
      asyncio.run(
        Effect.gen(function* () {
          const lock = yield* asyncio.Lock.make()
          yield* lock.acquire
          yield* cancelEach(yield* suspended(n, lock.acquire), probe)
        })
      ),
    cancelQueueWaiter: (n, probe) =>
      asyncio.run(
        Effect.gen(function* () {
          const queue = yield* asyncio.Queue.make<number>()
          yield* cancelEach(yield* suspended(n, queue.get), probe)
        })
      ),
    removeDoneCallback: (n, probe) => asyncio.run(removeDoneCallback(n, probe)),
    forkLoop: (n) => asyncio.run(Effect.andThen(createMany(n, Effect.void), iteration))
  }
}
