import type { Runnable } from "./readyQueue.ts"

/** What the heap keeps of an item. */
export interface HeapEntry {
  sequence: number
  /** Whether it is in the heap, and not removed. */
  queued: boolean
}

/** Something on the loop's heap of timers. */
export interface Timer extends HeapEntry, Runnable {
  /** When it rings, in milliseconds on the loop's clock. */
  readonly due: number
}

// Sweeping a small heap is not worth it.
const leastSweep = 64

/**
 * A binary heap: the smallest first, equal ones in the order they were added.
 *
 * An item that is removed stays where it is, dead, until a look at the top finds it there, or more than half of the heap is
 * dead: most timers are cancelled before they ring, and so cost nothing but a mark.
 *
 * The comparison may be the program's own and throw. Items may be out of order then, but each is still there once.
 */
export class Heap<T extends HeapEntry> {
  readonly #compare: (a: T, b: T) => number
  // Invariant: empty when nothing in it is alive.
  #items: Array<T> = []
  #sequence = 0
  /** How many are alive. */
  size = 0

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare
  }

  /** The first item. Dead ones above it are dropped here, and not where they are removed. */
  peek(): T | undefined {
    const first = this.#items[0]
    if (first === undefined || first.queued) return first
    this.#dropDead()
    return this.#items[0]
  }

  /** Takes the first out, and finds the next one. */
  take(): T | undefined {
    const first = this.peek()
    if (first === undefined) return undefined
    first.queued = false
    this.size--
    this.#dropDead()
    return first
  }

  /** In no order but that the smallest comes first. */
  toArray(): ReadonlyArray<T> {
    return this.#items.filter((item) => item.queued)
  }

  add(item: T): void {
    item.sequence = this.#sequence++
    item.queued = true
    this.size++
    this.#items.push(item)
    this.#up(item, this.#items.length - 1)
  }

  /** Removing what is not in the heap does nothing. */
  remove(item: T): void {
    if (!item.queued) return
    item.queued = false
    this.size--
    if (this.size === 0) this.#items = []
    else if (this.size * 2 < this.#items.length && this.#items.length >= leastSweep) this.#sweep()
  }

  #dropDead(): void {
    for (let first = this.#items[0]; first !== undefined && !first.queued; first = this.#items[0]) {
      const last = this.#items.pop()!
      if (last !== first) this.#down(last, 0)
    }
  }

  #sweep(): void {
    this.#items = this.#items.filter((item) => item.queued)
    for (let index = (this.#items.length >> 1) - 1; index >= 0; index--) this.#down(this.#items[index]!, index)
  }

  #before(a: T, b: T): boolean {
    const order = this.#compare(a, b)
    return order < 0 || (order === 0 && a.sequence < b.sequence)
  }

  #up(item: T, start: number): void {
    const items = this.#items
    let index = start
    try {
      while (index > 0) {
        const parent = (index - 1) >> 1
        const above = items[parent]!
        if (!this.#before(item, above)) break
        items[index] = above
        index = parent
      }
    } finally {
      items[index] = item
    }
  }

  #down(item: T, start: number): void {
    const items = this.#items
    let index = start
    try {
      for (;;) {
        let child = 2 * index + 1
        if (child >= items.length) break
        if (child + 1 < items.length && this.#before(items[child + 1]!, items[child]!)) child++
        const below = items[child]!
        if (!this.#before(below, item)) break
        items[index] = below
        index = child
      }
    } finally {
      items[index] = item
    }
  }
}
