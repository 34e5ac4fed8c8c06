/**
 * The limit of compat: an async function, an `AsyncLocalStorage` frame of its own, a thenable, an array as queue, and the
 * microtasks that the engine needs for each step. A step's end is seen by what it does last: it waits for the next thing, or is over.
 */
import { AsyncLocalStorage } from "node:async_hooks"
import { onlyFor, type Peer } from "../src/peer.ts"
import { Ring } from "./ring.ts"

const storage = new AsyncLocalStorage<FloorTask>()

class FloorTask implements PromiseLike<void> {
  readonly body: () => Promise<unknown>
  done = false
  waiter: (() => void) | undefined = undefined

  constructor(body: () => Promise<unknown>) {
    this.body = body
  }

  // oxlint-disable-next-line unicorn/no-thenable -- this is what an await of a task costs at least
  then<A, B>(resolve: ((value: void) => A | PromiseLike<A>) | null): PromiseLike<A | B> {
    if (this.done) ready.push(resolve as () => void)
    else this.waiter = resolve as () => void
    runNext()
    return undefined as never
  }
}

const ready = new Ring<FloorTask | (() => void)>()

/** Runs what is next in the queue, if there is anything; its end runs the next one. */
const runNext = (): void => {
  const first = ready.shift()
  if (first instanceof FloorTask) begin(first)
  else first?.()
}

const begin = (task: FloorTask): void => {
  const end = () => {
    task.done = true
    if (task.waiter !== undefined) ready.push(task.waiter)
    runNext()
  }
  storage.run(task, task.body).then(end, end)
}

const createTask = (body: () => Promise<unknown>): FloorTask => {
  const task = new FloorTask(body)
  ready.push(task)
  return task
}

const iteration: PromiseLike<void> = {
  // oxlint-disable-next-line unicorn/no-thenable -- this is what an iteration costs at least
  then(resolve) {
    ready.push(resolve as () => void)
    runNext()
    return undefined as never
  }
}

const run = (main: () => Promise<unknown>): Promise<void> =>
  new Promise((resolve, reject) => {
    createTask(() => main().then(() => resolve(), reject))
    runNext()
  })

const one = async () => 1

const steps = async (n: number) => {
  for (let i = 0; i < n; i++) await iteration
}

const joinAll = async (tasks: ReadonlyArray<FloorTask>) => {
  for (const task of tasks) await task
}

const createMany = (n: number, body: () => Promise<unknown>) => Array.from({ length: n }, () => createTask(body))

const child = async () => {
  await iteration
  return 1
}

const worker = async (jobs: { left: number }) => {
  for (;;) {
    if (jobs.left === 0) return
    jobs.left--
    await iteration
  }
}

export const peer: Peer = {
  versions: { node: process.version },
  programs: onlyFor("the floor has nothing but tasks and steps", {
    createAndAwait: (n) =>
      run(async () => {
        for (let i = 0; i < n; i++) await createTask(one)
      }),
    createThenAwait: (n) => run(() => joinAll(createMany(n, one))),
    gather: (n) => run(() => joinAll(createMany(n, child))),
    taskGroup: (n) => run(() => joinAll(createMany(n, child))),
    poolOfWorkers: (n, _, { limit }) => {
      const jobs = { left: n }
      return run(() => joinAll(createMany(limit, () => worker(jobs))))
    },
    sleepZero: (n) => run(() => steps(n)),
    sleepZeroInMany: (n, _, { tasks }) => run(() => joinAll(createMany(tasks, () => steps(Math.ceil(n / tasks)))))
  })
}
