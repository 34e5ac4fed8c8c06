/**
 * Trees that change all the time: each node knows its parent, by number, and each number its children.
 */

interface Node {
  readonly id: number
}

export class Forest<T extends Node> {
  readonly #parents = new Map<number, number>()
  readonly #children = new Map<number, Set<T>>()

  /** Puts a node below another one, that may come later, or never. */
  put(node: T, parent: number): void {
    const before = this.#parents.get(node.id)
    if (before === parent) return
    if (before !== undefined) this.#leave(node, before)
    this.#parents.set(node.id, parent)
    const siblings = this.#children.get(parent)
    if (siblings === undefined) this.#children.set(parent, new Set([node]))
    else siblings.add(node)
  }

  /** Takes a node away, and puts its children below another one. */
  remove(node: T, heir: number): void {
    const parent = this.#parents.get(node.id)
    if (parent === undefined) return
    this.#parents.delete(node.id)
    this.#leave(node, parent)
    const children = this.#children.get(node.id)
    if (children === undefined) return
    this.#children.delete(node.id)
    for (const child of children) {
      this.#parents.delete(child.id)
      this.put(child, heir)
    }
  }

  #leave(node: T, parent: number): void {
    const siblings = this.#children.get(parent)
    siblings?.delete(node)
    if (siblings?.size === 0) this.#children.delete(parent)
  }

  parentOf(node: T): number {
    return this.#parents.get(node.id) ?? 0
  }

  childrenOf(id: number): ReadonlySet<T> | undefined {
    return this.#children.get(id)
  }

  /** The nodes that are below no node that is there, in the order of their numbers. */
  roots(isThere: (id: number) => boolean): ReadonlyArray<T> {
    const roots: Array<T> = []
    for (const [parent, children] of this.#children) if (!isThere(parent)) roots.push(...children)
    return roots.sort((a, b) => a.id - b.id)
  }
}
