/**
 * Trees that change all the time: each node knows its parent, by number, and each number its children.
 */

interface Node {
  readonly id: number
}

/** The number of no node. */
const nobody = 0

export class Forest<T extends Node> {
  readonly #parents = new Map<number, number>()
  readonly #children = new Map<number, Set<T>>()

  clear(): void {
    this.#parents.clear()
    this.#children.clear()
  }

  /** Puts a node below another one, that may come later, or never. */
  put(node: T, parent: number): void {
    const before = this.#parents.get(node.id)
    if (before === parent) return
    if (before !== undefined) this.#children.get(before)?.delete(node)
    this.#parents.set(node.id, parent)
    const siblings = this.#children.get(parent)
    if (siblings === undefined) this.#children.set(parent, new Set([node]))
    else siblings.add(node)
  }

  /** Takes a node away. Its children come below its parent, or wait for another one of its number. */
  remove(node: T, hasHeirs: boolean): void {
    const parent = this.#parents.get(node.id) ?? nobody
    this.#parents.delete(node.id)
    const siblings = this.#children.get(parent)
    siblings?.delete(node)
    if (siblings?.size === 0) this.#children.delete(parent)
    const children = this.#children.get(node.id)
    if (children === undefined) return
    this.#children.delete(node.id)
    for (const child of children) {
      this.#parents.delete(child.id)
      this.put(child, hasHeirs ? parent : nobody)
    }
  }

  parentOf(node: T): number {
    return this.#parents.get(node.id) ?? nobody
  }

  childrenOf(id: number): ReadonlySet<T> | undefined {
    return this.#children.get(id)
  }
}
