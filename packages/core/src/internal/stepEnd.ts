/**
 * When the step of a task of promise code is over.
 *
 *     a promise of the task is settled ──▶ its code goes on, in microtasks ──▶ it begins to wait again, or the task is done
 *
 * A step ends with the last one, and that is what is looked for: one microtask after the other. To have the host say that no
 * microtask is left costs more than a step on Node, and a macrotask elsewhere. What the task has going on beside its await, and other
 * code, may have microtasks left by then: they run between those of the next steps.
 */

// So many microtasks are looked at. A step that is not over by then, because its code is in a promise of somebody else or
// returns through many functions, is waited for as the host can.
const mostLooks = 12

const settled = Promise.resolve()

export class StepEnd {
  readonly #goOn: () => void
  readonly #goOnAfterMicrotasks: () => void
  // The task whose step it is, until that is over.
  #task: unknown = undefined
  /** Whether it is the step of one task, of which the end can be seen. */
  detectable = true
  #left = 0

  constructor(goOn: () => void, goOnAfterMicrotasks: () => void) {
    this.#goOn = goOn
    this.#goOnAfterMicrotasks = goOnAfterMicrotasks
  }

  /** A step of `task` begins, or of whatever it is that uses promises. */
  begins(task: unknown): void {
    // Of two tasks, where one begins eagerly in the step of the other, it would have to be seen of both.
    if (task === undefined || (this.#task !== undefined && this.#task !== task)) this.detectable = false
    this.#task = task
  }

  /** The next callback runs. */
  forget(): void {
    this.#task = undefined
    this.detectable = true
  }

  /** `task` waits, or is done. */
  ends(task: unknown): void {
    if (task === this.#task) this.#task = undefined
  }

  /** Goes on when the step is over. */
  wait(): void {
    this.#left = mostLooks
    void settled.then(this.#look)
  }

  readonly #look = (): void => {
    if (!this.detectable) this.#goOnAfterMicrotasks()
    else if (this.#task === undefined) this.#goOn()
    else if (--this.#left > 0) void settled.then(this.#look)
    else this.#goOnAfterMicrotasks()
  }
}
