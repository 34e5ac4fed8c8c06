/**
 * Scripts on clusters.
 */
import * as cluster from "@effect-asyncio/cluster"
import * as asyncio from "@effect-asyncio/core"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { RecordedScript, Script } from "../../../conformance/src/script.ts"
import { firstDifference, type Trace } from "../../../conformance/src/trace.ts"
import { type Emitted, transportOf, worker } from "./definition.ts"
import { comparable, runMain } from "./remote.ts"

/** A cluster that scripts can run on. */
export interface Scripts {
  /** The trace of a script, of whose time a second has so many milliseconds. */
  readonly trace: (script: Script, second: number) => Promise<Trace>
}

/** What parts of a script have traced elsewhere, as soon as all of it has arrived. */
export type Elsewhere = (id: string) => Promise<Trace>

/** Does something with a cluster, in a loop of its own. */
export const using = <A>(
  layer: Layer.Layer<cluster.Cluster, unknown>,
  elsewhere: Elsewhere,
  body: (scripts: Scripts) => Promise<A>
): Promise<A> => {
  let runs = 0
  const main = Effect.gen(function* () {
    const transport = transportOf(yield* cluster.Cluster)
    const trace = async (script: Script, second: number) => {
      // What is emitted is that of this run, and not of one before on another clock.
      const id = `${script.id} ${++runs}`
      const own = await runMain({ ...script, id }, asyncio.newEventLoop(), second, transport)
      return [...own, ...(await elsewhere(id))]
    }
    return yield* Effect.promise(async () => {
      // Scripts have loops of their own, which none begins within another.
      await new Promise(setImmediate)
      return body({ trace })
    })
  })
  return asyncio.run(Effect.provide(main, layer))
}

/** One process. */
export const embedded = <A>(body: (scripts: Scripts) => Promise<A>): Promise<A> => {
  const emitted: Array<Emitted> = []
  const parts = worker((part) => void emitted.push(part))
  const elsewhere = async (id: string) => linesOf(id, emitted)
  return using(cluster.embedded({ workers: [parts] }), elsewhere, body)
}

export const linesOf = (id: string, emitted: ReadonlyArray<Emitted>): Trace =>
  emitted.filter((each) => each.id === id).flatMap(({ lines }) => lines)

export interface Divergence {
  readonly script: RecordedScript
  readonly actual: Trace
}

/**
 * The scripts that print something else than on CPython; a second of theirs has so many milliseconds. One that does is tried again with a slower
 * clock, for a machine that does other things as well: what is wrong stays wrong.
 */
export const divergencesOf = async (
  scripts: ReadonlyArray<RecordedScript>,
  { trace }: Scripts,
  second: number
): Promise<ReadonlyArray<Divergence>> => {
  let left = scripts
  let divergences: Array<Divergence> = []
  for (const slower of [1, 5, 25]) {
    const waiting = left.values()
    divergences = []
    // A few at a time: what many begin at once takes its time.
    const some = async () => {
      for (const script of waiting) {
        const actual = comparable(await trace(script, second * slower))
        if (firstDifference(comparable(script.expect), actual) !== undefined) divergences.push({ script, actual })
      }
    }
    await Promise.all([some(), some(), some(), some()])
    left = divergences.map(({ script }) => script)
  }
  return divergences
}
