/**
 * Several observers of the same loop.
 */
import type * as Exit from "effect/Exit"
import type { Runnable } from "../data/readyQueue.ts"
import type { CancelledError } from "../model/CancelledError.ts"
import type { FutureImpl } from "./future.ts"
import type { TaskImpl } from "./task.ts"
import type { Noted, Observer, TaskLoop } from "./taskLoop.ts"

/** Adds an observer to those of a loop. Gives a function that removes it. */
export const addObserver = (loop: Pick<TaskLoop, "observer">, observer: Observer): (() => void) => {
  const before = loop.observer
  // One alone is called directly: an observer that records everything is called very often.
  if (before === undefined) loop.observer = observer
  else if (before instanceof Observers) before.add(observer)
  else loop.observer = new Observers([before, observer])
  return () => {
    const now = loop.observer
    if (now === observer) loop.observer = undefined
    else if (now instanceof Observers) {
      now.remove(observer)
      if (now.members.length === 1) loop.observer = now.members[0]
    }
  }
}

/** Several observers of one loop. */
class Observers implements Observer {
  members: ReadonlyArray<Observer>
  // The observers that have heard of the begin of each step under way: only they hear of its end.
  readonly #inSteps: Array<ReadonlyArray<Observer>> = []

  constructor(members: ReadonlyArray<Observer>) {
    this.members = members
  }

  get keeps(): ReadonlyArray<object> {
    return this.members.flatMap((member) => member.keeps ?? [])
  }

  add(member: Observer): void {
    this.members = [...this.members, member]
  }

  remove(member: Observer): void {
    this.members = this.members.filter((each) => each !== member)
  }

  registered(task: TaskImpl): void {
    for (const member of this.members) member.registered(task)
  }

  ending(task: TaskImpl): void {
    for (const member of this.members) member.ending(task)
  }

  queued(item: Runnable): void {
    for (const member of this.members) member.queued(item)
  }

  stepBegins(task: TaskImpl, exit: Exit.Exit<never>): void {
    const { members } = this
    this.#inSteps.push(members)
    for (const member of members) member.stepBegins(task, exit)
  }

  /** The first one hears of it last, around the others. */
  stepEnds(task: TaskImpl): void {
    for (const member of this.#inSteps.pop()!.toReversed()) member.stepEnds(task)
  }

  stretchBegins(): void {
    for (const member of this.members) member.stretchBegins?.()
  }

  waits(task: TaskImpl, future: FutureImpl | undefined): void {
    for (const member of this.members) member.waits(task, future)
  }

  ended(task: TaskImpl): void {
    for (const member of this.members) member.ended(task)
  }

  cancelRequested(task: TaskImpl, error: CancelledError): void {
    for (const member of this.members) member.cancelRequested(task, error)
  }

  waiterMade(waiter: FutureImpl<void, never>, owner: { toString(): string }): void {
    for (const member of this.members) member.waiterMade(waiter, owner)
  }

  /** What the oldest observer has noted that has noted anything. */
  noted(task: TaskImpl): Noted | undefined {
    for (const member of this.members) {
      const noted = member.noted?.(task)
      if (noted !== undefined) return noted
    }
    return undefined
  }
}
