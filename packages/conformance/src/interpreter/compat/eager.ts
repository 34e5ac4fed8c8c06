/**
 * Eager starts. In Python the first step of an eager task is over when the call that made it returns. In JavaScript it is
 * over then only if the function got no further than its first `await`, and suspended there: behind an `await` of something
 * that is there already it goes on in microtasks, which cannot run inside a call.
 *
 * So an async function that starts a task eagerly lets the first step come to its end before it goes on. Where nobody can
 * wait for that (in a callback; inside `gather` and the like, which make several tasks in one call) the script is given up.
 */
import * as asyncio from "@effect-asyncio/compat"

type AnyTask = asyncio.Task<unknown>

// So many microtasks, and a step that is not over never will be.
const patience = 10_000

export class EagerStarts {
  readonly #giveUp: (reason: string) => void
  // Tasks that wait for the next iteration and for nothing else: no snapshot tells.
  readonly #lettingOthersGo = new Set<AnyTask>()
  // Tasks that wait for the first step of one that they have made. In Python their code is on the stack.
  readonly #creators = new Set<unknown>()
  // The next task that is made is one whose creator will wait.
  #creatorWaits = false

  constructor(giveUp: (reason: string) => void) {
    this.#giveUp = giveUp
  }

  /** Waits for something that ends in the next iteration. */
  async letOthersGo<A>(waiting: PromiseLike<A>): Promise<A> {
    const task = asyncio.currentTask()!
    const ended = Promise.resolve(waiting)
    const note = () => this.#lettingOthersGo.add(task)
    // A promise was begun where it was made; anything else is only begun by a microtask, which is in the queue now.
    if (ended === waiting) note()
    else queueMicrotask(note)
    try {
      return await ended
    } finally {
      this.#lettingOthersGo.delete(task)
    }
  }

  /** `eager_task_factory`, for tasks whose creators wait and for those whose first step is over when they are made. */
  readonly factory: asyncio.TaskFactory = (make, options) => {
    const creatorWaits = this.#creatorWaits
    this.#creatorWaits = false
    const task = asyncio.eagerTaskFactory(make, options)
    const isEager = options?.eagerStart !== false
    if (isEager && !creatorWaits && !this.#isOver(task))
      this.#giveUp("the eager start of a task that nobody can wait for")
    return task
  }

  /** Makes a task that starts eagerly, and calls `started` when its first step is over: at once or, where a promise is given, later. */
  start<A>(make: () => asyncio.Task<A>, started: (task: asyncio.Task<A>) => void): void | Promise<void> {
    this.#creatorWaits = true
    let task: asyncio.Task<A>
    try {
      task = make()
    } finally {
      this.#creatorWaits = false
    }
    return this.#isOver(task) ? started(task) : this.#untilOver(task).then(() => started(task))
  }

  #isOver(task: AnyTask): boolean {
    return task.done() || this.#lettingOthersGo.has(task) || task.snapshot().waitingFor !== undefined
  }

  async #untilOver(task: AnyTask): Promise<void> {
    const creator = asyncio.currentTask()
    this.#creators.add(creator)
    for (let left = patience; !this.#isOver(task); left--) {
      if (left === 0) throw new Error(`the first step of ${task} does not end`)
      await Promise.resolve()
    }
    this.#creators.delete(creator)
  }

  /** To be called before `target` is cancelled. A request is taken otherwise where the code of the task is on the stack. */
  beforeCancel(target: unknown): void {
    if (this.#creators.has(target))
      this.#giveUp("the cancellation of a task by one that it starts eagerly, behind an await")
  }
}
