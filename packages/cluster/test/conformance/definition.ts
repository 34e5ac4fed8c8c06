/**
 * The task of the cluster that runs a part of a script.
 */
import * as cluster from "@effect-asyncio/cluster"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Script } from "../../../conformance/src/script.ts"
import type { Trace } from "../../../conformance/src/trace.ts"
import { ScriptException } from "./errors.ts"
import { type Part, runPart, type Transport } from "./remote.ts"

export const definition = cluster.task("part", {
  payload: Schema.Struct({
    script: Schema.String,
    coro: Schema.String,
    who: Schema.String,
    start: Schema.Number,
    second: Schema.Number
  }),
  success: Schema.Json,
  error: ScriptException
})

/** The tasks of a cluster, for the parts of scripts. Their clocks are those of processes of one machine. */
export const transportOf = (service: cluster.Cluster["Service"]): Transport => ({
  now: () => Date.now(),
  createTask: (part) => Effect.provideService(cluster.createTask(definition, part), cluster.Cluster, service)
})

/** What a part has traced, and of which script it is. */
export interface Emitted {
  readonly id: string
  readonly lines: Trace
}

/** Runs parts, and tells what they trace. */
export const worker = (emit: (emitted: Emitted) => void) =>
  definition.worker(
    Effect.fnUntraced(function* (part: Part) {
      const transport = transportOf(yield* cluster.Cluster)
      const { id } = JSON.parse(part.script) as Script
      return (yield* runPart(part, transport, (lines) => emit({ id, lines }))) as Schema.Json
    }),
    { concurrency: 1000 }
  )
