/**
 * Where a task can be cancelled: before its first step, and at each of its awaits. The names of these places are the same in each run
 * of a program, as far as the program does the same.
 *
 *     worker:2            the second await of the task worker; worker:0 is the time before it begins
 *     worker:2.5          behind it, when what it waits for is there and the task has not gone on
 *     worker:3/17         before the 17th step or callback that the loop runs, where Effect's fibers give way after 3 operations
 *     Task-3~2:1          the first await of the second task that is called Task-3
 */
import type { TaskWait } from "@effect-asyncio/core/testing"

export interface Point {
  /** `worker:2` */
  readonly key: string
  readonly task: string
  readonly await: number
  /** What it waits for, in words. */
  readonly waits: string
  readonly waitsForTasks: boolean
  /** Milliseconds on the loop's clock. */
  readonly time: number
  /** FILE:LINE of the await, where that is known; only asked for when a failure is told. */
  readonly place: string | undefined
  /** The groups that have tasks there, and the timeouts that run: their numbers, in the order they were made. */
  readonly groups: ReadonlyArray<number>
  readonly timeouts: ReadonlyArray<number>
  /** Whether the main task could be cancelled there, and is another one. */
  readonly mainIsOther: boolean
  /** The tasks beside it and the main task that have begun and are not done. */
  readonly others: ReadonlyArray<Other>
}

/** A task, by its number in the order they were made. */
export interface Other {
  readonly number: number
  readonly name: string
}

/** What is cancelled at a point: its task, the main task, a group, what a timeout limits, or a task that waits for something else. */
export type Victim = "task" | "main" | `group${number}` | `timeout${number}` | `other${number}`

export interface Cut {
  readonly point: string
  readonly victim: Victim
}

export const cutText = ({ point, victim }: Cut): string => (victim === "task" ? point : `${point}!${victim}`)

/** `worker:2+Task-1:3!main` */
export const cutsText = (cuts: ReadonlyArray<Cut>): string => cuts.map(cutText).join("+")

export const parseCuts = (text: string): ReadonlyArray<Cut> => {
  // The name of a task may have any of the signs: what follows the last colon decides.
  const cuts = [
    ...text.matchAll(/(?:^|\+)(.+?:\d+(?:\.5|\/\d+)?)(?:!(main|(?:group|timeout|other)\d+))?(?=\+|$)/g)
  ].map(([, point, victim]): Cut => ({ point: point!, victim: (victim ?? "task") as Victim }))
  if (cutsText(cuts) === text && cuts.length > 0) return cuts
  throw new TypeError(`a place such as "worker:2" or "Task-1:3!main" was expected, not ${JSON.stringify(text)}`)
}

export const waitText = (wait: TaskWait): string => {
  switch (wait.kind) {
    case "iteration":
      return "lets others run"
    case "sleep":
      return wait.until === Infinity ? "sleeps for ever" : `sleeps until ${Math.round(wait.until * 1000) / 1000} ms`
    case "tasks":
      return `waits for ${wait.tasks.map((task) => task.getName()).join(", ")}`
    case "object":
      return `waits for a ${/^<(\w+)/.exec(wait.object)?.[1] ?? wait.object}`
    case "future":
      return "waits for a future"
  }
  return "waits for something else than tasks"
}

/** After how many operations fibers give way in the run that a place is of; undefined for as many as usual. */
export const budgetOf = (cuts: ReadonlyArray<Cut>): number | undefined => {
  const found = cuts.map(({ point }) => /:(\d+)\/\d+$/.exec(point)?.[1]).find((each) => each !== undefined)
  return found === undefined ? undefined : Number(found)
}
