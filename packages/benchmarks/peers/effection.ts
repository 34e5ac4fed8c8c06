/** Effection's operations. It lets nobody else run by itself: `sleep(0)` is a timer, so a macrotask is an action around `setImmediate`. */
import {
  action,
  all,
  createQueue,
  type Operation,
  race,
  run,
  scoped,
  sleep,
  spawn,
  suspend,
  type Task,
  useScope
} from "effection"
import { beat, deadlines, depthOfTree, hour, type Peer, type Probe, spread } from "../src/peer.ts"
import { versionOf } from "../src/versions.ts"
import { hostEvents } from "./hostEvents.ts"

function* one() {
  return 1
}

const macrotask = (): Operation<void> =>
  action<void>((resolve) => {
    const handle = setImmediate(resolve)
    return () => clearImmediate(handle)
  })

const sleepLong = () => sleep(hour)

function* steps(n: number) {
  for (let i = 0; i < n; i++) yield* macrotask()
}

function* spawnMany<T>(n: number, operation: () => Operation<T>): Operation<Array<Task<T>>> {
  const tasks: Array<Task<T>> = []
  for (let i = 0; i < n; i++) tasks.push(yield* spawn(operation))
  return tasks
}

function* joinAll(tasks: Iterable<Task<unknown>>): Operation<void> {
  for (const task of tasks) yield* task
}

function* haltAll(tasks: Iterable<Task<unknown>>): Operation<void> {
  const halts = Array.from(tasks, (task) => task.halt())
  for (const halt of halts) yield* halt
}

function* createAndAwait(n: number) {
  for (let i = 0; i < n; i++) yield* yield* spawn(one)
}

/** A bounded queue of two that are not: whoever takes an item gives a permit back. */
function* handOver(n: number, pairs: number, limit: number) {
  const items = createQueue<number, void>()
  const permits = createQueue<number, void>()
  for (let i = 0; i < limit; i++) permits.add(i)
  const share = Math.ceil(n / pairs)
  const produce = function* () {
    for (let i = 0; i < share; i++) {
      yield* permits.next()
      items.add(i)
    }
  }
  const consume = function* () {
    for (let i = 0; i < share; i++) {
      yield* items.next()
      permits.add(i)
    }
  }
  const producers = yield* spawnMany(pairs, produce)
  const consumers = yield* spawnMany(pairs, consume)
  yield* joinAll([...producers, ...consumers])
}

function* workers(n: number, tasks: number) {
  let left = n
  const work = function* () {
    while (left-- > 0) yield* macrotask()
  }
  yield* joinAll(yield* spawnMany(tasks, work))
}

function* heartbeats(n: number, tasks: number) {
  const beats = Math.ceil(n / tasks)
  const heart = function* () {
    for (let i = 0; i < beats; i++) yield* sleep(beat)
  }
  yield* joinAll(yield* spawnMany(tasks, heart))
}

function* timers(n: number) {
  const tasks: Array<Task<void>> = []
  for (const deadline of deadlines(n)) tasks.push(yield* spawn(() => sleep(deadline)))
  yield* joinAll(tasks)
}

const link = (depth: number, ready: () => void): (() => Operation<void>) =>
  function* () {
    if (depth === 1) ready()
    yield* depth === 1 ? sleepLong() : yield* spawn(link(depth - 1, ready))
  }

function* haltChains(n: number, depth: number, probe: Probe) {
  const outermost: Array<Task<void>> = []
  let ready = 0
  for (let left = n; left > 0; left -= depth) {
    outermost.push(yield* spawn(link(Math.min(depth, left), () => ready++)))
  }
  while (ready < outermost.length) yield* macrotask()
  probe.start()
  yield* haltAll(outermost)
  probe.stop()
}

function* fail(): Operation<void> {
  yield* macrotask()
  throw new RangeError("leaf")
}

const node = (depth: number, fails: boolean): (() => Operation<void>) =>
  function* () {
    if (depth === 0) yield* fails ? fail() : sleepLong()
    else {
      yield* scoped(function* () {
        const left = yield* spawn(node(depth - 1, false))
        const right = yield* spawn(node(depth - 1, fails))
        yield* left
        yield* right
      })
    }
  }

const branch = (depth: number): (() => Operation<void>) =>
  function* () {
    if (depth === 0) yield* macrotask()
    else {
      yield* scoped(function* () {
        const left = yield* spawn(branch(depth - 1))
        const right = yield* spawn(branch(depth - 1))
        yield* left
        yield* right
      })
    }
  }

function* frame(depth: number): Operation<unknown> {
  return depth === 0 ? yield* useScope() : yield* frame(depth - 1)
}

function* late(): Operation<void> {
  yield* race([suspend(), sleep(1)])
}

