/**
 * Looks at the definitions and the workers that a program passes in.
 */
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { Definition, type Worker } from "../Definition.ts"

/** A definition, and not its name or its worker. */
export const checkDefinition = (definition: unknown, where: string): void => {
  if (definition instanceof Definition) return
  // When: `createTask`, `submit` or `joinTask` of a cluster got something else than what `task` has made.
  throw lowlevel.unexpectedValue(
    `a definition was expected ${where}`,
    definition,
    'Give it what `task("resize", { ... })` has made.'
  )
}

/** The workers and the definitions of a process. */
export const checkParts = (workers: unknown, definitions: unknown): void => {
  for (const each of listOf(workers, "workers")) {
    if (lowlevel.safely(() => (each as Worker).definition, undefined) instanceof Definition) continue
    // When: the `workers` of a layer have something else than what `worker` of a definition has made, the definition itself say.
    throw lowlevel.unexpectedValue(
      "a worker was expected in the workers of a cluster",
      each,
      "Give it what `resize.worker(...)` has made, and clients the definition, in `definitions`."
    )
  }
  for (const each of listOf(definitions, "definitions")) checkDefinition(each, "in the definitions of a cluster")
}

const listOf = (list: unknown, what: string): ReadonlyArray<unknown> => {
  if (Array.isArray(list)) return list
  // When: the `workers` or the `definitions` of a layer are one, and no list of them.
  throw lowlevel.unexpectedValue(`a list was expected as the ${what} of a cluster`, list, "Put it into a list.")
}
