/**
 * The fiber-local references of the task layer.
 *
 * What Effect 3 called a FiberRef is a `Context.Reference` in Effect 4, read with `fiber.getRef(reference)` or simply
 * yielded. Both references are inherited by every fiber that is forked from a task, which is how a branch of
 * `Effect.all`, a logger or a span can tell in whose task it runs.
 *
 * @since 0.1.0
 */
export { CurrentTask, Loop, RunningLoop } from "./internal/model/references.ts"
