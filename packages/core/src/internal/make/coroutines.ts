/**
 * Coroutines of other kinds, as tasks and as parts of tasks.
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { AnyFiber } from "../model/AnyFiber.ts"
import type { CancelledError } from "../model/CancelledError.ts"
import type { Coroutine, CoroutineTaskOptions } from "../model/Coroutine.ts"
import type { EventLoop } from "../model/EventLoop.ts"
import { checkLabels } from "../model/arguments.ts"
import { checkCoroutine, checkLoop } from "../model/loopArguments.ts"
import type { CreateTaskOptions, Task } from "../model/Task.ts"
import { aftermath } from "../task/aftermath.ts"
import { noteOptions } from "../task/ancestry.ts"
import { makeScope, type MakeScope } from "../task/callbackScope.ts"
import { CallbackTask } from "../task/callbackTask.ts"
import { cancellationIn, fiberInterrupted } from "../task/cancellation.ts"
import { checkedScopeOf, creatorIn } from "../task/current.ts"
import { setEnding } from "../task/ending.ts"
import type { FiberScope } from "../task/fiberScope.ts"
import { ownCancellation } from "../task/request.ts"
import type { TaskImpl } from "../task/task.ts"
import type { TaskLoop } from "../task/taskLoop.ts"
import { unwind, type Unwinding } from "../task/nestedParts.ts"
import { loopOf } from "./loops.ts"

/** Makes a task of `loop` that runs `coroutine`, by way of the loop's task factory if it has one. */
export const createCoroutineTask = <A, E>(
  loop: EventLoop,
  coroutine: Coroutine<A, E>,
  options?: CoroutineTaskOptions
): TaskImpl<A, E> => {
  const impl = loop as TaskLoop
  checkCoroutine(coroutine, "createCoroutineTaskUnsafe()")
  checkLoop(impl)
  const context = options?.context
  if (!impl.hasFactoryFor(options)) return make(impl, coroutine, context, options, options?.createdBy)
  const { context: _, createdBy, ...given } = options ?? {}
  return impl.makeTask<A, E>(given, (changed) => make(impl, coroutine, context, changed, createdBy))
}

const make = <A, E>(
  loop: TaskLoop,
  coroutine: Coroutine<A, E>,
  context: Context.Context<never> | undefined,
  options: CreateTaskOptions | undefined,
  createdBy: Task<unknown, unknown> | undefined
): TaskImpl<A, E> => {
  if (options?.labels !== undefined) checkLabels(options.labels, "createTask()")
  const creator = (createdBy as TaskImpl | undefined) ?? creatorIn(loop, context)
  const task = new CallbackTask(loop, coroutine, context, options, loop.births.by(creator))
  noteOptions(task, options)
  task.start(options?.eagerStart)
  return task
}

/** Runs `coroutine` as a part of the task whose fiber it is in, and as a task of its own in a plain fiber. */
export const embed = <A, E>(coroutine: Coroutine<A, E>): Effect.Effect<A, E | CancelledError> =>
  Effect.withFiber((fiber) => {
    checkCoroutine(coroutine, "embedCoroutine()")
    const scope = checkedScopeOf(fiber)
    return scope === undefined
      ? createCoroutineTask(loopOf(fiber), coroutine, { context: fiber.context })
      : Effect.callback<A, E | CancelledError>((resume) => host(scope, fiber, coroutine, resume))
  })

/**
 * Begins `coroutine` in a callback scope inside of `fiberScope`, and calls `resume` for the suspended `fiber` when that scope is over.
 * Gives what the fiber runs when it is interrupted meanwhile.
 */
export const host = <A, E>(
  fiberScope: FiberScope,
  fiber: AnyFiber,
  coroutine: Coroutine<A, E>,
  resume: (exit: Exit.Exit<A, E>) => void,
  make: MakeScope = makeScope
): Effect.Effect<void> => {
  const { task } = fiberScope
  let over = false
  let onOver: (() => void) | undefined
  let unwinding: Unwinding | undefined
  setEnding(aftermath)
  const callbackScope = make(task, coroutine, fiberScope, fiber.context, (exit) => {
    if (over) return
    over = true
    const error = cancellationIn(exit)
    const seen = error !== undefined && callbackScope.wasDelivered(error) ? ownCancellation(error) : exit
    fiberScope.endInner()
    unwinding = unwind(task.loop, fiberScope, seen as Exit.Exit<A, E>, resume)
    onOver?.()
  })
  fiberScope.inner = callbackScope
  const begin = { resume: () => coroutine.begin(callbackScope) }
  task.loop.runStep(task, begin, Exit.void as Exit.Exit<never>)
  // The fiber is interrupted natively: the coroutine is cancelled, and its cleanup waited for.
  return Effect.callback<void>((ended) => {
    unwinding?.giveUp()
    if (over) return ended(Effect.void)
    onOver = () => ended(Effect.void)
    callbackScope.giveUp(fiberInterrupted())
  })
}
