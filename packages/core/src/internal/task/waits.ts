/**
 * What a task waits for.
 */
import { CallbackScope } from "./callbackScope.ts"
import { FiberScope } from "./fiberScope.ts"
import type { TaskImpl } from "./task.ts"
import { Wait } from "./wait.ts"

/** The awaits in flight, the oldest first in each scope. */
export const waitsOf = ({ root }: TaskImpl): ReadonlyArray<Wait> => {
  const waits: Array<Wait> = []
  const parts: Array<unknown> = [root]
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    if (part instanceof Wait) waits.push(part)
    else if (part instanceof FiberScope) parts.push(part.wait ?? part.inner)
    else if (part instanceof CallbackScope) parts.push(...part.parts().toReversed())
  }
  return waits
}

/** A lock or the like. */
export interface Owner {
  toString(): string
  /** The numbers of the tasks that hold it, where that is known. */
  holders?(): ReadonlyArray<number>
}

/** The locks and the like in whose lines a task stands. Their classes are not named: who uses none of them has none of them. */
export const ownersOf = (task: TaskImpl): ReadonlyArray<Owner> =>
  waitsOf(task).flatMap((wait) => {
    const { attempt, future } = wait as unknown as {
      readonly attempt?: { readonly waiters: { readonly owner: Owner } }
      readonly future?: { readonly owner?: Owner }
    }
    return attempt?.waiters.owner ?? future?.owner ?? []
  })
