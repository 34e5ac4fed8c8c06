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

const turn: Effect.Effect<void> = Effect.withFiber(() => {
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

const turns = Effect.fnUntraced(function* (n: number) {
  for (let i = 0; i < n; i++) yield* turn
})

const createAndAwait = Effect.fnUntraced(function* (n: number) {
  for (let i = 0; i < n; i++) yield* join(createTask(one()))
})

const joinAll = Effect.fnUntraced(function* (make: () => ReadonlyArray<FloorTask>) {
  for (const task of make()) yield* join(task)
})

const createMany = (n: number, effect: () => Effect.Effect<unknown>) => () =>
  Array.from({ length: n }, () => createTask(effect()))

export const peer: Peer = {
  versions: { effect: versionOf("effect") },
  programs: onlyFor("the floor has nothing but tasks and turns", {
    createAndAwait: (n) => run(createAndAwait(n)),
    createThenAwait: (n) => run(joinAll(createMany(n, one))),
    sleepZero: (n) => run(turns(n)),
    sleepZeroInMany: (n, _, { tasks }) => run(joinAll(createMany(tasks, () => turns(Math.ceil(n / tasks)))))
  })
}
