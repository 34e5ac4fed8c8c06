/**
 * The task of this package that is measured.
 */
import * as cluster from "@effect-asyncio/cluster"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

export const definition = cluster.task("bench", {
  payload: Schema.Struct({ isEndless: Schema.Boolean }),
  success: Schema.String
})

/** Runs tasks as many at a time as there are, and tells when an endless one begins. */
export const worker = (onBegin: () => void) =>
  definition.worker(
    ({ isEndless }) => (isEndless ? Effect.andThen(Effect.sync(onBegin), Effect.never) : Effect.succeed("done")),
    { concurrency: 100_000 }
  )
