/**
 * The tasks that wait for a lock, an event, a place in a queue: futures in the order they came.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { RuntimeError } from "../model/errors.ts"
import { withHint } from "../model/hints.ts"
import { checkCopy } from "../model/copy.ts"
import type { TaskLoop } from "../task/taskLoop.ts"
import { FutureImpl } from "../task/future.ts"
import { type Linked, LinkedList } from "../data/linkedList.ts"
import { loopOf } from "../make/loops.ts"
import type { Restore } from "../task/untilNotCancelled.ts"
import type { TaskImpl } from "../task/task.ts"

/** A place in the queue. It is done when it was woken, or when its task gave up. */
export class Waiter extends FutureImpl<void, never> implements Linked<Waiter> {
  previous: Waiter | undefined = undefined
  next: Waiter | undefined = undefined

  override get shared(): boolean {
    return false
  }

  wake(): boolean {
    if (this.exit !== undefined) return false
    this.complete(Exit.void)
    return true
  }
}

/**
 * Waits for a future that only its one waiter can cancel: a cancellation is then always the waiter's own, and never a
 * typed failure.
 */
export const awaitOwn = <A>(future: FutureImpl<A, never>): Effect.Effect<A> => future as unknown as Effect.Effect<A>

/** Binds an object to the run it is first waited in, as asyncio does. Code in no run may wait for it as well. */
export class LoopBinding {
  readonly owner: { toString(): string }
  #loop: TaskLoop | undefined = undefined

  constructor(owner: { toString(): string }) {
    this.owner = owner
  }

  /** Checks that it is waited on where it always was, and says where that is. */
  get(loop: TaskLoop = loopOf(Fiber.getCurrent()!)): TaskLoop {
    if (loop.ofClock) return loop
    if (this.#loop === undefined) {
      checkCopy(loop)
      this.#loop = loop
    }
    if (this.#loop !== loop) {
      // When: a lock, a queue or the like was waited for on two loops.
      throw withHint(
        new RuntimeError(`${this.owner.toString()} is bound to a different event loop`),
        "Make it inside the run that uses it."
      )
    }
    return loop
  }

  /** A place in a queue of the owner. */
  makeWaiter(loop?: TaskLoop): Waiter {
    return this.noted(new Waiter(this.get(loop)))
  }

  noted<W extends Waiter>(waiter: W): W {
    waiter.loop.observer?.waiterMade(waiter, this.owner)
    return waiter
  }
}

/** A place in the queue of an owner that nothing else leads to: that of a condition, and of an attempt inside a mask. */
export class OwnedWaiter extends Waiter {
  readonly owner: { toString(): string }
  /** What waits: an attempt, or the `use` of one; undefined for what has no name of its own. */
  readonly operation: object | "use" | undefined

  constructor(binding: LoopBinding, operation: OwnedWaiter["operation"]) {
    super(binding.get())
    this.owner = binding.owner
    this.operation = operation
  }
}

/** What a task group waits with at its end: a class of its own, by which tools can tell that. */
export class GroupWaiter extends Waiter {}

export class WaitQueue {
  readonly #binding: LoopBinding
  // In order of arrival. A waiter leaves when its wait ends, or when it is taken out to be woken.
  readonly #waiters = new LinkedList<Waiter>()

  constructor(binding: LoopBinding) {
    this.#binding = binding
  }

  /** The lock, or the like, whose queue it is. */
  get owner(): { toString(): string } {
    return this.#binding.owner
  }

  get size(): number {
    return this.#waiters.size
  }

  /** How the queue prints at the end of its owner's repr; nothing when it is empty. */
  toString(): string {
    return this.#waiters.size === 0 ? "" : `, waiters:${this.#waiters.size}`
  }

  /** The tasks in the queue. */
  *waiting(): Generator<TaskImpl> {
    for (let waiter = this.#waiters.first; waiter !== undefined; waiter = waiter.next) yield* waiter.awaiters()
  }

  /** Whether every waiter in the queue has given up. */
  allCancelled(): boolean {
    for (let waiter = this.#waiters.first; waiter !== undefined; waiter = waiter.next) {
      if (!waiter.cancelled()) return false
    }
    return true
  }

  /** Takes a place at the end of the queue. The caller sees to it that the place is left. */
  join(loop?: TaskLoop): Waiter {
    const waiter = this.#binding.makeWaiter(loop)
    this.#waiters.add(waiter)
    return waiter
  }

  leave(waiter: Waiter): void {
    this.#waiters.remove(waiter)
  }

  /**
   * Joins the end of the queue until woken. `ended` is called when the waiter has left the queue; `woken` says whether the wait has
   * succeeded. Where it has not and the waiter is not cancelled, its fiber was interrupted after `wake`: the waiter was given the lock,
   * or the like, and cannot use it.
   *
   * Only inside an uninterruptible mask, of which `restore` is: a plain fiber may have to yield between any two
   * operations and be interrupted there. If it had joined the queue and could not leave it, or was woken and did not use
   * its place, the next waiter would wait for ever. Only the waiting itself can be interrupted.
   */
  wait(
    restore: Restore,
    ended: (woken: boolean, waiter: Waiter) => void = () => {},
    operation?: OwnedWaiter["operation"]
  ): Effect.Effect<void> {
    const waiter = this.#binding.noted(new OwnedWaiter(this.#binding, operation))
    this.#waiters.add(waiter)
    return Effect.flatMap(Effect.exit(restore(awaitOwn(waiter))), (exit) => {
      this.leave(waiter)
      const woken = Exit.isSuccess(exit)
      // Interrupted before it began to wait.
      if (!woken) waiter.cancelUnsafe()
      ended(woken, waiter)
      return exit
    })
  }

  /** Wakes the first in the queue, unless it is woken already. Keeps its place until its task has run. */
  wakeFirst(): void {
    this.#waiters.first?.wake()
  }

  /** Wakes up to `count` that are still waiting, in order, and says how many. */
  wake(count: number): number {
    let woken = 0
    for (let waiter = this.#waiters.first; waiter !== undefined && woken < count; waiter = waiter.next) {
      if (waiter.wake()) woken++
    }
    return woken
  }

  /** Takes waiters out of the queue until one could be woken. */
  takeAndWakeNext(): void {
    for (let waiter = this.#waiters.first; waiter !== undefined; waiter = this.#waiters.first) {
      this.#waiters.remove(waiter)
      if (waiter.wake()) return
    }
  }

  /** Empties the queue and wakes every waiter in it. */
  takeAndWakeAll(): void {
    for (const waiter of this.#waiters.toArray()) {
      this.#waiters.remove(waiter)
      waiter.wake()
    }
  }
}
