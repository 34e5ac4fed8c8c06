// A job as its clients see it, from what the cluster knows of it.
import type { Definition, DefinitionCounts, TaskInfo, TaskState } from "@effect-asyncio/cluster"
import type { JobRequest, JobState, JobView } from "../shared/job.ts"
import type { JobFailed, Progress } from "./schemas.ts"

export type JobDefinition = Definition<JobRequest, ReadonlyArray<string>, JobFailed, Progress>

/** With more than one run behind it: a worker has died, or has stopped, while it had the job. */
export interface ClusterJobView extends JobView {
  readonly runs?: number
}

const states: Readonly<Record<TaskState, JobState>> = {
  waiting: "queued",
  running: "running",
  succeeded: "done",
  failed: "failed",
  cancelled: "cancelled"
}

export const stateOf = ({ state }: TaskInfo): JobState => states[state]

/** The job without its result. */
export const viewOf = (info: TaskInfo): ClusterJobView => {
  const { attempts, error } = (info.progress ?? { attempts: 0 }) as Progress
  return {
    id: info.name,
    state: stateOf(info),
    attempts,
    ...(info.state === "cancelled" ? { error: info.cancellation?.reason } : info.endedAt === undefined && { error }),
    ...(info.attempt > 1 && { runs: info.attempt })
  }
}

export const countsOf = (all: ReadonlyArray<DefinitionCounts>, { name }: JobDefinition): Record<JobState, number> => {
  const {
    cancelled = 0,
    failed = 0,
    running = 0,
    succeeded = 0,
    waiting = 0
  } = all.find(({ definition }) => definition === name) ?? {}
  return { queued: waiting, running, done: succeeded, failed, cancelled }
}
