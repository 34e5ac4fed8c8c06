/**
 * Which plain fibers are a part of a task, and which only have its services.
 *
 * A branch of `Effect.all` gets the context of the fiber that forked it, and with it the current task. So does the fiber that a
 * server begins for an HTTP request, with `Effect.runForkWith(services)`: but that is no branch. Nothing in the two fibers
 * differs; what does is where they begin. The loop is asked before every operation of a fiber whether it should yield, and so
 * sees each one before its first operation:
 *
 *     a branch   inside of a fiber, with that one's very context; or at the end of a branch, with the context that it had, as
 *                forEach goes on with its next item; or by itself on the loop, because fork has scheduled it
 *     no branch  anywhere else: the current task is taken out of its context, and it gets one of its own when it asks
 */
import * as Context from "effect/Context"
import type { AnyFiber } from "../model/AnyFiber.ts"
import { CurrentTask } from "../model/references.ts"
import { runsFor } from "./current.ts"
import type { TaskLoop } from "./taskLoop.ts"
import type { TaskImpl } from "./task.ts"
import { workingLoop } from "../loop/iterations.ts"

/** A fiber, with what Effect's types do not promise. Where it is missing, every fiber is taken for a branch. */
interface Begun extends AnyFiber {
  /** Whether it is on the JavaScript stack. */
  readonly _running?: boolean
  readonly _observers?: Array<() => void> | undefined
}

// So many fibers that have left the stack may be kept.
const mostKept = 16

export class Lineage {
  readonly #loop: TaskLoop
  /** The fiber whose operation was the last. */
  last: AnyFiber | undefined = undefined
  // The fibers on the JavaScript stack, and above them perhaps some that have left it: the first `#depth` of the array, which is
  // rarely made shorter, because an array that is emptied and filled again and again is allocated as often.
  readonly #around: Array<Begun> = []
  #depth = 0
  // Ids grow: a fiber with a higher one has never been seen. One that was scheduled may begin after others with higher ones;
  // it is a branch, and nothing has to be done for it.
  #newest = 0
  // The context of the branch whose observers are being told of its end.
  #ending: Context.Context<never> | undefined = undefined
  /** Whether a callback of the program is on the stack. */
  inCallback = false
  /** Whether the next fiber to begin is a part of its task, which nothing else would tell. */
  expected = false

  constructor(loop: TaskLoop) {
    this.#loop = loop
  }

  /** Has the fiber that `begin` begins count as a part of its task, which nothing else would tell. */
  asPart<A>(begin: () => A): A {
    this.expected = true
    try {
      return begin()
    } finally {
      this.expected = false
    }
  }

  /** `fiber`, which is not the last one, is about to do an operation. */
  enter(fiber: Begun): void {
    this.last = fiber
    if (fiber._running === undefined) return
    const around = this.#around
    while (this.#depth > 0 && around[this.#depth - 1]!._running !== true) this.#depth--
    if (this.#depth === 0 && around.length > mostKept) around.length = 0
    if (fiber.id > this.#newest) {
      this.#newest = fiber.id
      this.#begins(fiber)
    }
    if (this.#depth === 0 || around[this.#depth - 1] !== fiber) around[this.#depth++] = fiber
  }

  #begins(fiber: Begun): void {
    if (this.expected) return void (this.expected = false)
    const task = fiber.getRef(CurrentTask) as TaskImpl | undefined
    if (task !== undefined && runsFor(fiber, task)) return
    // It may wait for a promise, of which nothing else tells.
    this.#loop.noteForeign()
    if (task === undefined) return
    if (this.#isBranch(fiber, task)) this.#tellEnd(fiber)
    else fiber.setContext(Context.add(fiber.context, CurrentTask, undefined))
  }

  #isBranch(fiber: Begun, task: TaskImpl): boolean {
    if (fiber.context === this.#ending) return true
    for (let i = 0; i < this.#depth; i++) if (this.#around[i]!.context === fiber.context) return true
    if (this.#depth > 0) return false
    if (workingLoop() === this.#loop && !this.inCallback) return true
    // Code of the task that is no fiber: an async function.
    return this.#loop.running === task || this.#loop.ambientTask?.(this.#loop) === task
  }

  /** While the observers of a branch hear of its end, the fibers that they begin are branches of the same fiber. */
  #tellEnd(branch: Begun): void {
    const { context } = branch
    branch.addObserver(() => {
      const outer = this.#ending
      this.#ending = context
      observers?.push(() => void (this.#ending = outer))
    })
    const observers = branch._observers
  }
}
