import type { Context } from "effect/Context"
import type { SchedulerDispatcher } from "effect/Scheduler"

/** An item of the loop's queue: a callback's handle, the first step of a task, the end of a wait. */
export interface Runnable {
  run(): void
  /** Its loop is closed and will not run it. What can go on elsewhere does so by way of `outside`. */
  dropped?(outside: SchedulerDispatcher): void
  /** Whose step it is, if it is a task's. */
  readonly task?: { toString(): string; readonly base: Context<never> } | undefined
  /** `NAME()` of a callback. */
  readonly label?: string | undefined
  /** The services of the code that registered a callback. */
  readonly services?: Context<never> | undefined
}

// Ten times faster than Array.from, which would run for every slot.
// oxlint-disable-next-line unicorn/no-new-array -- its length is what is meant
const emptySlots = (length: number): Array<Runnable | undefined> => new Array<Runnable | undefined>(length)

/**
 * A FIFO queue over a ring buffer, so that an iteration costs no allocation.
 */
export class ReadyQueue {
  // Invariant: the capacity is a power of two, so that `& mask` wraps an index; slots outside [head, head + size)
  // are undefined, so that the queue keeps nothing alive that has run.
  #items: Array<Runnable | undefined> = emptySlots(64)
  #mask = 63
  #head = 0
  size = 0

  push(item: Runnable): void {
    if (this.size > this.#mask) this.#grow()
    this.#items[(this.#head + this.size) & this.#mask] = item
    this.size++
  }

  /** Takes the oldest item. Only call when `size` is not 0. */
  shift(): Runnable {
    const item = this.#items[this.#head]!
    this.#items[this.#head] = undefined
    this.#head = (this.#head + 1) & this.#mask
    this.size--
    return item
  }

  #grow(): void {
    const items = emptySlots((this.#mask + 1) * 2)
    for (let i = 0; i < this.size; i++) items[i] = this.#items[(this.#head + i) & this.#mask]
    this.#items = items
    this.#mask = items.length - 1
    this.#head = 0
  }
}
