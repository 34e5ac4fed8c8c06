/**
 * Tasks and what they have created, directly or by way of others.
 */
import { isLinked } from "../data/linkedList.ts"
import type { CancelledError } from "../model/CancelledError.ts"
import { type Ancestor, birthOf, knownAncestorOf } from "./ancestry.ts"
import { askOnceEach } from "./cancelWalk.ts"
import type { TaskImpl } from "./task.ts"

/**
 * `roots` and the tasks below them that are not done, the oldest first. A detached task is left out, with what it has created; one of
 * `roots` may be detached itself.
 */
export const treesOf = (roots: ReadonlySet<TaskImpl>): ReadonlyArray<TaskImpl> => {
  const found = [...roots].some((root) => knownAncestorOf(root)?.creates === true)
    ? amongAll(roots)
    : // Roots that have created no task need no search: a program may ask for very many of them one by one.
      [...roots].filter(isLinked)
  return found.sort((a, b) => a.id - b.id)
}

const amongAll = (roots: ReadonlySet<TaskImpl>): Array<TaskImpl> => {
  const isBelow = lookUpFor(roots)
  return [...new Set(Array.from(roots, (root) => root.loop))]
    .flatMap((loop) => loop.allTasksUnsafe())
    .filter((task) => roots.has(task) || (!task.detached && isBelow(birthOf(task).creator)))
}

/** Asks the tasks of a tree with one request, each once, and gives them. */
export const askTree = (root: TaskImpl, request: CancelledError): ReadonlyArray<TaskImpl> => {
  const tasks = treesOf(new Set([root]))
  askOnceEach(tasks, request)
  return tasks
}

/** Tells of an ancestor whether it is one of `roots` or below one. Each is looked at once, however many tasks it has created. */
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
