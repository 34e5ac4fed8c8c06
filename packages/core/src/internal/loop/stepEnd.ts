/**
 * When the step of a task of promise code is over.
 *
 *     a promise of the task is settled ──▶ its code goes on, in microtasks ──▶ it begins to wait again, or the task is done
 *
 * A step ends with the last one, and that is what is looked for: one microtask after the other. To have the host say that no
 * microtask is left costs more than a step on Node, and a macrotask elsewhere. What the task has going on beside its await, and other
 * code, may have microtasks left by then: they run between those of the next steps.
 */

// So many microtasks are looked at. A step that is not over by then, because its code is in a foreign promise or returns through
// many functions, is waited for as the host can.
const mostLooks = 12

const settled = Promise.resolve()

/** A task of promise code. */
export interface Stepping {
  /** How many of its awaits are in flight; undefined where they are not counted. */
  readonly waits: number | undefined
}

export class StepEnd {
  readonly #over: () => void
  readonly #unknown: () => void
  // The task whose step it is, until that is over.
  #task: Stepping | undefined = undefined
  /** Whether a step has begun whose end can be seen. */
  detectable = false
  #begun = false
  #left = 0

  /** `over` is called in the microtask in which the end of a step is seen, `unknown` where it was not. */
  constructor(over: () => void, unknown: () => void) {
    this.#over = over
    this.#unknown = unknown
  }

  /** A step of `task` begins, or of whatever it is that settles promises. */
  begins(task: Stepping | undefined): void {
    // Of a task with several awaits each goes its own way, and of two tasks, where one begins eagerly in the step of the other, both
    // would have to be seen.
    const isOnly = !this.#begun || (this.detectable && (this.#task === undefined || this.#task === task))
    this.detectable = isOnly && task?.waits === 0
    this.#begun = true
    this.#task = task
  }

  /** A stretch begins: the step before it is looked at no more. */
  forget(): void {
    this.#task = undefined
    this.#begun = this.detectable = false
  }

  /** `task` waits, or is done. */
  ends(task: unknown): void {
    if (task === this.#task) this.#task = undefined
  }

  /** Looks until the step is over. */
  wait(): void {
    this.#left = mostLooks
    void settled.then(this.#look)
  }

  readonly #look = (): void => {
    if (!this.detectable) this.#unknown()
    else if (this.#task === undefined) this.#over()
    else if (--this.#left > 0) void settled.then(this.#look)
    else this.#unknown()
  }
}
