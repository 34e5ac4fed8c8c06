import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"

/** One iteration of the loop. */
export const iteration = asyncio.sleep(0)

export const iterations = (count: number) => Effect.replicateEffect(iteration, count)

/** The defect that `self` dies with, as it prints. */
export const defectOf = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<string, E, R> =>
  Effect.catchDefect(Effect.as(self, "no defect"), (defect) => Effect.succeed(String(defect)))

/** Appends an item to a list. */
export const noteTo =
  <A>(list: Array<A>) =>
  (item: A): Effect.Effect<void> =>
    Effect.sync(() => void list.push(item))

/** Starts tasks, in order. */
export const startAll = <A, E>(bodies: Iterable<Effect.Effect<A, E>>) =>
  Effect.forEach(bodies, (body) => asyncio.createTask(body))
