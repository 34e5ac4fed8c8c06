/**
 * What the engine keeps of requests that were answered, and does not delete by itself: in its tables, or in memory.
 */
import { make as makeMachineId } from "effect/cluster/MachineId"
import { make as makeSnowflake, type Snowflake } from "effect/cluster/Snowflake"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as SqlClient from "effect/sql/SqlClient"

export class Kept extends Context.Service<
  Kept,
  {
    /** Deletes what is kept of requests. */
    forget(requestIds: ReadonlyArray<string>): Effect.Effect<void>
    /** Deletes requests to cancel from before `until` that were delivered, milliseconds since 1970; and answers from then on whose requests were deleted before they came. */
    sweep(until: number): Effect.Effect<void>
  }
>()("@effect-asyncio/cluster/engine/Kept") {}

/** Requests have greater ids than this from then on. */
export const firstIdOf = (millis: number): Snowflake =>
  makeSnowflake({ timestamp: millis, machineId: makeMachineId(0), sequence: 0 })

/** The engine itself only deletes all of an entity, which here is a bucket of many tasks; so this is done in its tables. */
export const keptInTables = (prefix: string): Layer.Layer<Kept, never, SqlClient.SqlClient> =>
  Layer.effect(
    Kept,
    Effect.map(SqlClient.SqlClient, (client) => {
      const sql = client.withoutTransforms()
      const messages = sql(`${prefix}_messages`)
      const replies = sql(`${prefix}_replies`)
      return {
        forget: (requestIds) => {
          const ids = sql.in(requestIds.map(BigInt))
          return sql`DELETE FROM ${replies} WHERE request_id IN ${ids}`.pipe(
            Effect.andThen(sql`DELETE FROM ${messages} WHERE request_id IN ${ids}`),
            Effect.asVoid,
            Effect.orDie
          )
        },
        sweep: (until) => {
          const swept = sql`
            SELECT request_id FROM ${messages} WHERE id < ${firstIdOf(until)} AND tag = 'cancel' AND processed = ${true}`
          return sql`DELETE FROM ${replies} WHERE request_id IN (${swept})`.pipe(
            Effect.andThen(sql`DELETE FROM ${messages} WHERE request_id IN (${swept})`),
            Effect.andThen(sql`
              DELETE FROM ${replies}
              WHERE id > ${firstIdOf(until)} AND NOT EXISTS (SELECT 1 FROM ${messages} m WHERE m.request_id = ${replies}.request_id)`),
            sql.withTransaction,
            Effect.ignore
          )
        }
      }
    })
  )