/** Runs `body` while `tasks` tasks do nothing but take steps. */
function* beside<A>(tasks: number, body: () => Operation<A>): Operation<A> {
  const state = { over: false }
  const spinners = yield* spawnMany(tasks, function* () {
    while (!state.over) yield* macrotask()
  })
  const result = yield* body()
  state.over = true
  yield* joinAll(spinners)
  return result
}

function* timerLateness(n: number) {
  const samples: Array<number> = []
  for (let i = 0; i < n; i++) {
    const due = performance.now() + 1
    yield* sleep(1)
    samples.push(performance.now() - due)
  }
  return samples
}

export const peer: Peer = {
  versions: { effection: versionOf("effection") },
  programs: {
    createAndAwait: (n) => run(() => createAndAwait(n)),
    createThenAwait: (n) =>
      run(function* () {
        yield* joinAll(yield* spawnMany(n, one))
      }),
    gather: (n) =>
      run(function* () {
        yield* all(Array.from({ length: n }, macrotask))
      }),
    taskGroup: (n) =>
      run(() =>
        scoped(function* () {
          yield* joinAll(yield* spawnMany(n, macrotask))
        })
      ),
    sleepZero: (n) => run(() => steps(n)),
    sleepZeroInMany: (n, _, { tasks }) =>
      run(function* () {
        yield* joinAll(yield* spawnMany(tasks, () => steps(Math.ceil(n / tasks))))
      }),
    queue: (n, _, { limit, tasks }) => run(() => handOver(n, tasks, limit)),
    lock: "it has no lock",
    semaphore: "it has no semaphore",
    pool: "it has no pool",
    mapTasks: "it has no pool",
    poolOfWorkers: (n, _, { limit }) => run(() => workers(n, limit)),
    pipeline: "its queues have no bound",
    httpFanOut: "measured for tasks",
    requestLatency: "measured for tasks",
    heartbeats: (n, _, { tasks }) => run(() => heartbeats(n, Math.min(n, tasks))),
    retry: "measured for tasks",
    timers: (n) => run(() => timers(n)),
    cancelSleepers: (n, probe) =>
      run(function* () {
        const tasks = yield* spawnMany(n, sleepLong)
        yield* macrotask()
        probe.start()
        yield* haltAll(tasks)
        probe.stop()
      }),
    cancelChain: (n, probe, { depth }) => run(() => haltChains(n, depth, probe)),
    tree: (n) => run(branch(depthOfTree(n))),
    failingTree: async (n) => await run(node(depthOfTree(n), true)).catch(() => undefined),
    currentTask: (n) =>
      run(function* () {
        for (let i = 0; i < n; i++) yield* useScope()
      }),
    currentTaskDeep: (n, _, { depth }) =>
      run(function* () {
        for (let i = 0; i < n; i++) yield* frame(depth)
      }),
    waitForInTime: (n) =>
      run(function* () {
        for (let i = 0; i < n; i++) yield* race([macrotask(), sleep(hour)])
      }),
    waitForExpires: (n) =>
      run(function* () {
        yield* joinAll(yield* spawnMany(n, late))
      }),
    sleepers: (n, probe) =>
      run(function* () {
        const tasks = yield* spawnMany(n, sleepLong)
        yield* macrotask()
        probe.hold()
        yield* haltAll(tasks)
      }),
    callGraph: "a task does not say whom it waits for",
    snapshot: "tasks cannot be listed",
    timerLateness: (n, _, { tasks }) => run(() => beside(tasks, () => timerLateness(n))),
    hostLateness: (n, _, { tasks }) =>
      hostEvents(n, (reached) =>
        run(() =>
          beside(tasks, function* () {
            while (!reached()) yield* macrotask()
          })
        )
      ),
    cancelOne: (n, probe) =>
      run(function* () {
        const tasks = yield* spawnMany(n, sleepLong)
        yield* macrotask()
        const picked = spread(tasks)
        probe.start()
        for (const task of picked) yield* task.halt()
        probe.stop()
        yield* haltAll(tasks)
      }),
    cancelLockWaiter: "it has no lock",
    cancelQueueWaiter: (n, probe) =>
      run(function* () {
        const queue = createQueue<number, void>()
        const tasks = yield* spawnMany(n, () => queue.next())
        yield* macrotask()
        const picked = spread(tasks)
        probe.start()
        for (const task of picked) yield* task.halt()
        probe.stop()
        yield* haltAll(tasks)
      }),
    removeDoneCallback: "a task's promise cannot be unsubscribed from",
    forkLoop: (n) =>
      run(function* () {
        for (let i = 0; i < n; i++) void (yield* spawn(one))
      })
  }
}
