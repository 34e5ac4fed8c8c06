/** The last so many of the items that were added. */
export class Ring<T> {
  readonly limit: number
  // Where the next one goes, once it is full.
  #next = 0
  readonly #items: Array<T> = []

  constructor(limit: number, items: ReadonlyArray<T> = []) {
    this.limit = limit
    for (const item of items) this.add(item)
  }

  add(item: T): void {
    if (this.#items.length < this.limit) {
      this.#items.push(item)
      return
    }
    this.#items[this.#next] = item
    this.#next = (this.#next + 1) % this.limit
  }

  /** The oldest first. */
  toArray(): Array<T> {
    return [...this.#items.slice(this.#next), ...this.#items.slice(0, this.#next)]
  }
}
