/**
 * What is known of the tasks of a cluster, from anywhere.
 *
 * @since 0.1.0
 */
import type * as asyncio from "@effect-asyncio/core"

/**
 * Where a task is on its way. One whose worker has died is `"waiting"` again, with an `attempt` that is not 0.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export type TaskState = "waiting" | "running" | "succeeded" | "failed" | "cancelled"

/**
 * A task of a cluster as plain data. Times are milliseconds since 1970, on the clock of the database where several processes share one.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface TaskInfo {
  readonly name: string
  readonly definition: string
  readonly state: TaskState
  /** Whether a worker that serves the definition is there. */
  readonly served: boolean
  readonly labels: asyncio.Labels
  /** How often it was begun: 0 while it waits for the first time, and more than 1 where it ran again because its worker was gone. */
  readonly attempt: number
  readonly createdAt: number
  readonly startedAt: number | undefined
  readonly endedAt: number | undefined
  /** The process that runs it, or has run it last: `HOST:PID#INSTANCE`. */
  readonly runner: string | undefined
  /** The process that created it. */
  readonly client: string
  /** The name of the task that created it, where that was a task of the cluster. */
  readonly createdBy: string | undefined
  /** How many cancellations were asked for. */
  readonly cancelling: number
  /** The last one. */
  readonly cancellation:
    | { readonly kind: string; readonly reason: string | undefined; readonly requestedBy: string }
    | undefined
  /** What the task has reported last, encoded by the schema of its definition. */
  readonly progress: unknown
}

/**
 * Which tasks are asked for. Tasks have to fit all that is given.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface TaskQuery {
  /** The name, or a part of it where it ends in `*`: `"resize *"`. */
  readonly name?: string | undefined
  readonly definition?: string | undefined
  readonly state?: TaskState | ReadonlyArray<TaskState> | undefined
  readonly labels?: asyncio.Labels | undefined
  /** How many at most; 100 by default, and 1000 at most. */
  readonly limit?: number | undefined
  /** Those behind a page: its `next`. */
  readonly after?: string | undefined
}

/**
 * Some tasks, the oldest first.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface TaskPage {
  readonly tasks: ReadonlyArray<TaskInfo>
  /** For the `after` of the next page; undefined where this one is the last. */
  readonly next: string | undefined
}

/**
 * How many tasks there are of a definition in each state, and which workers serve it.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface DefinitionCounts {
  readonly definition: string
  readonly waiting: number
  readonly running: number
  readonly succeeded: number
  readonly failed: number
  readonly cancelled: number
  readonly workers: ReadonlyArray<WorkerInfo>
}

/**
 * A worker that is there.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface WorkerInfo {
  readonly runner: string
  readonly definition: string
  readonly concurrency: number
  /** How many tasks it runs. */
  readonly running: number
  /** The shards that it holds of the definition's, which begin with 1: which tasks are its own. */
  readonly held: ReadonlyArray<number>
  readonly startedAt: number
  /** Differs where two workers have different schemas for one definition. */
  readonly schemas: string
}
