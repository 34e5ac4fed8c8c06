/**
 * What a loop on virtual time leaves open, and a test may decide.
 *
 * @since 0.1.0
 */
import { ReadyQueue, type Runnable } from "../internal/data/readyQueue.ts"

/**
 * Decides what the outside decides on a real clock. What is left out is as on any loop on virtual time.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface Schedule {
  /** Whether a timer, set for the very time that others are set for, rings before them and not behind. */
  readonly ringsFirst?: (() => boolean) | undefined
  /** How many milliseconds a sleep takes that was asked for `delay` of them. */
  readonly rings?: ((delay: number) => number) | undefined
  /** How many milliseconds too late the loop wakes for the timer that is due at `due`. */
  readonly lateness?: ((due: number) => number) | undefined
  /**
   * Which of the first `steps` steps on the queue, all of them of tasks, runs next; `names` are their tasks'. No loop promises an order
   * other than first in, first out, and this one breaks even that: for code that must not rely on it.
   */
  readonly next?: ((steps: number, names: () => ReadonlyArray<string>) => number) | undefined
  /** Is called before each step of a task and each callback, where nothing runs: a task may be cancelled there. */
  readonly beforeStep?: (() => void) | undefined
}

/** A queue whose next step a schedule chooses. What is no step of a task keeps its place. @internal */
export class ChosenQueue extends ReadyQueue {
  #items: Array<Runnable> = []
  readonly #schedule: Schedule

  constructor(schedule: Schedule) {
    super()
    this.#schedule = schedule
  }

  override push(item: Runnable): void {
    this.#items.push(item)
    this.size++
  }

  override shift(): Runnable {
    const { beforeStep, next } = this.#schedule
    beforeStep?.()
    this.size--
    if (next === undefined) return this.#items.shift()!
    const firstOther = this.#items.findIndex(({ task }) => task === undefined)
    const steps = firstOther < 0 ? this.#items.length : firstOther
    if (steps < 2) return this.#items.shift()!
    const names = (): ReadonlyArray<string> => this.#items.slice(0, steps).map(({ task }) => nameOf(task))
    const chosen = next(steps, names)
    return this.#items.splice(chosen >= 0 && chosen < steps ? chosen : 0, 1)[0]!
  }
}

const nameOf = (task: Runnable["task"]): string => (task as { getName?: () => string } | undefined)?.getName?.() ?? ""
