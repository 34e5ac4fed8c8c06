/**
 * The limit of what JavaScript can do: generators on two arrays, no promises, no cancellation, no names, no errors. A task
 * yields nothing to let others go first, or another task to wait for it.
 */
import { onlyFor, type Peer } from "../src/peer.ts"

type Steps<A = void> = Generator<FloorTask | undefined, A, unknown>

class FloorTask {
  readonly steps: Steps<unknown>
  result: unknown = undefined
  done = false
  waiter: FloorTask | undefined = undefined

  constructor(steps: Steps<unknown>) {
    this.steps = steps
  }
}

let ready: Array<FloorTask> = []
let next: Array<FloorTask> = []

const createTask = (steps: Steps<unknown>): FloorTask => {
  const task = new FloorTask(steps)
  next.push(task)
  return task
}

const step = (task: FloorTask): void => {
  const { done, value } = task.steps.next()
  if (done === true) {
    task.done = true
    task.result = value
    if (task.waiter !== undefined) next.push(task.waiter)
  } else if (value === undefined || value.done) {
    next.push(task)
  } else {
    value.waiter = task
  }
}

const run = async (main: Steps): Promise<void> => {
  createTask(main)
  while (next.length > 0) {
    const iteration = next
    next = ready
    ready = iteration
    for (const task of iteration) step(task)
    iteration.length = 0
  }
}

function* one(): Steps<number> {
  return 1
}

function* steps(n: number): Steps {
  for (let i = 0; i < n; i++) yield undefined
}

function* createAndAwait(n: number): Steps {
  for (let i = 0; i < n; i++) yield createTask(one())
}

function* joinAll(tasks: Iterable<FloorTask>): Steps {
  for (const task of tasks) if (!task.done) yield task
}

export const peer: Peer = {
  versions: { node: process.version },
  programs: onlyFor("the floor has nothing but tasks and steps", {
    createAndAwait: (n) => run(createAndAwait(n)),
    createThenAwait: (n) => run(joinAll(Array.from({ length: n }, () => createTask(one())))),
    sleepZero: (n) => run(steps(n)),
    sleepZeroInMany: (n, _, { tasks }) =>
      run(joinAll(Array.from({ length: tasks }, () => createTask(steps(Math.ceil(n / tasks))))))
  })
}
