/**
 * What a list keeps in its items: a task, or a place in a wait queue, is in one list at a time.
 *
 * Invariant: `previous` is undefined exactly while the item is in no list; of the first item it is the item itself.
 */
export interface Linked<T> {
  previous: T | undefined
  next: T | undefined
}

export const isLinked = <T>(item: Linked<T>): boolean => item.previous !== undefined

/** Items in the order they were added. Adding and removing are O(1) and allocate nothing. */
export class LinkedList<T extends Linked<T>> {
  first: T | undefined = undefined
  size = 0
  #last: T | undefined = undefined

  add(item: T): void {
    const last = this.#last
    item.previous = last ?? item
    item.next = undefined
    if (last === undefined) this.first = item
    else last.next = item
    this.#last = item
    this.size++
  }

  /** Removing what is not in the list does nothing. */
  remove(item: T): void {
    const { next, previous } = item
    if (previous === undefined) return
    const before = previous === item ? undefined : previous
    if (before === undefined) this.first = next
    else before.next = next
    if (next === undefined) this.#last = before
    else next.previous = before ?? next
    item.previous = item.next = undefined
    this.size--
  }

  toArray(): Array<T> {
    const items: Array<T> = []
    for (let item = this.first; item !== undefined; item = item.next) items.push(item)
    return items
  }
}
