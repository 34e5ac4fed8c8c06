/**
 * Observing a loop, for tools that look into a program.
 *
 * @since 0.1.0
 */
import type { Runnable } from "../internal/data/readyQueue.ts"
import type { CancelledError } from "../internal/model/CancelledError.ts"
import type { EventLoop } from "../internal/model/EventLoop.ts"
import type { Task } from "../internal/model/Task.ts"
import { checkCopy } from "../internal/model/copy.ts"
import { addObserver } from "../internal/task/observers.ts"
import type { FutureImpl } from "../internal/task/future.ts"
import { TaskImpl } from "../internal/task/task.ts"
import type { Noted, Observer, TaskLoop } from "../internal/task/taskLoop.ts"

/**
 * What an observer of a loop hears of, in order, in the middle of what happens: it may look, and must not wait, throw, or change
 * anything. What is left out is not heard of.
 *
 * @category models
 * @since 0.1.0
 */
export interface LoopObserver {
  /** A task was made, by the task `by` if one did. */
  readonly created?: ((task: Task<unknown, unknown>, by: Task<unknown, unknown> | undefined) => void) | undefined
  /** A task goes on. */
  readonly stepBegins?: ((task: Task<unknown, unknown>) => void) | undefined
  /** The loop has run a step of the task. What an async function does behind it, in microtasks, belongs to the step all the same. */
  readonly stepEnds?: ((task: Task<unknown, unknown>) => void) | undefined
  /** The task begins to wait: {@link awaitsUnsafe} tells what for. */
  readonly waits?: ((task: Task<unknown, unknown>) => void) | undefined
  /** What the task waits for is there, and its next step is on the queue. */
  readonly woken?: ((task: Task<unknown, unknown>) => void) | undefined
  /** The task is asked to cancel itself, in the step of the task `by` if in one. */
  readonly cancelRequested?:
    | ((task: Task<unknown, unknown>, error: CancelledError, by: Task<unknown, unknown> | undefined) => void)
    | undefined
  /** The task has its outcome; to look at `task.exit` does not count as retrieving a failure. */
  readonly ended?: ((task: Task<unknown, unknown>) => void) | undefined
}

/**
 * Has an observer hear of what the tasks of a loop do, until what this gives is called. Several can observe the same loop.
 *
 * **Details**
 *
 * While a loop is observed, `snapshot()` of its tasks has `waitingSince`, and tells of each cancellation that is asked for when that was:
 * for what has begun since. A loop without an observer pays one comparison for each of these events, and no memory.
 *
 * A step that is under way when the observing begins is not told of, and so not what it ends with.
 *
 * An observer that throws is not called again, and the loop's exception handler is told. A loop of another copy of the package
 * is a RuntimeError.
 *
 * **Example** (What a task does)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import * as lowlevel from "@effect-asyncio/core/lowlevel"
 * import { Effect } from "effect"
 *
 * const seen: Array<string> = []
 * const main = Effect.gen(function*() {
 *   const stop = lowlevel.observeUnsafe(yield* asyncio.getRunningLoop, {
 *     created: (task) => seen.push(`${task.getName()} is made`),
 *     waits: (task) => seen.push(`${task.getName()} waits`),
 *     ended: (task) => seen.push(`${task.getName()} has ended`)
 *   })
 *   yield* asyncio.createTask(asyncio.sleep(1), { name: "worker" })
 *   yield* asyncio.sleep(5)
 *   stop()
 * })
 *
 * await asyncio.run(main)
 * seen // => ["worker is made", "worker waits", "worker has ended"]
 * ```
 *
 * @category for tools
 * @since 0.1.0
 */
export const observeUnsafe = (loop: EventLoop, observer: LoopObserver): (() => void) => {
  checkCopy(loop)
  const observed = loop as unknown as TaskLoop
  const observation = new Observation(observed, observer)
  observation.stop = addObserver(observed, observation)
  return observation.stop
}

type Notes = { -readonly [Name in keyof Noted]: Noted[Name] } & { future: FutureImpl | undefined }

/** One observer, and the times that it was told something at. */
class Observation implements Observer {
  readonly #loop: TaskLoop
  #observer: LoopObserver
  stop: () => void = () => {}
  // Of tasks that are not done, which the loop keeps as well.
  readonly #notes = new Map<TaskImpl, Notes>()

  get keeps(): ReadonlyArray<object> {
    return [this.#notes, this.#observer]
  }

  constructor(loop: TaskLoop, observer: LoopObserver) {
    this.#loop = loop
    this.#observer = observer
  }

  registered(task: TaskImpl): void {
    // A task that has begun eagerly is registered once more after its first step. Its root tells; a list of all tasks is not kept for that.
    if (task.root !== undefined) return
    const by = this.#loop.currentTaskUnsafe()
    this.#tell(() => this.#observer.created?.(task, by === task ? undefined : by))
  }

  ending(): void {}

  queued(item: Runnable): void {
    const { task } = item
    if (!(task instanceof TaskImpl)) return
    if (this.#observer.woken !== undefined) this.#tell(() => this.#observer.woken?.(task))
  }

  stepBegins(task: TaskImpl): void {
    if (this.#observer.stepBegins !== undefined) this.#tell(() => this.#observer.stepBegins?.(task))
    this.#notesOf(task).waitingSince = undefined
  }

  stepEnds(task: TaskImpl): void {
    if (this.#observer.stepEnds !== undefined) this.#tell(() => this.#observer.stepEnds?.(task))
    // Promise code tells by itself when it begins to wait.
    if (task.exit === undefined && task.waits === undefined) this.waits(task)
  }

  waits(task: TaskImpl): void {
    const notes = this.#notesOf(task)
    notes.waitingSince = this.#loop.time()
    notes.future = task.awaited()
    if (this.#observer.waits !== undefined) this.#tell(() => this.#observer.waits?.(task))
  }

  cancelRequested(task: TaskImpl, error: CancelledError): void {
    this.#notesOf(task).request = { error, at: this.#loop.time() }
    this.#tell(() => this.#observer.cancelRequested?.(task, error, this.#loop.currentTaskUnsafe()))
  }

  ended(task: TaskImpl): void {
    this.#notes.delete(task)
    if (this.#observer.ended !== undefined) this.#tell(() => this.#observer.ended?.(task))
  }

  waiterMade(): void {}

  noted(task: TaskImpl): Noted | undefined {
    const notes = this.#notes.get(task)
    if (notes === undefined) return undefined
    // It came back from a foreign effect, without a step of the loop, and waits for something else by now.
    const waitingSince = notes.future === task.awaited() ? notes.waitingSince : undefined
    const request = task.cancelling() > 0 ? notes.request : undefined
    return { waitingSince, request }
  }

  #notesOf(task: TaskImpl): Notes {
    let notes = this.#notes.get(task)
    if (notes === undefined) {
      notes = { waitingSince: undefined, future: undefined, request: undefined }
      if (task.exit === undefined) this.#notes.set(task, notes)
    }
    return notes
  }

  #tell(event: () => void): void {
    try {
      event()
    } catch (exception) {
      this.#observer = {}
      this.stop()
      this.#loop.callExceptionHandlerUnsafe({
        // When: an observer of `observeUnsafe` threw. It is not called again.
        message: "Exception in an observer of the loop",
        hint: "Let it not throw: what it observes goes on, and it is not told of any more.",
        exception
      })
    }
  }
}
