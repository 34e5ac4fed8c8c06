/**
 * What several runs of the same code say of a figure. All sittings of a run share what the machine did meanwhile and how V8 compiled what it
 * loaded first, so that they agree with each other more than with the next run: however often a row is measured in one run, what runs differ by
 * is left.
 */
import { type Experience, type Interval, spreadOf } from "./statistics.ts"

/** The figures of one run, by a name that says which library, row and group it is. */
export type RunFigures = Readonly<Record<string, Interval>>

/** How far the next run may be from this one, by the logarithm. Each run has one of `figures`, this one among them. */
export const driftOf = (figures: ReadonlyArray<number>, usual: Experience): number =>
  spreadOf(figures.filter((figure) => figure > 0).map(Math.log), usual)

/** What is known of a figure after the sittings of one run, when the next run may be as far off as `drift`. */
export const withDrift = ({ high, low, value }: Interval, drift: number): Interval => {
  const off = (bound: number) => Math.exp(Math.hypot(Math.log(bound / value), drift))
  // What is nothing or less has no logarithm: of an import that costs no more than Effect's the next one may cost a little.
  if (low <= 0) return { value, low, high: Math.max(high, value + (high - value) * Math.exp(drift)) }
  return { value, low: value / off(low), high: value * off(high) }
}

/** Whether one more sitting may tell more: once the sittings of a run leave less open than runs differ by, it cannot. */
export const canBeNarrower = ({ high, low }: Interval, drift: number): boolean =>
  low <= 0 || Math.log(high / low) > 2 * drift
