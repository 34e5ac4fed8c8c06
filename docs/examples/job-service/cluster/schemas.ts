// What a job is given, gives and reports: what the service and its workers agree on.
import { Schema } from "effect"

/** Why a job is not done, in words for its client. */
export class JobFailed extends Schema.TaggedError<JobFailed>()("JobFailed", { message: Schema.String }) {}

/** How far a job is. It is kept with the job, so that it can be seen wherever that runs. */
const Progress = Schema.Struct({ attempts: Schema.Number, error: Schema.optionalKey(Schema.String) })
export type Progress = typeof Progress.Type

export const schemas = {
  payload: Schema.Struct({ urls: Schema.Array(Schema.String), timeoutMs: Schema.Number, retries: Schema.Number }),
  success: Schema.Array(Schema.String),
  error: JobFailed,
  progress: Progress
}
