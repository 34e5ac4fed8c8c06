/**
 * Tasks that run in other processes and on other machines, for core.
 *
 * @stability unstable
 * @since 0.1.0
 */
export { type Attempt, currentAttempt, reportProgress } from "./attempt.ts"
export { Cluster } from "./Cluster.ts"
export type { ClusterOptions } from "./ClusterOptions.ts"
export { createTask, type CreateTaskOptions, type RemoteTask, submit, type SubmitOptions } from "./createTask.ts"
export type { Definition, DefinitionOptions, Shared, Worker, WorkerOptions } from "./Definition.ts"
export * from "./embedded.ts"
export * from "./errors.ts"
export * from "./health.ts"
export { joinTask } from "./joinTask.ts"
export { allTasks, cancel, cancelAndWait, cancelTree, counts, findTask } from "./queries.ts"
export * from "./task.ts"
export type * from "./TaskInfo.ts"
