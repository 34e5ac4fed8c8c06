/** What the heap keeps of a timer; `index` is its place in the heap, -1 outside. */
export interface TimerEntry {
  when(): number
  sequence: number
  index: number
}

const before = (a: TimerEntry, b: TimerEntry): boolean =>
  a.when() < b.when() || (a.when() === b.when() && a.sequence < b.sequence)

/**
 * A binary heap of timers: the earliest deadline first, equal deadlines in the order they were made (CPython leaves
 * that order open, we fix it). Every entry knows its place, so that removing a cancelled timer is O(log n) and a
 * cancelled timer never keeps the process alive.
 */
export class TimerHeap<T extends TimerEntry> {
  readonly #items: Array<T> = []
  #sequence = 0

  get size(): number {
    return this.#items.length
  }

  peek(): T | undefined {
    return this.#items[0]
  }

  add(timer: T): void {
    timer.sequence = this.#sequence++
    this.#items.push(timer)
    this.#up(timer, this.#items.length - 1)
  }

  remove(timer: T): void {
    const index = timer.index
    if (index < 0) return
    timer.index = -1
    const last = this.#items.pop()!
    if (last === timer) return
    this.#up(last, index)
    this.#down(last, last.index)
  }

  #place(timer: T, index: number): void {
    this.#items[index] = timer
    timer.index = index
  }

  #up(timer: T, start: number): void {
    let index = start
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = this.#items[parent]!
      if (!before(timer, above)) break
      this.#place(above, index)
      index = parent
    }
    this.#place(timer, index)
  }

  #down(timer: T, start: number): void {
    let index = start
    for (;;) {
      let child = 2 * index + 1
      if (child >= this.#items.length) break
      if (child + 1 < this.#items.length && before(this.#items[child + 1]!, this.#items[child]!)) child++
      const below = this.#items[child]!
      if (!before(below, timer)) break
      this.#place(below, index)
      index = child
    }
    this.#place(timer, index)
  }
}
