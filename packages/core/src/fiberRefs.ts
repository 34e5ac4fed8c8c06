/**
 * The fiber-local references of the task layer.
 *
 * What Effect 3 called a FiberRef is a `Context.Reference` in Effect 4, read with `fiber.getRef(reference)` or simply
 * yielded. Both references are inherited by every fiber that is forked from a task, which is how a branch of
 * `Effect.all`, a logger or a span can tell in whose task it runs.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type { EventLoop } from "./EventLoop.ts"
import type { Task } from "./Task.ts"

/**
 * The task that the fiber runs in, `undefined` outside any task.
 *
 * **When to use**
 *
 * Use it to look without side effects. {@link currentTask} is for programs: it adopts a fiber that is in no task.
 *
 * @category references
 * @since 0.1.0
 */
export const CurrentTask: Context.Reference<Task<unknown, unknown> | undefined> = Context.Reference(
  "@effect-asyncio/core/CurrentTask",
  { defaultValue: (): Task<unknown, unknown> | undefined => undefined }
)

/**
 * The event loop that tasks made by the fiber belong to, `undefined` where the loop of the fiber's `Clock` serves.
 *
 * @category references
 * @since 0.1.0
 */
export const RunningLoop: Context.Reference<EventLoop | undefined> = Context.Reference(
  "@effect-asyncio/core/RunningLoop",
  { defaultValue: (): EventLoop | undefined => undefined }
)
