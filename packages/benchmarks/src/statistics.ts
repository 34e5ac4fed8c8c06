/** The middle, the least and the greatest of several rounds. */
export interface Summary {
  readonly median: number
  readonly min: number
  readonly max: number
}

const ascending = (values: Iterable<number>): Array<number> => [...values].sort((a, b) => a - b)

/** Of no values, NaN. */
export const summarize = (values: ReadonlyArray<number>): Summary => {
  const sorted = ascending(values)
  const upper = sorted[sorted.length >> 1] ?? Number.NaN
  const lower = sorted[(sorted.length - 1) >> 1] ?? Number.NaN
  return { median: (lower + upper) / 2, min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN }
}

/** The least value that `share` of all values do not exceed. */
export const quantile = (values: ReadonlyArray<number>, share: number): number => {
  const sorted = ascending(values)
  return sorted[Math.max(Math.ceil(share * sorted.length) - 1, 0)] ?? Number.NaN
}

/** The exponent k for which y = c x^k fits the points best, by least squares of the logarithms. */
export const exponent = (points: ReadonlyArray<readonly [x: number, y: number]>): number => {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const)
  const meanX = logs.reduce((sum, [x]) => sum + x, 0) / logs.length
  const meanY = logs.reduce((sum, [, y]) => sum + y, 0) / logs.length
  const above = logs.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0)
  const below = logs.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
  return above / below
}

/** A figure, and the bounds that it lies between in nineteen runs of twenty. */
export interface Interval {
  readonly value: number
  readonly low: number
  readonly high: number
}

/** What is known of a kind of figure before the first sample: its usual deviation, which counts as this many samples. */
export interface Experience {
  readonly deviation: number
  readonly weight: number
}

// Student's t for 95 %, by degrees of freedom from 1; beyond, it hardly changes.
const student = [12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.2, 2.18, 2.16, 2.14, 2.13, 2.12]

/**
 * How far off what was found may be, in nineteen cases of twenty, given what the samples differ by. Two samples that happen to agree do not
 * say that a third would, so that their deviation counts beside the usual one.
 */
export const spreadOf = (samples: ReadonlyArray<number>, { deviation, weight }: Experience): number => {
  const mean = samples.reduce((sum, sample) => sum + sample, 0) / samples.length
  const squares = samples.reduce((sum, sample) => sum + (sample - mean) ** 2, 0)
  const freedom = samples.length - 1 + weight
  return (student[freedom - 1] ?? 2.1) * Math.sqrt((squares + weight * deviation ** 2) / freedom)
}

/** The mean of what several sittings gave, and how far off it may be. */
export const intervalOf = (samples: ReadonlyArray<number>, experience: Experience): Interval => {
  const mean = samples.reduce((sum, sample) => sum + sample, 0) / samples.length
  const off = spreadOf(samples, experience) / Math.sqrt(samples.length)
  return { value: mean, low: mean - off, high: mean + off }
}

/** An interval under a function that grows, or falls, throughout. */
export const mapInterval = ({ high, low, value }: Interval, f: (x: number) => number): Interval => {
  const [a, b] = [f(low), f(high)]
  return { value: f(value), low: Math.min(a, b), high: Math.max(a, b) }
}
