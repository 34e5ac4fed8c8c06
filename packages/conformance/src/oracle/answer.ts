/**
 * What CPython answers, and whether a script is fit for comparison.
 */

/** An answer of `python/interp.py`. */
export interface OracleAnswer {
  readonly id: string
  readonly trace?: ReadonlyArray<string>
  /** The limit that was exceeded, `!lines` for one. */
  readonly halt?: string
  /** Of what the trace depends that Python leaves open. Only when the run asked for a check. */
  readonly deps?: ReadonlyArray<string>
  /** An exception that no script can have raised: the interpreter is at fault. */
  readonly bad?: string
  readonly error?: string
}

/** How much is found out about a script besides its trace; each step costs more runs of it. */
export type Check = "none" | "basic" | "full"

/**
 * Why a script is unfit, `undefined` when it is fit: it ran into a limit, or its trace depends on an order that the
 * format does not fix. `ties` and `sets` it does fix, so they are only a reason when `strict`.
 */
export const unfitness = (answer: OracleAnswer, strict = false): string | undefined => {
  if (answer.error !== undefined) return "error"
  if (answer.halt !== undefined) return `limit ${answer.halt.slice(1)}`
  if (answer.bad !== undefined) return "internal"
  return answer.deps?.find((dependence) => strict || (dependence !== "ties" && dependence !== "sets"))
}
