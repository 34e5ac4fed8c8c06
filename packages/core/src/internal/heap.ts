import type { Runnable } from "./readyQueue.ts"

/** What the heap keeps of an item; `index` is its place in the heap, -1 outside. */
export interface HeapEntry {
  sequence: number
  index: number
}

/** Something on the loop's heap of timers. */
export interface Timer extends HeapEntry, Runnable {
  /** When it rings, in milliseconds on the loop's clock. */
  readonly due: number
}

/**
 * A binary heap: the smallest first, equal ones in the order they were added. Every entry knows its place, so that
 * removing one from the middle is O(log n): a cancelled timer leaves at once.
 */
export class Heap<T extends HeapEntry> {
  readonly #compare: (a: T, b: T) => number
  readonly #items: Array<T> = []
  #sequence = 0

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare
  }

  get size(): number {
    return this.#items.length
  }

  peek(): T | undefined {
    return this.#items[0]
  }

  /** In no order but that the smallest comes first. */
  toArray(): ReadonlyArray<T> {
    return this.#items
  }

  add(entry: T): void {
    entry.sequence = this.#sequence++
    this.#items.push(entry)
    this.#up(entry, this.#items.length - 1)
  }

  remove(entry: T): void {
    const index = entry.index
    if (index < 0) return
    entry.index = -1
    const last = this.#items.pop()!
    if (last === entry) return
    this.#up(last, index)
    this.#down(last, last.index)
  }

  #before(a: T, b: T): boolean {
    const order = this.#compare(a, b)
    return order < 0 || (order === 0 && a.sequence < b.sequence)
  }

  #place(entry: T, index: number): void {
    this.#items[index] = entry
    entry.index = index
  }

  #up(entry: T, start: number): void {
    let index = start
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = this.#items[parent]!
      if (!this.#before(entry, above)) break
      this.#place(above, index)
      index = parent
    }
    this.#place(entry, index)
  }

  #down(entry: T, start: number): void {
    let index = start
    for (;;) {
      let child = 2 * index + 1
      if (child >= this.#items.length) break
      if (child + 1 < this.#items.length && this.#before(this.#items[child + 1]!, this.#items[child]!)) child++
      const below = this.#items[child]!
      if (!this.#before(below, entry)) break
      this.#place(below, index)
      index = child
    }
    this.#place(entry, index)
  }
}
