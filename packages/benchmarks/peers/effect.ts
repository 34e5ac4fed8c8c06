/** Effect's own fibers, without names, listing or cancellation that can be caught. */
import { Effect, Fiber, FiberSet, Queue, Semaphore } from "effect"
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

const sleepLong = Effect.sleep(hour)

const steps = Effect.fnUntraced(function* (n: number) {
  for (let i = 0; i < n; i++) yield* Effect.yieldNow
})

const forkMany = Effect.fnUntraced(function* <A, E>(n: number, effect: Effect.Effect<A, E>) {
  const fibers: Array<Fiber.Fiber<A, E>> = []
  for (let i = 0; i < n; i++) fibers.push(yield* Effect.forkChild(effect))
  return fibers
})

const joinAll = Effect.fnUntraced(function* <A, E>(fibers: Iterable<Fiber.Fiber<A, E>>) {
  for (const fiber of fibers) yield* Fiber.join(fiber)
})

/** Fibers that have begun to sleep, or to wait for what `effect` waits for. */
const suspended = Effect.fnUntraced(function* <A, E>(n: number, effect: Effect.Effect<A, E>) {
  const fibers = yield* forkMany(n, effect)
  yield* Effect.yieldNow
  return fibers
})

/** Interrupts one after the other, each time until it is done. */
const interruptEach = Effect.fnUntraced(function* <A, E>(fibers: ReadonlyArray<Fiber.Fiber<A, E>>, probe: Probe) {
  const picked = spread(fibers)
  probe.start()
  for (const fiber of picked) yield* Fiber.interrupt(fiber)
  probe.stop()
  yield* Fiber.interruptAll(fibers)
})

const createAndAwait = Effect.fnUntraced(function* (n: number) {
  for (let i = 0; i < n; i++) yield* Fiber.join(yield* Effect.forkChild(one()))
})

const group = Effect.fnUntraced(function* (n: number) {
  const fibers = yield* FiberSet.make()
  for (let i = 0; i < n; i++) yield* FiberSet.run(fibers, Effect.yieldNow)
  yield* FiberSet.awaitEmpty(fibers)
}, Effect.scoped)

const handOver = Effect.fnUntraced(function* (n: number, pairs: number, capacity: number) {
  const queue = yield* Queue.bounded<number>(capacity)
  const share = Math.ceil(n / pairs)
  const produce = Effect.fnUntraced(function* () {
    for (let i = 0; i < share; i++) yield* Queue.offer(queue, i)
  })
  const consume = Effect.fnUntraced(function* () {
    for (let i = 0; i < share; i++) yield* Queue.take(queue)
  })
  const producers = yield* forkMany(pairs, produce())
  const consumers = yield* forkMany(pairs, consume())
  yield* joinAll([...producers, ...consumers])
})

const contend = Effect.fnUntraced(function* (n: number, tasks: number, permits: number) {
  const semaphore = yield* Semaphore.make(permits)
  const share = Math.ceil(n / tasks)
  const worker = Effect.fnUntraced(function* () {
    for (let i = 0; i < share; i++) yield* semaphore.withPermit(Effect.yieldNow)
  })
  yield* joinAll(yield* forkMany(tasks, worker()))
})

/** `n` fibers that want one of `permits` permits each. */
const pool = Effect.fnUntraced(function* (n: number, permits: number) {
  const semaphore = yield* Semaphore.make(permits)
  yield* joinAll(yield* forkMany(n, semaphore.withPermit(Effect.yieldNow)))
})

/** Fibers that take the next of `n` jobs until there is none. */
const workers = Effect.fnUntraced(function* (n: number, fibers: number, job: Effect.Effect<void>) {
  let left = n
  const work = Effect.fnUntraced(function* () {
    while (left-- > 0) yield* job
  })
  yield* joinAll(yield* forkMany(fibers, work()))
})

/** Three stages, each a fiber that takes from one queue and offers to the next. */
const pipeline = Effect.fnUntraced(function* (n: number, capacity: number) {
  const queues: Array<Queue.Queue<number>> = []
  for (let i = 0; i < 4; i++) queues.push(yield* Queue.bounded<number>(capacity))
  const stage = Effect.fnUntraced(function* (from: Queue.Queue<number>, to: Queue.Queue<number>) {
    for (let i = 0; i < n; i++) yield* Queue.offer(to, (yield* Queue.take(from)) + 1)
  })
  const fibers = []
  for (let i = 0; i < 3; i++) fibers.push(yield* Effect.forkChild(stage(queues[i]!, queues[i + 1]!)))
  const feed = Effect.fnUntraced(function* () {
    for (let i = 0; i < n; i++) yield* Queue.offer(queues[0]!, i)
  })
  fibers.push(yield* Effect.forkChild(feed()))
  for (let i = 0; i < n; i++) yield* Queue.take(queues[3]!)
  yield* joinAll(fibers)
})

