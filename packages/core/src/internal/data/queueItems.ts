/** What a queue holds, in the order it gives it back. */
import { Heap, type HeapEntry } from "./heap.ts"

export interface Items<A> {
  readonly size: number
  add(item: A): void
  /** Takes the next item. Only call when there is one. */
  take(): A
  /** The items as Python's repr shows them. */
  toArray(): ReadonlyArray<A>
}

export class FifoItems<A> implements Items<A> {
  // The items are those from #head on. The taken part is dropped when it is the larger one, so that taking is O(1) on
  // average and the array does not grow without bound.
  #items: Array<A | undefined> = []
  #head = 0

  get size(): number {
    return this.#items.length - this.#head
  }

  add(item: A): void {
    this.#items.push(item)
  }

  take(): A {
    const item = this.#items[this.#head] as A
    this.#items[this.#head++] = undefined
    if (this.#head > 32 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }

  toArray(): ReadonlyArray<A> {
    return this.#items.slice(this.#head) as ReadonlyArray<A>
  }
}

export class LifoItems<A> implements Items<A> {
  readonly #items: Array<A> = []

  get size(): number {
    return this.#items.length
  }

  add(item: A): void {
    this.#items.push(item)
  }

  take(): A {
    return this.#items.pop() as A
  }

  toArray(): ReadonlyArray<A> {
    return this.#items
  }
}

interface Ranked<A> extends HeapEntry {
  readonly item: A
}

export class PriorityItems<A> implements Items<A> {
  readonly #heap: Heap<Ranked<A>>

  constructor(compare: (a: A, b: A) => number) {
    this.#heap = new Heap((a, b) => compare(a.item, b.item))
  }

  get size(): number {
    return this.#heap.size
  }

  add(item: A): void {
    this.#heap.add({ item, sequence: 0, queued: false })
  }

  take(): A {
    return this.#heap.take()!.item
  }

  toArray(): ReadonlyArray<A> {
    return this.#heap.toArray().map(({ item }) => item)
  }
}
