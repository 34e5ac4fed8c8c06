/**
 * The places of a worker: as many tasks as it runs at a time, and a queue, the oldest first.
 */
import * as Effect from "effect/Effect"

/** A task that waits for a place, or has one. */
export interface Guest {
  /** Ends the wait; called by the code that takes the guest out of the queue. */
  admit?: ((hasPlace: boolean) => void) | undefined
}

export class Places {
  #free: number
  readonly #queue = new Set<Guest>()

  constructor(count: number) {
    this.#free = count
  }

  /** Runs `use` in a place, told that it has one; or, where the guest was told to {@link leave}, without. */
  within<A>(guest: Guest, use: (hasPlace: boolean) => Effect.Effect<A>): Effect.Effect<A> {
    return Effect.uninterruptibleMask((restore) => {
      const entered = this.#enter(guest)
      const taken = entered === undefined ? Effect.succeed(true) : restore(entered)
      return Effect.flatMap(taken, (hasPlace) =>
        hasPlace
          ? Effect.ensuring(
              restore(use(true)),
              Effect.sync(() => this.#give())
            )
          : restore(use(false))
      )
    })
  }

  /** Takes a guest that waits out of the queue. */
  leave(guest: Guest): void {
    if (this.#queue.delete(guest)) guest.admit!(false)
  }

  /** How to wait; undefined where there is a place, which then is the guest's. */
  #enter(guest: Guest): Effect.Effect<boolean> | undefined {
    if (this.#free > 0) {
      this.#free--
      return undefined
    }
    return Effect.callback<boolean>((resume) => {
      guest.admit = (hasPlace) => resume(Effect.succeed(hasPlace))
      this.#queue.add(guest)
      return Effect.sync(() => void this.#queue.delete(guest))
    })
  }

  #give(): void {
    const [next] = this.#queue
    if (next === undefined) {
      this.#free++
      return
    }
    this.#queue.delete(next)
    next.admit!(true)
  }
}
