/**
 * Which task has created which. What is known of that outlives the tasks, and keeps none of them alive.
 *
 *     task ──▶ Birth ──creator──▶ Ancestor ──parent──▶ Ancestor ──parent──▶ ...
 *
 * A task that creates no other, and has nothing else to remember, has a {@link Birth} only. Tasks that one task creates in one moment
 * share it: to create many allocates nothing here.
 */
import type { CreateTaskOptions, Labels } from "../model/Task.ts"
import { isOfOtherCopy } from "../model/copy.ts"
import { TaskRef } from "../model/TaskRef.ts"
import type { TaskImpl } from "./task.ts"
import type { TaskLoop } from "./taskLoop.ts"

/** When a task was created, and by which one. */
export class Birth {
  /** Undefined where no task did: in a callback, in plain code. */
  readonly creator: Ancestor | undefined
  /** On the loop's clock. */
  readonly at: number

  constructor(creator: Ancestor | undefined, at: number) {
    this.creator = creator
    this.at = at
  }
}

/** A task, as far as it is asked where it comes from. */
type WithOrigin = Pick<TaskImpl, "origin">

// Ancestors less deep than `alwaysKept` are never left out. A chain of the depth `firstLook` is first searched for ancestors that are gone.
const alwaysKept = typeof WeakRef === "function" ? 32 : Infinity
const firstLook = 64

/** What is known of a task that has created others, or that has labels, or is detached. */
export class Ancestor {
  /** The name and id by which other tasks know the task. */
  ref: TaskRef
  /** Undefined when the task is gone: no code can ask for it then. */
  birth: Birth | undefined
  /** The next ancestor whose tree may still be cancelled. Not always the creator: ancestors that are gone are left out. */
  parent: Ancestor | undefined
  labels: Labels | undefined = undefined
  /** Whether a cancellation of the tree around stops here. */
  detached = false
  /** Whether its group has let it go. */
  promoted = false
  /** Whether the task has created others: else its tree is the task alone, and `treesOf` need not search. */
  creates = false
  /** How many ancestors are above. */
  readonly depth: number
  // The depth at which the chain is searched the next time.
  readonly #nextLook: number
  // The task of an ancestor that is so deep that it must not be kept for ever.
  readonly #task: WeakRef<TaskImpl> | undefined

  constructor(ref: TaskRef, birth: Birth | undefined, task?: TaskImpl) {
    const parent = birth?.creator
    this.ref = ref
    this.birth = birth
    this.parent = parent
    const depth = parent === undefined ? 0 : parent.depth + 1
    const nextLook = parent === undefined ? firstLook : parent.#nextLook
    this.depth = depth < nextLook ? depth : this.#shorten()
    this.#nextLook = depth < nextLook ? nextLook : Math.max(firstLook, 2 * this.depth)
    this.#task = task === undefined || this.depth < alwaysKept ? undefined : new WeakRef(task)
  }

  /**
   * Leaves out ancestors that are gone, and gives how many are left. A task that creates its successor and ends, again and
   * again, would otherwise have a chain of ancestors without end.
   */
  #shorten(): number {
    let depth = 0
    for (let above = this.#nextParent(); above !== undefined; above = above.#nextParent()) depth++
    return depth
  }

  /** The parent, without those ancestors that are gone. */
  #nextParent(): Ancestor | undefined {
    const gone: Array<Ancestor> = []
    let above = this.parent
    while (above !== undefined && above.#isGone()) {
      gone.push(above)
      // A cancellation of a tree further up does not come down here.
      above = above.detached ? undefined : above.parent
    }
    for (const ancestor of gone) {
      ancestor.birth = undefined
      ancestor.parent = above
    }
    return (this.parent = above)
  }

  #isGone(): boolean {
    return this.#task !== undefined && this.#task.deref() === undefined
  }
}

/** The ancestor of a task, where more than its birth is known. */
export const knownAncestorOf = ({ origin }: WithOrigin): Ancestor | undefined =>
  origin instanceof Ancestor ? origin : undefined

/** {@link knownAncestorOf}, which is made where there is none. */
export const ancestorOf = (task: TaskImpl): Ancestor =>
  task.origin instanceof Ancestor ? task.origin : (task.origin = new Ancestor(new TaskRef(task), task.origin, task))

export const birthOf = ({ origin }: WithOrigin): Birth => (origin instanceof Ancestor ? origin.birth! : origin)

/** The ancestor of a task that creates one. A task of another copy of the package has a loop of its own: its tree ends there. */
const creatorFrom = (task: TaskImpl): Ancestor => {
  if (isOfOtherCopy(task.loop)) return new Ancestor(new TaskRef({ id: task.id, givenName: task.getName() }), undefined)
  const ancestor = ancestorOf(task)
  ancestor.creates = true
  return ancestor
}

export const noLabels: Labels = Object.freeze({})

/** Notes the options that few tasks have. */
export const noteOptions = (task: TaskImpl, options: CreateTaskOptions | undefined): void => {
  if (options === undefined) return
  if (options.labels !== undefined) ancestorOf(task).labels = Object.freeze({ ...options.labels })
  if (options.detached === true) ancestorOf(task).detached = true
}

/** The births of a loop's tasks. */
export class Births {
  readonly #loop: TaskLoop
  // Tasks that are made by the same task at the same time share one.
  #last = new Birth(undefined, 0)

  constructor(loop: TaskLoop) {
    this.#loop = loop
  }

  /** The birth of a task that `creator` makes now. */
  by(creator: TaskImpl | undefined): Birth {
    const { debug, ended } = this.#loop
    const at = debug || ended !== undefined ? this.#loop.time() : this.#loop.moment
    const ancestor = creator === undefined ? undefined : creatorFrom(creator)
    const last = this.#last
    return last.creator === ancestor && last.at === at ? last : (this.#last = new Birth(ancestor, at))
  }
}
