/**
 * How long tasks compute, and how long they are on the queue of the loop before.
 *
 *     woken ──scheduled──▶ step begins ──busy──▶ step ends ──(microtasks of an async function)──▶ waits
 *
 * The step of an async function goes on behind `stepEnds`, in microtasks, until it waits; one that waits for what is not of the loop never
 * says so, and its step ends with the macrotask at the latest. A task that is started eagerly takes its step in the middle of another's,
 * whose time stands still meanwhile.
 */

/** The times of a task, in milliseconds. */
export interface TaskTimes {
  busy: number
  scheduled: number
  steps: number
  longest: number
  /** Since when it is on the queue; -1: it is not. */
  wokenAt: number
  /** From when on what it computes is not counted yet; -1: it does not compute. */
  countedTo: number
  /** How long the step has taken that is under way. */
  step: number
  /** Whether the loop is in its step, and whether it has begun to wait in that. */
  isInStep: boolean
  hasWaited: boolean
  /** In the middle of whose step its own has begun. */
  outer: TaskTimes | undefined
}

const never = -1

/** Behind all microtasks. */
const endOfMacrotask = (globalThis as { setImmediate?: (f: () => void) => unknown }).setImmediate ?? setTimeout

export class StepTimes {
  // Whose time goes on.
  #current: TaskTimes | undefined = undefined
  #isEndAwaited = false
  #busy = 0

  begin(): TaskTimes {
    return {
      busy: 0,
      scheduled: 0,
      steps: 0,
      longest: 0,
      wokenAt: never,
      countedTo: never,
      step: 0,
      isInStep: false,
      hasWaited: false,
      outer: undefined
    }
  }

  woken(times: TaskTimes): void {
    times.wokenAt = performance.now()
  }

  stepBegins(times: TaskTimes): void {
    const now = performance.now()
    const current = this.#current
    if (current?.isInStep === true) {
      this.#count(current, now)
      times.outer = current
    } else if (current !== undefined) this.#over(current)
    if (times.wokenAt !== never) {
      times.scheduled += now - times.wokenAt
      times.wokenAt = never
    }
    times.steps++
    times.step = 0
    times.countedTo = now
    times.isInStep = true
    times.hasWaited = false
    this.#current = times
  }

  stepEnds(times: TaskTimes): void {
    if (!times.isInStep) return
    const now = performance.now()
    this.#count(times, now)
    times.isInStep = false
    const { outer } = times
    times.outer = undefined
    if (outer !== undefined) {
      this.#over(times)
      outer.countedTo = now
      this.#current = outer
    } else if (times.hasWaited) this.#over(times)
    else this.#awaitEnd()
  }

  waits(times: TaskTimes): void {
    times.hasWaited = true
    if (times.isInStep || times !== this.#current) return
    this.#count(times, performance.now())
    this.#over(times)
  }

  ended(times: TaskTimes): void {
    this.stepEnds(times)
    if (times !== this.#current) return
    this.#count(times, performance.now())
    this.#over(times)
  }

  /** The task that computes right now. */
  get running(): TaskTimes | undefined {
    return this.#current
  }

  /** How long tasks have computed since the last call, with the step under way. */
  takeBusy(): number {
    if (this.#current !== undefined && this.#current.isInStep) this.#count(this.#current, performance.now())
    const busy = this.#busy
    this.#busy = 0
    return busy
  }

  #count(times: TaskTimes, now: number): void {
    const took = now - times.countedTo
    times.countedTo = now
    times.step += took
    times.busy += took
    times.longest = Math.max(times.longest, times.step)
    this.#busy += took
  }

  #over(times: TaskTimes): void {
    times.countedTo = never
    if (this.#current === times) this.#current = undefined
  }

  #awaitEnd(): void {
    if (this.#isEndAwaited) return
    this.#isEndAwaited = true
    endOfMacrotask(() => {
      this.#isEndAwaited = false
      const current = this.#current
      if (current === undefined || current.isInStep) return
      this.#count(current, performance.now())
      this.#over(current)
    })
  }
}
