/**
 * The task of the runs in which something goes wrong.
 */
import * as cluster from "@effect-asyncio/cluster"
import * as asyncio from "@effect-asyncio/core"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { openLog } from "./log.ts"

const tick = 20

export const work = cluster.task("work", {
  payload: Schema.Struct({ millis: Schema.Number }),
  success: Schema.String
})

/** The next version, whose payloads have a field that the first does not know of. */
const newWork = cluster.task("work", {
  payload: Schema.Struct({ millis: Schema.Number, note: Schema.optional(Schema.String) }),
  success: Schema.String
})

/** Takes as long as its payload says, and says what it does. */
export const workerOf = (log: ReturnType<typeof openLog>, version = 1): cluster.Worker =>
  (version === 1 ? work : newWork).worker(
    Effect.fnUntraced(function* ({ millis }) {
      const { attempt, name } = (yield* cluster.currentAttempt)!
      log({ name, attempt, what: "begins" })
      const working = Effect.gen(function* () {
        for (let left = millis; left > 0; left -= tick) {
          yield* asyncio.sleep(Math.min(tick, left))
          log({ name, attempt, what: "ticks" })
        }
        log({ name, attempt, what: "ends" })
        return name
      })
      return yield* asyncio.catchCancelled(working, (error) => {
        log({ name, attempt, what: "stops" })
        return Effect.fail(error)
      })
    }),
    { concurrency: 20 }
  )