const request = (client: Client): Effect.Effect<void> =>
  Effect.callback<void>((resume) => {
    const giveUp = client.get((error) => resume(error === undefined ? Effect.void : Effect.die(error)))
    return Effect.sync(giveUp)
  })

const fanOut = (n: number, client: Client) =>
  workers(n, Math.min(n, inFlight), Effect.orDie(Effect.timeout(request(client), patience)))

const heartbeats = Effect.fnUntraced(function* (n: number, fibers: number) {
  const beats = Math.ceil(n / fibers)
  const heart = Effect.fnUntraced(function* () {
    for (let i = 0; i < beats; i++) yield* Effect.sleep(beat)
  })
  yield* joinAll(yield* forkMany(fibers, heart()))
})

const attempts = Effect.fnUntraced(function* (n: number) {
  let attempt = 0
  const fickle = Effect.andThen(
    Effect.yieldNow,
    Effect.suspend(() => (attempt++ % (failures + 1) < failures ? Effect.fail("again") : Effect.void))
  )
  for (let i = 0; i < n; i++) yield* Effect.retry(fickle, { times: failures })
})

const timers = Effect.fnUntraced(function* (n: number) {
  const fibers = []
  for (const deadline of deadlines(n)) fibers.push(yield* Effect.forkChild(Effect.sleep(deadline)))
  yield* joinAll(fibers)
})

/** A fiber that waits for its child that waits, and so on, down to one that calls `ready` and sleeps. */
const link = (depth: number, ready: () => void): Effect.Effect<void> =>
  Effect.gen(function* () {
    if (depth === 1) ready()
    yield* depth === 1 ? sleepLong : Fiber.join(yield* Effect.forkChild(link(depth - 1, ready)))
  })

const interruptChains = Effect.fnUntraced(function* (n: number, depth: number, probe: Probe) {
  const outermost = []
  let ready = 0
  for (let left = n; left > 0; left -= depth) {
    outermost.push(yield* Effect.forkChild(link(Math.min(depth, left), () => ready++)))
  }
  while (ready < outermost.length) yield* Effect.yieldNow
  probe.start()
  yield* Fiber.interruptAll(outermost)
  probe.stop()
})

const node = (depth: number, fails: boolean): Effect.Effect<void, string> => {
  if (depth === 0) return fails ? Effect.andThen(Effect.yieldNow, Effect.fail("leaf")) : sleepLong
  const children = Effect.suspend(() =>
    Effect.all([node(depth - 1, false), node(depth - 1, fails)], { concurrency: "unbounded", discard: true })
  )
  return children
}

const branch = (depth: number): Effect.Effect<void> => {
  if (depth === 0) return Effect.yieldNow
  const children = Effect.gen(function* () {
    const fibers = yield* FiberSet.make()
    yield* FiberSet.run(fibers, branch(depth - 1))
    yield* FiberSet.run(fibers, branch(depth - 1))
    yield* FiberSet.awaitEmpty(fibers)
  })
  return Effect.scoped(children)
}

const currentFiber = Effect.fnUntraced(function* (n: number) {
  for (let i = 0; i < n; i++) yield* Effect.fiber
})

const frame: (depth: number) => Effect.Effect<unknown> = Effect.fnUntraced(function* (depth: number) {
  return depth === 0 ? yield* Effect.fiber : yield* frame(depth - 1)
})

const currentFiberDeep = Effect.fnUntraced(function* (n: number, depth: number) {
  for (let i = 0; i < n; i++) yield* frame(depth)
})

const timeoutInTime = Effect.fnUntraced(function* (n: number) {
  for (let i = 0; i < n; i++) yield* Effect.timeout(Effect.yieldNow, hour)
})

/** Runs `body` while `tasks` fibers do nothing but take steps. */
const beside = Effect.fnUntraced(function* <A>(tasks: number, body: Effect.Effect<A>) {
  const state = { over: false }
  const spin = Effect.fnUntraced(function* () {
    while (!state.over) yield* Effect.yieldNow
  })
  const spinners = yield* forkMany(tasks, spin())
  const result = yield* body
  state.over = true
  yield* joinAll(spinners)
  return result
})

