/**
 * The task of the runs in which workers are killed.
 */
import * as cluster from "@effect-asyncio/cluster"
import * as Schema from "effect/Schema"

export const work = cluster.task("work", {
  payload: Schema.Struct({ millis: Schema.Number }),
  success: Schema.String
})
