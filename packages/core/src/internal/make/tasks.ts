/**
 * Making tasks.
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { checkLabels } from "../model/arguments.ts"
import { coroutineOf, isEffect } from "../model/bodies.ts"
import { unexpectedValue } from "../model/hints.ts"
import type { CreateTaskOptions, Task } from "../model/Task.ts"
import { givenVariables } from "../model/variables.ts"
import type { TaskLoop } from "../task/taskLoop.ts"
import { noteOptions } from "../task/ancestry.ts"
import { FiberTask } from "../task/fiberTask.ts"
import { newSilentRequest } from "../task/future.ts"
import type { TaskImpl } from "../task/task.ts"
import { creatorIn, taskOf } from "../task/current.ts"
import { untilDone } from "../task/fiberWait.ts"

/** Makes a task of `loop`, by way of its task factory if it has one, and schedules or runs its first step. */
export const spawn = <A, E>(
  loop: TaskLoop,
  context: Context.Context<never>,
  coroutine: Effect.Effect<A, E>,
  options: CreateTaskOptions | undefined
): FiberTask<A, E> => {
  if (!isEffect(coroutine)) {
    const generated = coroutineOf(coroutine) as Effect.Effect<A, E>
    if (isEffect(generated)) return spawn(loop, context, generated, options)
    // When: `createTask` of core got no Effect, but a function that makes one, or a promise.
    throw unexpectedValue(
      "a coroutine was expected",
      coroutine,
      "Give it an Effect: call the function that makes it, or use compat for async functions."
    )
  }
  return loop.hasFactoryFor(options)
    ? (loop.makeTask<A, E>(options, (changed) => make(loop, context, coroutine, changed)) as FiberTask<A, E>)
    : make(loop, context, coroutine, options)
}

const make = <A, E>(
  loop: TaskLoop,
  context: Context.Context<never>,
  coroutine: Effect.Effect<A, E>,
  options: CreateTaskOptions | undefined
): FiberTask<A, E> => {
  if (options?.labels !== undefined) checkLabels(options.labels, "createTask()")
  const birth = loop.births.by(creatorIn(loop, context))
  const task = new FiberTask<A, E>(loop, loop.baseFrom(context), coroutine, options?.name, birth)
  if (options?.variables !== undefined) task.variables = givenVariables(options.variables)
  noteOptions(task, options)
  task.start(options?.eagerStart)
  return task
}

/**
 * Cancels a task whose Effect scope is closed, and waits for its end, whatever that is. Called in the task itself it cancels and does not
 * wait: the task would wait for itself.
 */
export const endWithEffectScope = (ended: Task<unknown, unknown>): Effect.Effect<void> =>
  Effect.withFiber((fiber) => {
    const task = ended as unknown as TaskImpl
    // Not asked: that would count as having looked at its failure. And its loop may be closed.
    if (task.done()) return Effect.void
    task.cancelWith(newSilentRequest(task.loop, "parent", "its scope is closed"))
    return taskOf(fiber) === task ? Effect.void : untilDone(task)
  })