const timerLateness = Effect.fnUntraced(function* (n: number) {
  const samples: Array<number> = []
  for (let i = 0; i < n; i++) {
    const due = performance.now() + 1
    yield* Effect.sleep(1)
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

const late = Effect.catchTag(Effect.timeout(sleepLong, 1), "TimeoutError", () => Effect.void)

const until = Effect.fnUntraced(function* (reached: () => boolean) {
  while (!reached()) yield* Effect.yieldNow
})

const removeObserver = Effect.fnUntraced(function* (n: number, probe: Probe) {
  const fiber = yield* Effect.forkChild(sleepLong)
  const removers = Array.from({ length: n }, () => fiber.addObserver(() => {}))
  const picked = spread(removers)
  probe.start()
  for (const remove of picked) remove()
  probe.stop()
  yield* Fiber.interrupt(fiber)
})

export const peer: Peer = {
  versions: { effect: versionOf("effect") },
  programs: {
    createAndAwait: (n) => Effect.runPromise(createAndAwait(n)),
    createThenAwait: (n) => Effect.runPromise(Effect.flatMap(forkMany(n, one()), joinAll)),
    gather: async (n) =>
      void (await Effect.runPromise(
        Effect.all(
          Array.from({ length: n }, () => Effect.yieldNow),
          { concurrency: "unbounded" }
        )
      )),
    taskGroup: (n) => Effect.runPromise(group(n)),
    sleepZero: (n) => Effect.runPromise(steps(n)),
    sleepZeroInMany: (n, _, { tasks }) =>
      Effect.runPromise(Effect.flatMap(forkMany(tasks, steps(Math.ceil(n / tasks))), joinAll)),
    queue: (n, _, { limit, tasks }) => Effect.runPromise(handOver(n, tasks, limit)),
    lock: (n, _, { tasks }) => Effect.runPromise(contend(n, tasks, 1)),
    semaphore: (n, _, { limit, tasks }) => Effect.runPromise(contend(n, tasks, limit)),
    pool: (n, _, { limit }) => Effect.runPromise(pool(n, limit)),
    mapTasks: (n, _, { limit }) =>
      Effect.runPromise(
        Effect.asVoid(Effect.forEach(jobsOf(n), (job) => Effect.as(Effect.yieldNow, job), { concurrency: limit }))
      ),
    poolOfWorkers: (n, _, { limit }) => Effect.runPromise(workers(n, limit, Effect.yieldNow)),
    pipeline: (n, _, { limit }) => Effect.runPromise(pipeline(n, limit)),
    httpFanOut: (n) => withClient((client) => Effect.runPromise(fanOut(n, client))),
    requestLatency: (n, _, { tasks }) =>
      withClient((client) => Effect.runPromise(beside(tasks, requestLatency(n, client)))),
    heartbeats: (n, _, { tasks }) => Effect.runPromise(heartbeats(n, Math.min(n, tasks))),
    retry: (n) => Effect.runPromise(Effect.orDie(attempts(n))),
    timers: (n) => Effect.runPromise(timers(n)),
    cancelSleepers: (n, probe) =>
      Effect.runPromise(
        Effect.gen(function* () {
          const fibers = yield* suspended(n, sleepLong)
          probe.start()
          yield* Fiber.interruptAll(fibers)
          probe.stop()
        })
      ),
    cancelChain: (n, probe, { depth }) => Effect.runPromise(interruptChains(n, depth, probe)),
    tree: (n) => Effect.runPromise(branch(depthOfTree(n))),
    failingTree: async (n) => void (await Effect.runPromise(Effect.exit(node(depthOfTree(n), true)))),
    currentTask: (n) => Effect.runPromise(currentFiber(n)),
    currentTaskDeep: (n, _, { depth }) => Effect.runPromise(currentFiberDeep(n, depth)),
    waitForInTime: (n) => Effect.runPromise(timeoutInTime(n)),
    waitForExpires: (n) => Effect.runPromise(Effect.flatMap(forkMany(n, late), joinAll)),
    sleepers: (n, probe) =>
      Effect.runPromise(
        Effect.gen(function* () {
          const fibers = yield* suspended(n, sleepLong)
          probe.hold()
          yield* Fiber.interruptAll(fibers)
        })
      ),
    callGraph: "a fiber does not say whom it waits for",
    snapshot: "fibers cannot be listed",
    timerLateness: (n, _, { tasks }) => Effect.runPromise(beside(tasks, timerLateness(n))),
    hostLateness: (n, _, { tasks }) => hostEvents(n, (reached) => Effect.runPromise(beside(tasks, until(reached)))),
    cancelOne: (n, probe) =>
      Effect.runPromise(Effect.flatMap(suspended(n, sleepLong), (fibers) => interruptEach(fibers, probe))),
    cancelLockWaiter: (n, probe) =>
      Effect.runPromise(
        Effect.gen(function* () {
          const semaphore = yield* Semaphore.make(1)
          yield* semaphore.take(1)
          yield* interruptEach(yield* suspended(n, semaphore.take(1)), probe)
        })
      ),
    cancelQueueWaiter: (n, probe) =>
      Effect.runPromise(
        Effect.gen(function* () {
          const queue = yield* Queue.unbounded<number>()
          yield* interruptEach(yield* suspended(n, Queue.take(queue)), probe)
        })
      ),
    removeDoneCallback: (n, probe) => Effect.runPromise(removeObserver(n, probe)),
    forkLoop: (n) => Effect.runPromise(Effect.andThen(forkMany(n, Effect.void), Effect.yieldNow))
  }
}
