/**
 * What is kept of the tasks that are over.
 */
import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import { Ring } from "../data/ring.ts"
import { cut, safely } from "../data/text.ts"
import type { EndedTask } from "../model/EndedTask.ts"
import { unexpectedValue } from "../model/hints.ts"
import type { KeptTasks, TaskLoop } from "./taskLoop.ts"
import type { TaskImpl } from "./task.ts"

/** Has a loop keep what is to be known of the last `count` tasks that end. */
export const keepEnded = (loop: TaskLoop, count: number): void => {
  if (!Number.isInteger(count) || count < 0) {
    // When: `keepEndedTasks` got no whole number, or a negative one. Infinity would keep more and more.
    throw unexpectedValue(
      "a whole number was expected by keepEndedTasks()",
      count,
      "Give it how many tasks to keep that are over; zero for none."
    )
  }
  loop.ended = count === 0 ? undefined : new Kept(count, loop.ended?.toArray())
}

class Kept implements KeptTasks {
  readonly #ring: Ring<EndedTask>

  constructor(count: number, before: ReadonlyArray<EndedTask> | undefined) {
    this.#ring = new Ring(count, before)
  }

  add(task: TaskImpl): void {
    this.#ring.add(endedTask(task))
  }

  toArray(): ReadonlyArray<EndedTask> {
    return this.#ring.toArray()
  }
}

const endedTask = (task: TaskImpl): EndedTask => {
  const { cancellation, createdAt, createdBy, id, labels } = task
  const exit = task.exit!
  const endedAt = task.loop.time()
  const failed = Exit.isFailure(exit) && cancellation === undefined
  return {
    id,
    name: task.getName(),
    labels,
    createdBy: createdBy?.toJSON(),
    outcome: cancellation !== undefined ? "cancelled" : failed ? "failed" : "finished",
    error: failed ? textOf(Cause.squash(exit.cause)) : undefined,
    kind: cancellation?.kind,
    reason: cancellation?.reason,
    requestedBy: cancellation?.requestedBy?.toJSON(),
    createdAt,
    endedAt,
    duration: endedAt - createdAt
  }
}

const textOf = (error: unknown): string => cut(safely(() => String(error), "an error that cannot be printed"))
