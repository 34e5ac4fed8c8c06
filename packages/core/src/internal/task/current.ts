/**
 * The task and the scope in which code runs: found by the fiber, by the step that the loop runs, and by what the
 * drivers of other coroutines know.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { AnyFiber } from "../model/AnyFiber.ts"
import { checkCopy } from "../model/copy.ts"
import { CurrentTask, RunningLoop } from "../model/references.ts"
import type { FiberScope } from "./fiberScope.ts"
import type { TaskImpl } from "./task.ts"
import type { TaskLoop } from "./taskLoop.ts"

/**
 * The fiber scopes that are parts of callback scopes, by their innermost fibers. A task's own fiber scope is found through the
 * task.
 */
export const nestedScopes = new WeakMap<AnyFiber, FiberScope>()

/** What a task's own fiber knows, and no other one. */
export interface Knowing {
  readonly scope: FiberScope
  readonly insideTask: boolean
}

/** The fiber scope that a fiber runs, as far as it knows by itself. */
export const knownScopeOf = (fiber: AnyFiber): FiberScope | undefined => {
  const { insideTask, scope } = fiber as Partial<Knowing>
  return scope !== undefined && insideTask === true && scope.fiber === fiber ? scope : undefined
}

/** The loop that a fiber runs on, as far as it knows by itself. */
export const knownLoopOf = (fiber: AnyFiber): TaskLoop | undefined => {
  const { insideTask, scope } = fiber as Partial<Knowing>
  return scope !== undefined && insideTask === true ? scope.task.loop : undefined
}

/** The fiber scope of a task that the fiber is running, undefined in a plain fiber, even in one that runs inside a task. */
export const scopeOf = (fiber: AnyFiber): FiberScope | undefined =>
  knownScopeOf(fiber) ??
  // A service may have brought the context of another task. The loop knows whose step it runs.
  rootOn(fiber, taskInContext(fiber)) ??
  rootOn(fiber, runningOn(fiber)) ??
  nestedScopes.get(fiber)

/** The fiber scope that is all of `task`, if `fiber` is its innermost fiber. */
const rootOn = (fiber: AnyFiber, task: TaskImpl | undefined): FiberScope | undefined => {
  // A callback scope has no fiber.
  const root = task?.root as FiberScope | undefined
  return root?.fiber === fiber ? root : undefined
}

/** Whether a fiber runs the coroutine of `task`, or a part of it. */
export const runsFor = (fiber: AnyFiber, task: TaskImpl): boolean =>
  (rootOn(fiber, task) ?? nestedScopes.get(fiber))?.task === task

/** {@link scopeOf}, for what is to be a part of it. Throws on a loop of another copy of the package. */
export const checkedScopeOf = (fiber: AnyFiber): FiberScope | undefined => {
  const loop = fiber.getRef(RunningLoop)
  if (loop !== undefined) checkCopy(loop)
  return scopeOf(fiber)
}

/** The task whose own fiber is on the JavaScript stack, however it got there. */
export const runningTask = (): TaskImpl | undefined => {
  const fiber = Fiber.getCurrent()
  return fiber === undefined ? undefined : scopeOf(fiber)?.task
}

/** The task that a fiber runs in. */
export const taskOf = (fiber: AnyFiber): TaskImpl | undefined => scopeOf(fiber)?.task ?? taskInContext(fiber)

const taskInContext = (fiber: AnyFiber): TaskImpl | undefined => {
  const task = fiber.getRef(CurrentTask) as TaskImpl | undefined
  if (task !== undefined && task.exit === undefined) return task
  // A fiber that outlives the task it was forked in is no part of it any more, but for an Effect that an async function left in flight.
  return adoptedTaskOf(fiber) ?? nestedScopes.get(fiber)?.task
}

/** The task whose step the fiber's loop runs. */
const runningOn = (fiber: AnyFiber): TaskImpl | undefined =>
  (fiber.getRef(RunningLoop) as TaskLoop | undefined)?.running

/** A fiber can be given a task on each loop that it enters. */
const adoptedTaskOf = (fiber: AnyFiber): TaskImpl | undefined => {
  const task = adopted.get(fiber)
  return task !== undefined && Context.get(task.base, RunningLoop) === fiber.getRef(RunningLoop) ? task : undefined
}

/** The tasks of plain fibers that asked for one. */
export const adopted = new WeakMap<AnyFiber, TaskImpl>()

/** `body` with its task in the context: an adopted fiber loses that where it leaves the `provide` in which it was adopted. */
export const knowing = <A, E, R>(
  scope: FiberScope,
  fiber: AnyFiber,
  body: Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  fiber.getRef(CurrentTask) !== undefined ? body : Effect.provideService(body, CurrentTask, scope.task)

/** The task in whose code we are: that of the running fiber, the one whose step the loop runs, or the ambient one. */
export const currentTaskOf = (loop: TaskLoop): TaskImpl | undefined => {
  const fiber = Fiber.getCurrent()
  // The fiber around the step, not one that the step runs: an eager task of another kind begins inside its creator's.
  const ofFiber = fiber === undefined || fiber === loop.aroundStep ? undefined : taskOf(fiber)
  return ofFiber ?? loop.running ?? (loop.ambientTask?.(loop) as TaskImpl | undefined)
}

/**
 * The task that creates a task now, with `context`. It may be over already: a fiber that it has left behind goes on with its
 * context.
 */
export const creatorIn = (loop: TaskLoop, context: Context.Context<never> | undefined): TaskImpl | undefined => {
  const { running } = loop
  // The very context that the task of this step was entered with: mostly so, and to look is much cheaper than to search.
  if (context !== undefined && running?.root?.entered === context) return running
  return currentTaskOf(loop) ?? (context && (Context.get(context, CurrentTask) as TaskImpl | undefined))
}
