/**
 * What a task reports, as others see it: the last report, whenever it is another one.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type { Definition } from "../Definition.ts"
import type { ClusterImpl } from "./cluster.ts"
import { decode } from "./codec.ts"

/** Milliseconds between two looks. */
const pause = 100

/** Ends with the task, and behind its last report. Where it is not there it has yet to be written down, unless the task that stands for it `isOver`. */
export const progressOf = <G>(
  cluster: ClusterImpl,
  definition: Definition<any, any, any, G>,
  name: string,
  isOver: () => boolean
): Stream.Stream<G> =>
  Stream.unfold<State, ReadonlyArray<G>, never, never>({ seen: undefined, ended: false, pause: 0 }, (state) =>
    Effect.gen(function* () {
      if (state.ended) return undefined
      yield* Effect.sleep(state.pause)
      // What it reports from now on is not read here.
      if (cluster.closed) return undefined
      // Asked before: a task that is written down and gone in between has not been seen.
      const over = isOver()
      const info = yield* Effect.catchDefect(cluster.info(name), (defect) =>
        cluster.closed ? Effect.undefined : Effect.die(defect)
      )
      const text = info?.progress === undefined ? undefined : JSON.stringify(info.progress)
      const next = {
        seen: text,
        ended: info === undefined ? over || cluster.closed : info.endedAt !== undefined,
        pause
      }
      if (text === state.seen) return [[], next] as const
      const report = decode(definition.progress, info?.progress)
      return [Result.isSuccess(report) ? [report.success as G] : [], next] as const
    })
  ).pipe(Stream.flattenIterable)

interface State {
  readonly seen: string | undefined
  readonly ended: boolean
  readonly pause: number
}
