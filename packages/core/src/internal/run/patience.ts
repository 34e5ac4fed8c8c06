/**
 * How long a run waits for a program that a signal has asked to end, or for what is left on its loop when a deadlock has ended it.
 *
 *     a signal ──▶ the main task is cancelled ──the grace──▶ it has not ended: given up
 *                                                            the rest is cancelled ──the grace──▶ given up
 *
 * Without a grace that is given only what does not listen is given up: a task that hangs on something which no cancellation reaches, and
 * has not seen the one that is due. Cleanup takes as long as it takes.
 */
import type { EventLoopImpl } from "../make/eventLoop.ts"
import { afterUnref } from "../host/host.ts"
import { defaultPatience } from "../model/defaultPatience.ts"
import type { CallbackScope } from "../task/callbackScope.ts"
import type { TaskImpl } from "../task/task.ts"

/** Whether a cancellation is due that nothing in flight will take: the coroutine waits for what does not listen. */
const hangs = ({ root }: TaskImpl): boolean =>
  // A fiber does not tell what it waits for.
  root?.pendingCancellation() !== undefined && (root as Partial<CallbackScope>).isWaiting?.() === false

export class Patience {
  readonly #loop: EventLoopImpl
  readonly #grace: number | undefined
  // What the run rejects with whose tasks are given up.
  readonly #stopped = new Error("given up")

  constructor(loop: EventLoopImpl, grace: number | undefined) {
    this.#loop = loop
    this.#grace = grace
  }

  /** Stops the loop when tasks that were asked to end do not. Gives what ends the watching. */
  watch(tasks: ReadonlyArray<TaskImpl>): () => void {
    let stop: (() => void) | undefined
    const look = () => {
      const left = tasks.filter((task) => task.exit === undefined)
      const isStuck = this.#grace !== undefined || left.every(hangs)
      if (left.length === 0) return
      if (isStuck) return this.#giveUp(left)
      stop = afterUnref(defaultPatience, look)
    }
    if (this.#grace !== Infinity) stop = afterUnref(this.#grace ?? defaultPatience, look)
    return () => stop?.()
  }

  #giveUp(tasks: ReadonlyArray<TaskImpl>): void {
    for (const task of tasks) {
      // The end of the run does not wait for it, and does not report it as left.
      this.#loop.unregister(task)
      const context = {
        // When: a task goes on although a signal, such as Ctrl-C, has ended the program, because it hangs on a promise that does not listen, or for longer than the option `grace` of `run` says.
        message: "Task has not ended since a signal has ended the program, and is given up",
        hint: "Give what it waits for the task's signal, or wait for it with `abortable` in compat.",
        task: task.getStack().length > 0 ? task.formatStack() : String(task)
      }
      this.#loop.callExceptionHandlerUnsafe(context, task.base)
    }
    this.#loop.stopUnsafe(this.#stopped)
  }

  /** Awaits `round`, the run of the loop for what is left at the end, which was cancelled; gives `tasks` up where they do not end. */
  async end(round: Promise<void>, tasks: ReadonlyArray<TaskImpl>): Promise<void> {
    const stop = this.watch(tasks)
    try {
      await round
    } catch (error) {
      if (error !== this.#stopped) throw error
    } finally {
      stop()
    }
  }

  /** Whether a run has ended because its main task was given up. */
  isStopped(error: unknown): boolean {
    return error === this.#stopped
  }
}
