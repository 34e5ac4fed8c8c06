/**
 * What is shown of agents: of tasks of core and of compat.
 */
import type { EndedTask, Labels, TaskRef } from "@effect-asyncio/core"

interface Shown {
  readonly id: number
  readonly labels: Labels
  readonly detached: boolean
  readonly createdBy: TaskRef | undefined
}

/** What runs, and for whom. */
export const listed = (tasks: ReadonlyArray<Shown>): string =>
  tasks
    .map(({ createdBy, detached, id, labels }) => {
      const where = detached ? "in the background" : `for ${createdBy?.name}`
      return `${id} ${labels.agent}, ${where}`
    })
    .join("\n")

/** How each has ended, after what time, by which kind of stop, and why. */
export const over = (tasks: ReadonlyArray<EndedTask>): string =>
  tasks
    .map(({ duration, kind, name, outcome, reason }) =>
      [name, `${outcome} after ${Math.round(duration / 1000)} s`, kind, reason]
        .filter((part) => part !== undefined)
        .join(", ")
    )
    .join("\n")
