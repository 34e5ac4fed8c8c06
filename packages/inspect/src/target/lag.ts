/**
 * How late timers come: what a program that computes makes others wait.
 */

/** How often a timer is set, in milliseconds. */
const every = 50

export class Lag {
  #expected = performance.now() + every
  #worst = 0
  readonly #timer: NodeJS.Timeout

  constructor() {
    this.#timer = setInterval(() => this.#ticked(), every)
    // In a browser it is a number.
    this.#timer.unref?.()
  }

  #ticked(): void {
    const now = performance.now()
    this.#worst = Math.max(this.#worst, now - this.#expected)
    this.#expected = now + every
  }

  /** The longest since the last call, also of a timer that should have come by now. */
  take(now: number): number {
    const worst = Math.max(this.#worst, now - this.#expected)
    this.#worst = 0
    return Math.max(0, worst)
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
