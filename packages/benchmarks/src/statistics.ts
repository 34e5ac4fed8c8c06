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
