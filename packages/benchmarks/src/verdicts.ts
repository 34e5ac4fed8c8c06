/**
 * Whether a goal is met. A figure is known within an interval, and a goal inside of it is neither met nor missed: the next run could say
 * the one or the other.
 */
import type { Interval } from "./statistics.ts"

export type Verdict = "met" | "at the goal" | "short" | "not measured"

/** How many times as good as required: below 1 it is short. Undefined when there was nothing to measure it by. */
export type Margin = Interval | undefined

export const verdictOf = (margin: Margin): Verdict => {
  if (margin === undefined || Number.isNaN(margin.value)) return "not measured"
  if (margin.low >= 1) return "met"
  return margin.high < 1 ? "short" : "at the goal"
}

/** How many rows have each verdict. */
export type Tally = Readonly<Record<Verdict, number>>

export const tallyOf = (verdicts: Iterable<Verdict>): Tally => {
  const tally = { met: 0, "at the goal": 0, short: 0, "not measured": 0 }
  for (const verdict of verdicts) tally[verdict]++
  return tally
}

export const describeTally = (tally: Tally): string =>
  Object.entries(tally)
    .map(([verdict, count]) => `${count} ${verdict}`)
    .join(", ")

/** What one run says of each row, by a name that says which library, row and group it is. */
export type Verdicts = Readonly<Record<string, Verdict>>

export interface Difference {
  readonly row: string
  readonly before: Verdict
  readonly after: Verdict
}

export interface Comparison {
  /** From met to short, or back. */
  readonly crossed: ReadonlyArray<Difference>
  /** Others of which one run was sure, and the other one not. */
  readonly unsure: ReadonlyArray<Difference>
}

const sure: ReadonlyArray<Verdict> = ["met", "short"]

const isCrossing = ({ after, before }: Difference): boolean => sure.includes(before) && sure.includes(after)

/** The rows of which two runs do not say the same. What only one of them measured is none of them. */
export const compareVerdicts = (before: Verdicts, after: Verdicts): Comparison => {
  const differences = Object.entries(after).flatMap(([row, verdict]) => {
    const earlier = before[row]
    if (earlier === undefined || earlier === verdict) return []
    if (earlier === "not measured" || verdict === "not measured") return []
    return [{ row, before: earlier, after: verdict }]
  })
  return {
    crossed: differences.filter(isCrossing),
    unsure: differences.filter((difference) => !isCrossing(difference))
  }
}

/** As sentences, each row after `separator`. */
export const describeComparison = ({ crossed, unsure }: Comparison, separator = " "): string => {
  const list = (title: string, differences: ReadonlyArray<Difference>) =>
    `${title}:${separator}${differences.map(({ after, before, row }) => `${row} (${before}, then ${after})`).join(`;${separator}`)}.`
  const sides =
    crossed.length === 0 ? "No row went from met to short or back." : list("Rows that changed sides", crossed)
  return unsure.length === 0 ? sides : `${sides}${separator}${list("Sure in one of the two only", unsure)}`
}
