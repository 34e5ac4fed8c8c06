/**
 * What a task waits for.
 */
import type { TaskImpl } from "./task.ts"
import type { Wait } from "./wait.ts"

/** The awaits in flight, the oldest first in each scope, and those of outer scopes before those further in. */
export const waitsOf = ({ root }: TaskImpl): ReadonlyArray<Wait> => Array.from(root?.waits() ?? [])

/** A lock or the like. */
export interface Owner {
  toString(): string
  /** The numbers of the tasks that hold it, where that is known. */
  holders?(): ReadonlyArray<number>
}

export const holdersOf = (owner: Owner): ReadonlyArray<number> => owner.holders?.() ?? []

/** The locks and the like in whose queues a task waits. Their classes are not named: a program that uses none of them has none. */
export const ownersOf = (task: TaskImpl): ReadonlyArray<Owner> =>
  waitsOf(task).flatMap((wait) => {
    const { attempt, future } = wait as unknown as {
      readonly attempt?: { readonly waiters: { readonly owner: Owner } }
      readonly future?: { readonly owner?: Owner }
    }
    return attempt?.waiters.owner ?? future?.owner ?? []
  })
