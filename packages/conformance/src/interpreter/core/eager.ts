/**
 * Eager starts, where a script has borders. The first step of an eager task is over when the call that made it returns, but for what
 * stands behind a border: an async function goes on behind an `await` in a microtask, which cannot run inside a call. There the
 * script is given up.
 */
export class EagerStarts {
  readonly #giveUp: (reason: string) => void
  // How many tasks are being made, each in the first step of the one before.
  #making = 0

  constructor(giveUp: (reason: string) => void) {
    this.#giveUp = giveUp
  }

  /** Makes a task, whose first step may run within the call. */
  make<A>(make: () => A): A {
    this.#making++
    try {
      return make()
    } finally {
      this.#making--
    }
  }

  /** Is told that a block behind a border is over: what follows it runs in a microtask. */
  crossed(): void {
    if (this.#making > 0) this.#giveUp("an eager start that goes on behind a border")
  }
}
