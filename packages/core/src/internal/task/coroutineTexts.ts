/**
 * How the coroutine of a task prints: an Effect by what its fiber tells, another one by its `describe`.
 */
import * as Effect from "effect/Effect"
import type { AnyFiber } from "../model/AnyFiber.ts"
import type { Coroutine } from "../model/Coroutine.ts"
import { currentTaskOf, runningTask } from "./current.ts"
import type { FiberScope } from "./fiberScope.ts"
import { type CoroutineFrame, frameOfCoroutine, framesOf, runningLine, runningLineOf } from "./frames.ts"
import type { TaskImpl } from "./task.ts"

const fiberOf = ({ root }: TaskImpl): AnyFiber | undefined => (root as FiberScope | undefined)?.fiber

/** The coroutines of a task that is not done, innermost first; at most so many, the outermost ones. */
export const framesIn = (task: TaskImpl, outermost?: number): ReadonlyArray<CoroutineFrame> => {
  const { base, coroutine } = task
  if (!Effect.isEffect(coroutine)) return [coroutine.describe()]
  const fiber = fiberOf(task)
  const frames = fiber === undefined ? [] : framesOf(fiber, base, outermost)
  return frames.length > 0 ? frames : [frameOfCoroutine(coroutine)].filter((frame) => frame !== undefined)
}

/** FILE:LINE at which the innermost coroutine stands. One that has not started stands at its definition, as in CPython. */
export const placeIn = (task: TaskImpl, frame: CoroutineFrame | undefined): string | undefined => {
  const { coroutine } = task
  if (!Effect.isEffect(coroutine)) return placeOf(task, coroutine)
  if (runningTask() === task) return runningLine()
  return fiberOf(task) === undefined ? frame?.definedAt : undefined
}

const placeOf = (task: TaskImpl, coroutine: Coroutine<unknown, unknown>): string | undefined => {
  const { definedAt, name, runningAt } = coroutine.describe()
  if (task.root === undefined) return definedAt
  if (runningAt !== undefined) return runningAt
  // A stack is dear, and a task that waits is on none.
  return currentTaskOf(task.loop) === task ? runningLineOf(name) : undefined
}

/** A function that tells how the coroutine was defined, also when the task is done and gone: it does not keep the task. */
export const definitionOf = ({ coroutine }: TaskImpl): (() => CoroutineFrame | undefined) =>
  Effect.isEffect(coroutine) ? () => frameOfCoroutine(coroutine) : () => coroutine.describe()
