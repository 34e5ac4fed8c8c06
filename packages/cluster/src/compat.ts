/**
 * Tasks that run in other processes and on other machines, for async functions.
 *
 * @stability unstable
 * @since 0.1.0
 */
export type { Attempt } from "./attempt.ts"
export type { ClusterOptions } from "./ClusterOptions.ts"
export { currentAttempt, reportProgress } from "./compat/attempt.ts"
export { createTask, type JoinedTask, joinTask, type RemoteTask, submit } from "./compat/createTask.ts"
export { open } from "./compat/open.ts"
export { allTasks, cancel, cancelAndWait, cancelTree, counts, findTask, troubles } from "./compat/queries.ts"
export { task, TaskDefinition } from "./compat/task.ts"
export type { CreateTaskOptions, SubmitOptions } from "./createTask.ts"
export type { Definition, DefinitionOptions, Shared, Worker, WorkerOptions } from "./Definition.ts"
export * from "./embedded.ts"
export * from "./errors.ts"
export type { Trouble } from "./health.ts"
export type * from "./TaskInfo.ts"
