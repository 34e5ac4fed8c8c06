/**
 * Comparing an implementation with CPython, in batches.
 */
import { type Candidate, type CandidateAnswer, runCandidate } from "./candidate.ts"
import { type OracleAnswer, unfitness } from "./oracle/answer.ts"
import type { OraclePool } from "./oracle/pool.ts"
import type { RecordedScript, Script } from "./script.ts"
import { firstDifference, kindOfDifference, type Trace } from "./trace.ts"

// Longer traces take long to run and longer to read.
const maxLines = 500

export interface Divergence {
  readonly script: RecordedScript
  /** The implementation's trace; where it gave none, a line that says why. */
  readonly actual: Trace
  readonly kind: string
}

/** The outcome of comparisons so far. */
export class Tally {
  scripts = 0
  compared = 0
  readonly divergences: Array<Divergence> = []
  readonly unfit = new Map<string, number>()
  readonly unsupported = new Map<string, number>()

  /** `4381 compared, 0 diverging, 0 unsupported`, and why others were left out. */
  toString(): string {
    const unsupported = sum(this.unsupported)
    const figures = `${this.compared} compared, ${this.divergences.length} diverging, ${unsupported} unsupported`
    const reasons = unsupported === 0 ? "" : ` (${listed(this.unsupported)})`
    const unfit = sum(this.unfit)
    return `${figures}${reasons}${unfit === 0 ? "" : `; ${unfit} left out (${listed(this.unfit)})`}`
  }

  /** Divergences by kind, the most frequent kind first. */
  kinds(): Array<readonly [kind: string, divergences: ReadonlyArray<Divergence>]> {
    const kinds = new Map<string, Array<Divergence>>()
    for (const divergence of this.divergences) {
      const others = kinds.get(divergence.kind)
      if (others === undefined) kinds.set(divergence.kind, [divergence])
      else others.push(divergence)
    }
    return [...kinds].sort(([, left], [, right]) => right.length - left.length)
  }
}

const sum = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((left, right) => left + right, 0)

const listed = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .sort(([, left], [, right]) => right - left)
    .map(([what, count]) => `${what} ${count}`)
    .join(", ")

const count = (counts: Map<string, number>, what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1)

/** Asks for an oracle only when it is needed: recorded scripts do without. */
export type GetOracle = () => Promise<OraclePool>

/** The scripts that can be compared, with CPython's traces. The others are counted with their reasons. */
export const recordTraces = async (
  scripts: ReadonlyArray<Script>,
  { oracle, strict, tally }: { readonly oracle: GetOracle; readonly strict: boolean; readonly tally: Tally }
): Promise<Array<RecordedScript>> => {
  const check = strict ? "full" : "basic"
  const isRecorded = (script: Script) => script.expect !== undefined && (!strict || script.deps !== undefined)
  const open = scripts.filter((script) => !isRecorded(script))
  const answers = open.length === 0 ? [] : await (await oracle()).ask(open, { check, maxLines })
  const answerOf = new Map(open.map((script, index) => [script, answers[index]!]))
  const recorded: Array<RecordedScript> = []
  for (const script of scripts) {
    const answer: OracleAnswer = answerOf.get(script) ?? { id: script.id, deps: script.deps ?? [] }
    const reason = unfitness(answer, strict)
    if (reason !== undefined) count(tally.unfit, reason)
    else recorded.push({ ...script, deps: answer.deps ?? [], expect: script.expect ?? answer.trace! })
  }
  tally.scripts += scripts.length
  return recorded
}

/** Runs recorded scripts on an implementation and adds up what came out. */
export const compare = async (
  candidate: Candidate,
  scripts: ReadonlyArray<RecordedScript>,
  tally: Tally
): Promise<void> => {
  const answers = await runCandidate(candidate, scripts)
  for (const script of scripts) {
    const answer = answers.get(script.id)!
    if ("unsupported" in answer) {
      count(tally.unsupported, answer.unsupported)
      continue
    }
    tally.compared++
    const divergence = divergenceOf(script, answer)
    if (divergence !== undefined) tally.divergences.push(divergence)
  }
}

/** How an answer differs from the recorded trace, `undefined` when it does not. */
export const divergenceOf = (script: RecordedScript, answer: CandidateAnswer): Divergence | undefined => {
  if ("unsupported" in answer) return undefined
  if ("error" in answer)
    return { script, actual: [`!! ${answer.error}`], kind: `error: ${answer.error.split("\n")[0]}` }
  const index = firstDifference(script.expect, answer.trace)
  if (index === undefined) return undefined
  return { script, actual: answer.trace, kind: kindOfDifference(script.expect, answer.trace, index) }
}

/** Which of some variants of a script can be compared and diverge. */
export const divergingVariants = async (
  variants: ReadonlyArray<Script>,
  candidate: Candidate,
  oracle: OraclePool,
  strict: boolean
): Promise<Array<Divergence | undefined>> => {
  const named = variants.map((variant, index) => ({ ...variant, id: `${variant.id}-${index}` }))
  const answers = await oracle.ask(named, { check: strict ? "full" : "basic", maxLines: 2 * maxLines })
  const fit = named.flatMap((script, index): Array<RecordedScript> => {
    const answer = answers[index]!
    return unfitness(answer, strict) === undefined ? [{ ...script, expect: answer.trace! }] : []
  })
  // A variant that hangs must not take as long as a batch may.
  const given = await runCandidate(candidate, fit, { patience: 5000 })
  const divergences = new Map(fit.map((script) => [script.id, divergenceOf(script, given.get(script.id)!)]))
  return named.map(({ id }) => divergences.get(id))
}
