/**
 * The limit of core: Effect's fibers, made, suspended and resumed straight, with an array as queue. No async resource is
 * captured, there is no name, no cancellation and no listing. It uses what Effect's types do not promise, and only to measure.
 */
import { Effect, Exit } from "effect"
import { onlyFor, type Peer } from "../src/peer.ts"
import { versionOf } from "../src/versions.ts"
import { Ring } from "./ring.ts"

interface Straight {
  _yielded: unknown
  runLoop(effect: Effect.Effect<unknown>): unknown
  yieldWith(onResumed: () => void): Effect.Effect<never>
}

class FloorTask {
  readonly fiber: Straight
  /** What it goes on with. */
  next: Effect.Effect<unknown>
  done = false
  waiter: FloorTask | undefined = undefined

  constructor(fiber: Straight, next: Effect.Effect<unknown>) {
    this.fiber = fiber
    this.next = next
  }
}

const model = Effect.runFork(Effect.never)
const FiberImpl = model.constructor as new (context: unknown, interruptible: boolean) => Straight
const context = model.context
const nothing = () => {}
// What a fiber's loop gives back when the fiber has suspended.
const suspended = new FiberImpl(context, true).yieldWith(nothing)

const ready = new Ring<FloorTask>()
let current: FloorTask

const createTask = (effect: Effect.Effect<unknown>): FloorTask => {
  const task = new FloorTask(new FiberImpl(context, true), effect)
  ready.push(task)
  return task
}

const iteration: Effect.Effect<void> = Effect.withFiber(() => {
  ready.push(current)
  return current.fiber.yieldWith(nothing)
})

const join = (task: FloorTask): Effect.Effect<void> =>
  Effect.withFiber(() => {
    if (task.done) return Exit.void
    task.waiter = current
    return current.fiber.yieldWith(nothing)
  })

const step = (task: FloorTask): void => {
  current = task
  const { fiber } = task
  fiber._yielded = undefined
  const end = fiber.runLoop(task.next)
  task.next = Exit.void
  if (end === suspended) return
  task.done = true
  if (task.waiter !== undefined) ready.push(task.waiter)
}

const run = async (main: Effect.Effect<unknown>): Promise<void> => {
  createTask(main)
  for (let task = ready.shift(); task !== undefined; task = ready.shift()) step(task)
}

const one = Effect.fnUntraced(function* () {
  return 1
})

const steps = Effect.fnUntraced(function* (n: number) {
  for (let i = 0; i < n; i++) yield* iteration
})

const createAndAwait = Effect.fnUntraced(function* (n: number) {
  for (let i = 0; i < n; i++) yield* join(createTask(one()))
})

const joinAll = Effect.fnUntraced(function* (make: () => ReadonlyArray<FloorTask>) {
  for (const task of make()) yield* join(task)
})

const createMany = (n: number, effect: () => Effect.Effect<unknown>) => () =>
  Array.from({ length: n }, () => createTask(effect()))

const child = Effect.fnUntraced(function* () {
  yield* iteration
  return 1
})

const worker = Effect.fnUntraced(function* (jobs: { left: number }) {
  for (;;) {
    if (jobs.left === 0) return
    jobs.left--
    yield* iteration
  }
})

/** Waits until somebody takes the task out of `line`. */
const waitIn = (line: Ring<FloorTask>): Effect.Effect<void> =>
  Effect.withFiber(() => {
    line.push(current)
    return current.fiber.yieldWith(nothing)
  })

const wakeFirst = (line: Ring<FloorTask>): boolean => {
  const first = line.shift()
  if (first !== undefined) ready.push(first)
  return first !== undefined
}

/** `permits` of them are held at a time, each for one iteration. */
const holder = Effect.fnUntraced(function* (state: { free: number }, line: Ring<FloorTask>, times: number) {
  for (let i = 0; i < times; i++) {
    if (state.free > 0) state.free--
    else yield* waitIn(line)
    yield* iteration
    if (!wakeFirst(line)) state.free++
  }
})

const hand = (n: number, tasks: number, permits: number) => {
  const state = { free: permits }
  const line = new Ring<FloorTask>()
  return run(joinAll(createMany(tasks, () => holder(state, line, Math.ceil(n / tasks)))))
}

interface Places {
  readonly items: Ring<number>
  count: number
  readonly getters: Ring<FloorTask>
  readonly putters: Ring<FloorTask>
}

const producer = Effect.fnUntraced(function* (queue: Places, limit: number, times: number) {
  for (let i = 0; i < times; i++) {
    while (queue.count >= limit) yield* waitIn(queue.putters)
    queue.count++
    queue.items.push(i)
    wakeFirst(queue.getters)
  }
})

const consumer = Effect.fnUntraced(function* (queue: Places, times: number) {
  for (let i = 0; i < times; i++) {
    while (queue.count === 0) yield* waitIn(queue.getters)
    queue.count--
    queue.items.shift()
    wakeFirst(queue.putters)
  }
})

const queueOf = (n: number, pairs: number, limit: number) => {
  const queue: Places = { items: new Ring(), count: 0, getters: new Ring(), putters: new Ring() }
  const times = Math.ceil(n / pairs)
  return run(
    joinAll(() => [
      ...createMany(pairs, () => producer(queue, limit, times))(),
      ...createMany(pairs, () => consumer(queue, times))()
    ])
  )
}

export const peer: Peer = {
  versions: { effect: versionOf("effect") },
  programs: onlyFor("the floor has nothing but tasks, steps and queues to wait in", {
    createAndAwait: (n) => run(createAndAwait(n)),
    createThenAwait: (n) => run(joinAll(createMany(n, one))),
    gather: (n) => run(joinAll(createMany(n, child))),
    taskGroup: (n) => run(joinAll(createMany(n, child))),
    poolOfWorkers: (n, _, { limit }) => {
      const jobs = { left: n }
      return run(joinAll(createMany(limit, () => worker(jobs))))
    },
    lock: (n, _, { tasks }) => hand(n, tasks, 1),
    semaphore: (n, _, { limit, tasks }) => hand(n, tasks, limit),
    queue: (n, _, { limit, tasks }) => queueOf(n, tasks, limit),
    sleepZero: (n) => run(steps(n)),
    sleepZeroInMany: (n, _, { tasks }) => run(joinAll(createMany(tasks, () => steps(Math.ceil(n / tasks)))))
  })
}
