// Where jobs are kept, and who runs them.
import { type Cluster, type DatabaseError, embedded, type FileError, type Worker } from "@effect-asyncio/cluster"
import { postgres } from "@effect-asyncio/cluster/postgres"
import type { Layer } from "effect"
import type { Config } from "../shared/config.ts"
import type { JobDefinition } from "./view.ts"

const url = process.env["DATABASE_URL"]
/** How long a worker may say nothing, in milliseconds. */
const expiry = Number(process.env["EXPIRY_MS"] ?? 6000)

/**
 * The service's part. With a DATABASE_URL it is a client, and its workers are other processes; without one it is all of the cluster, and JOBS_FILE
 * says where jobs outlive it.
 */
export const servicePlace = (
  job: JobDefinition,
  worker: () => Worker
): Layer.Layer<Cluster, DatabaseError | FileError> =>
  url === undefined
    ? embedded({ workers: [worker()], file: process.env["JOBS_FILE"], drain: 0 })
    : postgres({ url, definitions: [job] })

/** A worker's part: jobs that run when it is told to stop have the grace, and then are begun again by another one. */
export const workerPlace = (worker: Worker, { graceMs }: Config) => {
  if (url === undefined) throw new Error("a worker of its own needs a DATABASE_URL")
  return postgres({ url, workers: [worker], drain: graceMs, expiry, host: process.env["HOST"] })
}
