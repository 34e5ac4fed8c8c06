/**
 * Python's asyncio task layer on Effect fibers.
 *
 * @since 0.1.0
 */
export * from "./catchCancelled.ts"
export * from "./Coroutine.ts"
export * from "./ensureFuture.ts"
export { CancelledError, InvalidStateError, KeyboardInterrupt, RuntimeError, TimeoutError, ValueError } from "./errors.ts"
export type { CancelledErrorFields } from "./errors.ts"
export { getRunningLoop, make as newEventLoop } from "./EventLoop.ts"
export type { EventLoop, EventLoopOptions, ExceptionContext, ExceptionHandler } from "./EventLoop.ts"
export * from "./fiberRefs.ts"
export { isFuture } from "./Future.ts"
export type { Future } from "./Future.ts"
export type { Handle, TimerHandle } from "./Handle.ts"
export * from "./run.ts"
export * from "./sleep.ts"
export { allTasks, createTask, currentTask, isTask } from "./Task.ts"
export type { CreateTaskOptions, Task } from "./Task.ts"
