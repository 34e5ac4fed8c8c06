/** What a list keeps in its items: a task, or a place in a wait queue, is in one list at a time. */
export interface Linked<T> {
  previous: T | undefined
  next: T | undefined
  linked: boolean
}

/** Items in the order they were added. Adding and removing are O(1) and allocate nothing. */
export class LinkedList<T extends Linked<T>> {
  first: T | undefined = undefined
  size = 0
  #last: T | undefined = undefined

  add(item: T): void {
    item.previous = this.#last
    item.next = undefined
    item.linked = true
    if (this.#last === undefined) this.first = item
    else this.#last.next = item
    this.#last = item
    this.size++
  }

  /** Removing what is not in the list does nothing. */
  remove(item: T): void {
    if (!item.linked) return
    item.linked = false
    if (item.previous === undefined) this.first = item.next
    else item.previous.next = item.next
    if (item.next === undefined) this.#last = item.previous
    else item.next.previous = item.previous
    item.previous = item.next = undefined
    this.size--
  }

  toArray(): Array<T> {
    const items: Array<T> = []
    for (let item = this.first; item !== undefined; item = item.next) items.push(item)
    return items
  }
}
