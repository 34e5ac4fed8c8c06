/**
 * Tasks that begin and end together.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type { CancelledError } from "./errors.ts"
import type { ExceptionGroup } from "./ExceptionGroup.ts"
import { checkFunction } from "./internal/model/arguments.ts"
import { cancelTargetOf } from "./internal/combine/bodyTarget.ts"
import { withTaskGroup } from "./internal/combine/taskGroup.ts"
import type { TaskGroup } from "./internal/model/TaskGroup.ts"

export type { TaskGroup } from "./internal/model/TaskGroup.ts"

/**
 * Runs `body` with a group of tasks, and returns when all of them are done.
 *
 * **Details**
 *
 * When a task or the body fails, the rest of the group is cancelled and waited for, and the group fails with an
 * {@link ExceptionGroup} of all failures, `unhandled errors in a TaskGroup`. Cancelled tasks do not count as failures.
 * A child's resources are released before the group returns.
 *
 * The errors that tasks may fail with are the group's type parameter: `taskGroup((group: TaskGroup<MyError>) => ...)`.
 *
 * **Cancellation**
 *
 * Cancels every task of the group and waits for them; then the cancellation goes on, unless some failed: then the
 * {@link ExceptionGroup} does, and the cancellation is delivered at the next await.
 *
 * **asyncio**
 *
 * Same as [`async with asyncio.TaskGroup() as group`](https://docs.python.org/3/library/asyncio-task.html#asyncio.TaskGroup);
 * `group.cancel` is Python 3.15's, gh-108951. In a branch of `Effect.all` a failure cancels the branch's body and not the task
 * around it.
 *
 * **Example** (One fails, the other is cancelled)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const lines: Array<string> = []
 * const main = asyncio.taskGroup((group: asyncio.TaskGroup<string>) => Effect.gen(function*() {
 *   const cleanup = Effect.sync(() => lines.push("cleaned up"))
 *   yield* group.createTask(Effect.ensuring(asyncio.sleep("1 hour"), cleanup))
 *   yield* group.createTask(Effect.andThen(asyncio.sleep(1), Effect.fail("boom")))
 * })).pipe(
 *   Effect.catchTag("ExceptionGroup", (group) => Effect.sync(() => lines.push(...group.errors.map(String))))
 * )
 *
 * await asyncio.run(main)
 * lines // => ["cleaned up", "boom"]
 * ```
 *
 * @category structure
 * @since 0.1.0
 */
export const taskGroup = <A, E, R, E2 = never>(
  body: (group: TaskGroup<E2>) => Effect.Effect<A, E, R>
): Effect.Effect<A, ExceptionGroup<Exclude<E, CancelledError> | E2> | Extract<E, CancelledError>, R> =>
  Effect.withFiber((fiber) => {
    // A loop that refuses the fiber comes first.
    const target = cancelTargetOf(fiber)
    checkFunction(body, "taskGroup()", "taskGroup((group) => ...)")
    return withTaskGroup(target, body)
  })
