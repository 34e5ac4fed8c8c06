/**
 * Several who watch the same loop.
 */
import type * as Exit from "effect/Exit"
import type { Runnable } from "../data/readyQueue.ts"
import type { CancelledError } from "../model/CancelledError.ts"
import type { FutureImpl } from "./future.ts"
import type { TaskImpl } from "./task.ts"
import type { Noted, Observer, TaskLoop } from "./taskLoop.ts"

/** Has an observer hear of what happens on a loop, beside those who do already. Gives what ends that. */
export const addObserver = (loop: Pick<TaskLoop, "observer">, observer: Observer): (() => void) => {
  const before = loop.observer
  const group = before instanceof Observers ? before : new Observers(before === undefined ? [] : [before])
  group.add(observer)
  loop.observer = group
  return () => {
    // The group stays as long as anybody is in it, so that each can still leave.
    group.remove(observer)
    if (loop.observer === group && group.members.length === 0) loop.observer = undefined
  }
}

/** Several observers of one loop. */
class Observers implements Observer {
  members: ReadonlyArray<Observer>

  constructor(members: ReadonlyArray<Observer>) {
    this.members = members
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

  unregistered(task: TaskImpl): void {
    for (const member of this.members) member.unregistered(task)
  }

  queued(item: Runnable): void {
    for (const member of this.members) member.queued(item)
  }

  step(task: TaskImpl, exit: Exit.Exit<never>, run: () => void): void {
    const { members } = this
    const inside = (i: number): void => {
      const member = members[i]
      if (member === undefined) run()
      else member.step(task, exit, () => inside(i + 1))
    }
    inside(0)
  }

  waits(task: TaskImpl): void {
    for (const member of this.members) member.waits(task)
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

  /** Of those who know, the one that has watched for the longest time. */
  noted(task: TaskImpl): Noted | undefined {
    for (const member of this.members) {
      const noted = member.noted?.(task)
      if (noted !== undefined) return noted
    }
    return undefined
  }
}
