/** A queue in an array that is used again and again: what the floors take for one. */
export class Ring<T> {
  #items: Array<T | undefined> = Array.from({ length: 1024 })
  // Both only grow; an item stands at its number, modulo the length, which is a power of two.
  #first = 0
  #end = 0

  push(item: T): void {
    if (this.#end - this.#first === this.#items.length) this.#grow()
    this.#items[this.#end++ & (this.#items.length - 1)] = item
  }

  shift(): T | undefined {
    if (this.#first === this.#end) return undefined
    const at = this.#first++ & (this.#items.length - 1)
    const item = this.#items[at]
    this.#items[at] = undefined
    return item
  }

  #grow(): void {
    const length = this.#items.length
    const items: Array<T | undefined> = Array.from({ length: 2 * length })
    for (let i = this.#first; i < this.#end; i++) items[i & (2 * length - 1)] = this.#items[i & (length - 1)]
    this.#items = items
  }
}
