/**
 * Deleting what has been kept for long enough, here and in the engine's tables.
 */
import * as Effect from "effect/Effect"
import type { SqlError } from "effect/sql/SqlError"
import type { ClusterImpl } from "./cluster.ts"

const atOnce = 500

/** In one transaction for each batch: a name without a row whose old answer the engine still has would give that to the next task of the name. */
export const purge = ({ engine, store }: ClusterImpl): Effect.Effect<void, SqlError> =>
  Effect.gen(function* () {
    const expired = yield* store.expired(atOnce)
    if (expired.length === 0) return 0
    const ids = yield* Effect.forEach(expired, ({ definition, name, request_id }) =>
      request_id === null ? engine.requestOf({ definition, name }) : Effect.succeed(request_id)
    )
    yield* engine.forget(ids.filter((id) => id !== undefined))
    yield* store.remove(expired.map(({ name }) => name))
    return expired.length
  }).pipe(store.sql.withTransaction, Effect.repeat({ until: (deleted) => deleted < atOnce }), Effect.asVoid)
