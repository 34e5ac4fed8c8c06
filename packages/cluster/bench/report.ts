/**
 * What was measured, as a table, and whether the goals are met.
 */
import type { SideOf } from "./sides.ts"

export interface Measured {
  readonly side: SideOf
  /** Tasks a second of each round. */
  readonly perSecond: Array<number>
  /** Of the processor for a task, in all processes but the database, in microseconds of each round. */
  readonly micros: Array<number>
  /** In milliseconds; NaN where a cancel is not possible. */
  readonly cancels: Array<number>
  /** For 10,000 waiting tasks. */
  readonly bytes: Array<number>
}

const quantile = (values: ReadonlyArray<number>, share: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

const median = (values: ReadonlyArray<number>): number => quantile(values, 0.5)

const whole = (value: number): string => Math.round(value).toLocaleString("en-US")

const millis = (value: number): string => (value < 10 ? value.toFixed(1) : whole(value))

const row = ({ bytes, cancels, micros, perSecond, side }: Measured): string => {
  const rate = `${whole(median(perSecond))} (${whole(Math.min(...perSecond))} to ${whole(Math.max(...perSecond))})`
  const canCancel = cancels.every(Number.isFinite)
  const latency = canCancel ? [millis(median(cancels)), millis(quantile(cancels, 0.95))] : ["not possible", ""]
  return `| ${[side.title, rate, whole(median(micros)), ...latency, (median(bytes) / 1e6).toFixed(1)].join(" | ")} |`
}

export const tableOf = (all: ReadonlyArray<Measured>): string =>
  [
    "| | tasks a second, submitted and joined (lowest and highest round) | CPU µs a task | cancel, median ms | 95 % | MB for 10,000 that wait |",
    "| --- | ---: | ---: | ---: | ---: | ---: |",
    ...all.map(row)
  ].join("\n")

/** A line for each goal: that of the whole, and that of what is embedded. */
export const goalsOf = (all: ReadonlyArray<Measured>): string => {
  const rateOf = (name: string) => {
    const found = all.find(({ side }) => side.name === name)
    return found === undefined ? undefined : median(found.perSecond)
  }
  const ours = all.filter(({ side }) => side.name.startsWith("ours."))
  const shares = ours.flatMap(({ perSecond, side }) => {
    const raw = rateOf(side.name.replace("ours", "raw"))
    if (raw === undefined) return []
    const share = median(perSecond) / raw
    return [
      `- ${side.title}: ${share.toFixed(2)} of Effect Cluster as it is, ${share >= 0.9 ? "met" : "NOT met"} (goal: 0.9)`
    ]
  })
  const embedded = ours
    .filter(({ side }) => ["ours.memory", "ours.sqlite"].includes(side.name))
    .map(({ perSecond, side }) => {
      const rate = median(perSecond)
      return `- ${side.title}: ${whole(rate)} tasks a second, ${rate >= 1500 ? "met" : "NOT met"} (goal: 1,500)`
    })
  return [...shares, ...embedded].join("\n")
}
