/**
 * Groups of tasks that end together.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type { CancelledError } from "./errors.ts"
import type { ExceptionGroup } from "./ExceptionGroup.ts"
import { callerOf } from "./internal/combine/awaitables.ts"
import { checkGroupOptions, makeGroup } from "./internal/combine/failingMembers.ts"
import { withTaskGroup } from "./internal/combine/taskGroup.ts"
import { spawn } from "./internal/make/tasks.ts"
import {
  checkMaker,
  effectOf,
  type Made,
  type MadeError,
  type MadeServices,
  type Yielded,
  type YieldedError,
  type YieldedServices
} from "./internal/model/bodies.ts"
import type { OpenTaskGroupOptions, TaskGroup, TaskGroupOptions } from "./internal/model/TaskGroup.ts"
import { cancelTargetOf } from "./internal/combine/bodyTarget.ts"
import { hasDied } from "./internal/model/thrown.ts"
import type { TaskImpl } from "./internal/task/task.ts"

export type { Started, TaskGroup, TaskGroupOptions } from "./internal/model/TaskGroup.ts"

/**
 * Runs `body` with a group of tasks, and returns when all of them are done.
 *
 * **Details**
 *
 * When a task or the body fails, the rest of the group is cancelled and waited for, and the group fails with an
 * {@link ExceptionGroup} of all failures, `unhandled errors in a TaskGroup`. Cancelled tasks do not count as failures.
 * A child's resources are released before the group returns.
 *
 * The errors that tasks may fail with are the group's type parameter: `taskGroup((group: TaskGroup<MyError>) => ...)`. The body may be a
 * generator function, as `Effect.gen` takes it.
 *
 * A defect of a task or of the body, of which no type tells, ends the group in the same way, and makes a defect of it: it dies of the
 * {@link ExceptionGroup} with all that has happened, so that no handler of failures is given what it does not expect.
 *
 * With `onFailure` the tasks of a group may fail. The group itself can be gone through: `for (const task of group)` gives those that are
 * not done. `restart` begins one anew that has failed. With `promotable: true` a task may leave the group, by {@link promote}.
 *
 * **Cancellation**
 *
 * A cancellation cancels every task of the group, and the group waits for them. If no task has failed, the cancellation then goes on. If
 * one has failed, the group fails with the {@link ExceptionGroup}, and the next await delivers the cancellation.
 *
 * **asyncio**
 *
 * Same as [`async with asyncio.TaskGroup() as group`](https://docs.python.org/3/library/asyncio-task.html#asyncio.TaskGroup);
 * `group.cancel` is Python 3.15's, gh-108951. In a branch of `Effect.all` a failure cancels the branch's body and not the task
 * around it. A group that dies is Python's `BaseExceptionGroup`, which `except Exception` does not catch.
 *
 * **Example** (One fails, the other is cancelled)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const lines: Array<string> = []
 * const main = asyncio.taskGroup(function*(group: asyncio.TaskGroup<string>) {
 *   const cleanup = Effect.sync(() => lines.push("cleaned up"))
 *   yield* group.createTask(Effect.ensuring(asyncio.sleep("1 hour"), cleanup))
 *   yield* group.createTask(Effect.andThen(asyncio.sleep(1), Effect.fail("boom")))
 * }).pipe(
 *   Effect.catchTag("ExceptionGroup", (group) => Effect.sync(() => lines.push(...group.errors.map(String))))
 * )
 *
 * await asyncio.run(main)
 * lines // => ["cleaned up", "boom"]
 * ```
 *
 * **Example** (A worker that may fail)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const lines: Array<string> = []
 * const note = (line: string) => Effect.sync(() => void lines.push(line))
 *
 * const main = asyncio.taskGroup((group: asyncio.TaskGroup<string>) => Effect.gen(function*() {
 *   yield* group.createTask(Effect.fail("boom"), { name: "worker" })
 *   yield* group.createTask(Effect.andThen(asyncio.sleep(1), note("goes on")))
 * }), { onFailure: (error, task) => note(`${task.getName()}: ${error}`) })
 *
 * await asyncio.run(main)
 * lines // => ["worker: boom", "goes on"]
 * ```
 *
 * @category structure
 * @since 0.1.0
 */
export const taskGroup: {
  <Eff extends Yielded, A, E2 = never, M extends Made = Effect.Effect<unknown>>(
    body: (group: TaskGroup<E2>) => Generator<Eff, A, never>,
    options?: TaskGroupOptions<E2, M>
  ): Effect.Effect<A, GroupError<YieldedError<Eff>, E2 | MadeError<M>>, YieldedServices<Eff> | MadeServices<M>>
  <A, E, R, E2 = never, M extends Made = Effect.Effect<unknown>>(
    body: (group: TaskGroup<E2>) => Effect.Effect<A, E, R>,
    options?: TaskGroupOptions<E2, M>
  ): Effect.Effect<A, GroupError<E, E2 | MadeError<M>>, R | MadeServices<M>>
} = ((body: (group: TaskGroup) => Effect.Effect<unknown, unknown>, options?: TaskGroupOptions) =>
  Effect.withFiber((fiber) => {
    // A loop that refuses the fiber comes first.
    const target = cancelTargetOf(fiber)
    checkMaker(body, "taskGroup()", "taskGroup((group) => ...)")
    if (options === undefined) return withTaskGroup(target, body, makeGroup(target, undefined))
    checkGroupOptions(options, "taskGroup()")
    return withTaskGroup(target, body, makeGroup(target, inFiber(fiber, options)))
  })) as never

type GroupError<E, Members> = GroupOf<Exclude<E, CancelledError> | Members> | Extract<E, CancelledError>

/** Where nothing can fail there is nothing but defects, and of them no type tells. */
type GroupOf<E> = [E] extends [never] ? never : ExceptionGroup<E>

/** Handlers that are Effects, as tasks that see what `fiber` sees. */
const inFiber = (
  fiber: Fiber.Fiber<unknown, unknown>,
  { onFailure, promotable }: TaskGroupOptions
): OpenTaskGroupOptions => {
  if (typeof onFailure !== "function") return { onFailure, promotable }
  const { context, loop } = callerOf(fiber)
  return {
    promotable,
    onFailure: (error, task) => {
      // No type tells the handler of a defect.
      if (hasDied((task as unknown as TaskImpl).exit!)) return undefined
      const handler = Effect.suspend(() => effectOf(onFailure(error, task), "onFailure of taskGroup()"))
      return spawn(loop, context, handler as Effect.Effect<unknown, unknown>, undefined)
    }
  }
}
