/**
 * Which tasks are meant, as core is asked.
 */
import type * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { Future } from "../Future.ts"
import { Task } from "../Task.ts"

/** Has functions get our tasks. Core looks at everything else. */
export const toCoreQuery = (query: unknown, operation: string): unknown => {
  if (typeof query !== "function") return query instanceof Task ? query.core : query
  lowlevel.checkFunction(query, operation, '(task) => task.labels.kind === "import"')
  return (core: asyncio.Task<unknown, unknown>) => (query as (task: Task<unknown>) => unknown)(Task.of(core))
}

/** {@link toCoreQuery} for one or several. */
export const toCoreSelection = (given: unknown, operation: string): unknown => {
  const isOne = given instanceof Future || typeof given !== "object" || given === null || !(Symbol.iterator in given)
  return isOne
    ? toCoreQuery(given, operation)
    : Array.from(given as Iterable<unknown>, (each) => toCoreQuery(each, operation))
}
