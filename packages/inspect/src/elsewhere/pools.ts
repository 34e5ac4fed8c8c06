/**
 * The workers of each definition as something that tasks take a place of: which tasks have one, and which wait for one.
 */
import type { TaskElsewhere, WorkerElsewhere } from "@effect-asyncio/core/lowlevel"
import type { ObjectRow } from "../protocol.ts"
import { type Lines, takes } from "./rows.ts"

/** Of so many tasks that wait for one definition it is told one by one; of the others how many there are. */
const longestLine = 200

/** What of a task says where it stands. */
export type Standing = Pick<TaskElsewhere, "definition" | "number" | "state">

interface Line {
  readonly holders: Array<number>
  readonly waiting: Array<ObjectRow["waiting"][number]>
  waits: number
}

/** How many tasks workers run at a time, all together. */
export const placesOf = (workers: ReadonlyArray<WorkerElsewhere>): number =>
  workers.reduce((sum, { concurrency }) => sum + concurrency, 0)

/** @param tasks Those that have not ended, the oldest first. */
export const poolsOf = (
  tasks: Iterable<Standing>,
  workers: ReadonlyArray<WorkerElsewhere>,
  numbers: Lines
): ReadonlyArray<ObjectRow> => {
  const lines = new Map<string, Line>()
  const lineOf = (definition: string): Line => {
    let line = lines.get(definition)
    if (line === undefined) lines.set(definition, (line = { holders: [], waiting: [], waits: 0 }))
    return line
  }
  for (const { definition } of workers) lineOf(definition)
  for (const { definition, number, state } of tasks) {
    const line = lineOf(definition)
    if (state === "running") line.holders.push(number)
    else if (line.waits++ < longestLine) line.waiting.push({ task: number, operation: takes })
  }
  return Array.from(lines, ([definition, { holders, waiting, waits }]) => {
    const own = workers.filter((worker) => worker.definition === definition)
    const there =
      own.length === 0 ? "none is there" : `${own.length} with ${placesOf(own)} places, ${holders.length} taken`
    return {
      id: numbers.numberOf(definition),
      text: `<Workers of ${definition}: ${there}, ${waits} waiting>`,
      holders,
      waiting
    }
  })
}
