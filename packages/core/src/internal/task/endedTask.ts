/**
 * What is kept of a task that is over.
 */
import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import type { EndedTask } from "../model/EndedTask.ts"
import { cut, safely } from "../data/text.ts"
import type { TaskImpl } from "./task.ts"

export const endedTask = (task: TaskImpl): EndedTask => {
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
