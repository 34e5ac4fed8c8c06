/**
 * Tasks and what they have created, directly or by way of others.
 */
import { isLinked } from "../data/linkedList.ts"
import type { CancelledError } from "../model/CancelledError.ts"
import { type Ancestor, birthOf, knownAncestorOf } from "./ancestry.ts"
import { askOnceEach } from "./cancelWalk.ts"
import type { TaskImpl } from "./task.ts"

/**
 * `roots` and those below them that are not done, the oldest first. Who is detached is left out, with what it has created; a root may be
 * detached itself.
 */
export const treesOf = (roots: ReadonlySet<TaskImpl>): ReadonlyArray<TaskImpl> => {
  const found = [...roots].some((root) => knownAncestorOf(root)?.creates === true)
    ? amongAll(roots)
    : // Very many tasks that create none, and are asked one by one, must not look at each other.
      [...roots].filter(isLinked)
  return found.sort((a, b) => a.id - b.id)
}

const amongAll = (roots: ReadonlySet<TaskImpl>): Array<TaskImpl> => {
  const isBelow = lookUpFor(roots)
  return [...new Set(Array.from(roots, (root) => root.loop))]
    .flatMap((loop) => loop.allTasksUnsafe())
    .filter((task) => roots.has(task) || (!task.detached && isBelow(birthOf(task).creator)))
}

/** Makes a request of a tree, of each task once, and gives those that it was made of. */
export const askTree = (root: TaskImpl, request: CancelledError): ReadonlyArray<TaskImpl> => {
  const tasks = treesOf(new Set([root]))
  askOnceEach(tasks, request)
  return tasks
}

/** Says of ancestors whether they are `roots` or below one. Each is looked at once, however many tasks it has created. */
const lookUpFor = (roots: ReadonlySet<TaskImpl>): ((ancestor: Ancestor | undefined) => boolean) => {
  const known = new Map<Ancestor | undefined, boolean>([[undefined, false]])
  for (const root of roots) {
    const ancestor = knownAncestorOf(root)
    if (ancestor !== undefined) known.set(ancestor, true)
  }
  return (ancestor) => {
    const way: Array<Ancestor> = []
    let at = ancestor
    while (at !== undefined && !known.has(at)) {
      way.push(at)
      at = at.detached ? undefined : at.parent
    }
    const found = known.get(at)!
    for (const each of way) known.set(each, found)
    return found
  }
}
