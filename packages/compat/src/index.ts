/**
 * Python's asyncio task layer for promise code.
 *
 * @since 0.1.0
 */
export {
  ALL_COMPLETED,
  BrokenBarrierError,
  CancelledError,
  ExceptionGroup,
  FIRST_COMPLETED,
  FIRST_EXCEPTION,
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
} from "@effect-asyncio/core"
export type {
  AsCompletedOptions,
  CallGraphOptions,
  CancelAndWaitOptions,
  CancellationSnapshot,
  CancelledErrorFields,
  CancelledErrorOptions,
  CancelLink,
  CancelReport,
  EndedTask,
  ErrorNotes,
  ErrorClass,
  ErrorClasses,
  ErrorMatcher,
  EventLoopOptions,
  ExceptionContext,
  IgnoringTask,
  Labels,
  LoopSnapshot,
  ModuleFunction,
  MapTasksOptions,
  MovedOn,
  PriorityQueueOptions,
  QueueOptions,
  ReturnWhen,
  ShieldedOptions,
  StackEntry,
  TaskRef,
  Signal,
  StopSignal,
  TaskSnapshot,
  ThreadPoolOptions,
  WaitOptions,
  WaitResult
} from "@effect-asyncio/core"
export * from "./abortable.ts"
export * from "./anyOf.ts"
export * from "./asCompleted.ts"
export type * from "./awaitables.ts"
export * from "./BackgroundTasks.ts"
export * from "./Barrier.ts"
export * from "./bind.ts"
export * from "./callGraph.ts"
export * from "./cancelAndWait.ts"
export * from "./cancelTree.ts"
export * from "./cancellation.ts"
export type * from "./cancellationKinds.ts"
export * from "./catchCancelled.ts"
export * from "./catchGroup.ts"
export * from "./Condition.ts"
export * from "./ContextVar.ts"
export * from "./effects.ts"
export * from "./endedTasks.ts"
export * from "./ensureFuture.ts"
export * from "./Event.ts"
export * from "./EventLoop.ts"
export { Future, isFuture } from "./Future.ts"
export * from "./findTasks.ts"
export * from "./gather.ts"
export * from "./Handle.ts"
export type { TimeoutOptions } from "./internal/lateBody.ts"
export type { InTimeOptions } from "./inTime.ts"
export type { Held } from "./holding.ts"
export * from "./Lock.ts"
export * from "./mapTasks.ts"
export * from "./moveOn.ts"
export * from "./promote.ts"
export * from "./Queue.ts"
export * from "./race.ts"
export * from "./restart.ts"
export * from "./run.ts"
export * from "./Runner.ts"
export * from "./Semaphore.ts"
export * from "./shield.ts"
export * from "./shielded.ts"
export * from "./sleep.ts"
export * from "./staggered.ts"
export { allTasks, createTask, currentTask, isTask, Task } from "./Task.ts"
export type { AsyncFunction, CreateTaskOptions } from "./Task.ts"
export * from "./TaskGroup.ts"
export * from "./timeout.ts"
export * from "./toThread.ts"
export * from "./wait.ts"
export * from "./waitFor.ts"
