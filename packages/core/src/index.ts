/**
 * Python's asyncio task layer on Effect fibers.
 *
 * @since 0.1.0
 */
export * from "./anyOf.ts"
export * from "./asCompleted.ts"
export * from "./Barrier.ts"
export * from "./callGraph.ts"
export * from "./cancelAndWait.ts"
export type * from "./cancellationKinds.ts"
export * from "./cancelTree.ts"
export * from "./catchCancelled.ts"
export * from "./catchGroup.ts"
export * from "./Condition.ts"
export * from "./ContextVar.ts"
export * from "./endedTasks.ts"
export * from "./ensureFuture.ts"
export {
  BrokenBarrierError,
  CancelledError,
  InvalidStateError,
  KeyboardInterrupt,
  LookupError,
  QueueEmpty,
  QueueFull,
  QueueShutDown,
  RuntimeError,
  Terminated,
  TimeoutError,
  ValueError
} from "./errors.ts"
export type { CancelledErrorFields, CancelledErrorOptions, CancelLink, ErrorNotes } from "./errors.ts"
export * from "./Event.ts"
export { eagerTaskFactory, getRunningLoop, make as newEventLoop } from "./EventLoop.ts"
export type {
  EventLoop,
  EventLoopOptions,
  ExceptionContext,
  ExceptionHandler,
  LoopSnapshot,
  TaskFactory
} from "./EventLoop.ts"
export * from "./ExceptionGroup.ts"
export * from "./exceptionOf.ts"
export * from "./fiberRefs.ts"
export { isFuture } from "./Future.ts"
export type { Future } from "./Future.ts"
export * from "./findTasks.ts"
export * from "./gather.ts"
export type { Handle, TimerHandle } from "./Handle.ts"
export * from "./Lock.ts"
export * from "./mapTasks.ts"
export * from "./moveOn.ts"
export * from "./promote.ts"
export * from "./Queue.ts"
export * from "./race.ts"
export * from "./restart.ts"
export * from "./run.ts"
export * from "./Runner.ts"
export * from "./scope.ts"
export * from "./Semaphore.ts"
export * from "./shield.ts"
export * from "./shielded.ts"
export * from "./sleep.ts"
export * from "./staggered.ts"
export { allTasks, createTask, createTaskScoped, currentTask, isTask } from "./Task.ts"
export type {
  CancellationSnapshot,
  CreateTask,
  CreateTaskOptions,
  Labels,
  StackEntry,
  Task,
  TaskRef,
  TaskSnapshot
} from "./Task.ts"
export * from "./TaskGroup.ts"
export * from "./taskLogger.ts"
export * from "./taskMetrics.ts"
export * from "./timeout.ts"
export * from "./toThread.ts"
export * from "./wait.ts"
export * from "./waitFor.ts"
export * from "./withTaskSpan.ts"
