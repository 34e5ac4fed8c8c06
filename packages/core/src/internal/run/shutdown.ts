/**
 * The end of a loop: what is left on it is cancelled and awaited, in rounds, because cleanup may make more.
 *
 * First the tasks. When none is left, what their code has left in flight (aftermath.ts). Then the plain fibers of the loop that wait for something of it, such as those of
 * `Effect.forkDetach`, are interrupted and awaited: nothing would ever wake them. What waits for something else goes on
 * without the loop.
 */
import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import type { AnyFiber } from "../model/AnyFiber.ts"
import { cancelLeftovers, leftoversSettled } from "../task/aftermath.ts"
import { askEach } from "../task/cancelWalk.ts"
import type { EventLoopImpl } from "../make/eventLoop.ts"
import { runsFor } from "../task/current.ts"
import { FutureImpl, newSilentRequest } from "../task/future.ts"
import { afterUnref } from "../host/host.ts"
import { TaskImpl } from "../task/task.ts"

// A program that makes a new task whenever one is cancelled comes to no end. The tasks that are left then are reported.
const mostRounds = 100
// CPython's loop goes on for so many iterations after the last task, to shut down its generators and its threads. What main has
// put on the loop at last, a fiber that is to begin for one, does so then.
const lastIterations = 4
// When to say what keeps the program from ending, in milliseconds.
const patience = 10_000

export class Shutdown {
  readonly #loop: EventLoopImpl
  // The fiber in which the loop ends, if it is one: to wait for its task would be to wait for ourselves.
  readonly #within: AnyFiber | undefined
  #tasks: ReadonlyArray<TaskImpl> = []
  #fibers: ReadonlyArray<AnyFiber> = []
  #rounds = 0
  #iterations = 0
  #stopWaiting: (() => void) | undefined = undefined

  constructor(loop: EventLoopImpl, within?: AnyFiber) {
    this.#loop = loop
    this.#within = within
    cancelLeftovers(loop)
  }

  /** Begins the next round, which is over when the future is done; undefined when the loop can be closed. */
  next(): FutureImpl<void, never> | undefined {
    reportFailed(this.#loop, this.#tasks)
    this.#tasks = this.#left()
    if (this.#rounds >= mostRounds) return undefined
    const round = this.#begin()
    if (round === undefined)
      return this.#loop.hasReady() && this.#iterations++ < lastIterations ? doneFuture(this.#loop) : undefined
    this.#rounds++
    this.#stopWaiting ??= afterUnref(patience, () => this.#reportLong())
    return round
  }

  #begin(): FutureImpl<void, never> | undefined {
    if (this.#tasks.length > 0) return cancelAll(this.#loop, this.#tasks)
    const settled = leftoversSettled(this.#loop)
    if (settled !== undefined) return settled
    this.#fibers = this.#waiting()
    return this.#fibers.length > 0 ? interruptAll(this.#loop, this.#fibers) : undefined
  }

  /** What the round under way waits for, if that is tasks. */
  get tasks(): ReadonlyArray<TaskImpl> {
    return this.#tasks
  }

  /** To be called when no further round is begun. */
  end(): void {
    this.#stopWaiting?.()
  }

  #left(): ReadonlyArray<TaskImpl> {
    const within = this.#within
    const tasks = this.#loop.allTasksUnsafe()
    return within === undefined ? tasks : tasks.filter((task) => !runsFor(within, task))
  }

  /** The fibers that wait for what will not come any more. A task that is left is that of the fiber in which the loop ends. */
  #waiting(): ReadonlyArray<AnyFiber> {
    const waits = this.#loop.plainWaits.toArray()
    const ours = waits.filter((wait) => wait.inside && !(wait.future instanceof TaskImpl))
    return [...new Set(ours.map((wait) => wait.fiber))]
  }

  #reportLong(): void {
    for (const task of this.#tasks) {
      if (task.done()) continue
      const context = {
        // When: main ended, and a task that was left goes on for ten seconds after it was cancelled. The run waits for it.
        message: "Task has not ended since it was cancelled at the end of the run",
        hint: "Look at what its cleanup waits for, and whether it catches the CancelledError and goes on.",
        task: task.getStack().length > 0 ? task.formatStack() : String(task)
      }
      this.#loop.callExceptionHandlerUnsafe(context, task.base)
    }
    for (const name of this.#loop.leftovers?.names() ?? []) {
      this.#loop.callExceptionHandlerUnsafe({
        // When: code that no task awaits goes on for ten seconds after main ended and it was cancelled. The run waits for it.
        message: `code of ${name} that nobody awaits has not ended since it was cancelled at the end of the run`,
        hint: "Look at what its cleanup waits for, and whether it catches the CancelledError and goes on."
      })
    }
    for (const fiber of this.#fibers) {
      if (fiber.pollUnsafe() !== undefined) continue
      this.#loop.callExceptionHandlerUnsafe({
        // When: a detached fiber goes on for ten seconds after main ended and it was interrupted. The run waits for it.
        message: `Fiber #${fiber.id} has not ended since it was interrupted at the end of the run`,
        hint: "Look at its finalizers, and at what it does in `Effect.uninterruptible`."
      })
    }
  }
}

const doneFuture = (loop: EventLoopImpl): FutureImpl<void, never> => {
  const done = new FutureImpl<void, never>(loop)
  done.setResultUnsafe()
  return done
}

/** Interrupts fibers; the future is done when the last of them has ended. */
const interruptAll = (loop: EventLoopImpl, fibers: ReadonlyArray<AnyFiber>): FutureImpl<void, never> => {
  const allDone = new FutureImpl<void, never>(loop)
  let left = fibers.length
  for (const fiber of fibers) {
    fiber.addObserver(() => {
      if (--left === 0) allDone.setResultUnsafe()
    })
  }
  for (const fiber of fibers) fiber.interruptUnsafe()
  return allDone
}

/** Asks tasks to cancel themselves; the future is done one iteration after the last of them, as a gather's would be. */
const cancelAll = (loop: EventLoopImpl, tasks: ReadonlyArray<TaskImpl>): FutureImpl<void, never> => {
  askEach(tasks, newSilentRequest(loop, "shutdown", "its run is over"))
  const allDone = new FutureImpl<void, never>(loop)
  let left = tasks.length
  const countDown = () => {
    if (--left === 0) allDone.setResultUnsafe()
  }
  if (left === 0) allDone.setResultUnsafe()
  for (const task of tasks) task.addCallback(countDown, "gather.<locals>._done_callback")
  return allDone
}

/** Reports tasks that failed while they were being cancelled: no code is left to await them. */
const reportFailed = (loop: EventLoopImpl, tasks: ReadonlyArray<TaskImpl>): void => {
  for (const task of tasks) {
    if (task.exit === undefined || task.cancelled()) continue
    const exit = task.retrieve()
    if (Exit.isSuccess(exit)) continue
    const context = {
      // When: a task that was left when main ended failed while it was cancelled.
      message: "unhandled exception during asyncio.run() shutdown",
      hint: "Await or cancel the task before main ends, or look at its cleanup.",
      exception: Cause.squash(exit.cause),
      cause: exit.cause,
      task: String(task)
    }
    loop.callExceptionHandlerUnsafe(context, task.base)
  }
}
