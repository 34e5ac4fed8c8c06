/**
 * Which task was on the processor when.
 */
import type { LoopsRecorder } from "../recorder/loopsRecorder.ts"

/**
 * The steps of tasks in the order they ended, column by column.
 *
 * @category models
 * @since 0.1.0
 */
export interface Steps {
  /** In microseconds on the clock of the profile. */
  readonly from: ReadonlyArray<number>
  readonly to: ReadonlyArray<number>
  /** The place of the task's name in `names`. */
  readonly name: ReadonlyArray<number>
  readonly names: ReadonlyArray<string>
  /** Whether there were more steps than were kept: then the first ones are missing. */
  readonly cut: boolean
}

/** The steps that a recorder has seen, which has to be a precise one. `profilerNow` is now on the clock of the profile, in microseconds. */
export const stepsOf = (recorder: LoopsRecorder, profilerNow: number): Steps => {
  const offset = profilerNow - recorder.now() * 1000
  const events = recorder.events()
  const nameOf = recorder.names()
  for (const { name, task } of events) if (name !== undefined) nameOf.set(task, name)
  const places = new Map<string, number>()
  const from: Array<number> = []
  const to: Array<number> = []
  const name: Array<number> = []
  const add = (task: number, began: number, time: number) => {
    const called = nameOf.get(task) ?? "?"
    if (!places.has(called)) places.set(called, places.size)
    from.push(Math.round(began * 1000 + offset))
    to.push(Math.round(time * 1000 + offset))
    name.push(places.get(called)!)
  }
  for (const { began, task, time } of events) if (began !== undefined) add(task, began, time)
  const current = recorder.ring.current()
  if (current !== undefined) add(current.task, current.began, recorder.now())
  return { from, to, name, names: [...places.keys()], cut: recorder.ring.length === recorder.ring.size }
}
