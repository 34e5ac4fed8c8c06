/**
 * How cost grows with size.
 */
import type { AvailablePeer } from "./driver.ts"
import { ableFor, measure, type Processes } from "./measure.ts"
import type { Progress } from "./progress.ts"
import { type Experience, exponent, type Interval, intervalOf } from "./statistics.ts"
import type { Workload } from "./workloads.ts"

export interface GrowthPoint {
  readonly n: number
  /**
   * Nanoseconds per operation of the best round, the one that was disturbed least: on a processor, where the host tells
   * that.
   */
  readonly nanos: number
}

export interface Growth {
  readonly workload: string
  readonly peer: string
  readonly law: NonNullable<Workload["law"]>
  readonly points: ReadonlyArray<GrowthPoint>
  /** Undefined when fewer than two sizes were large enough. */
  readonly exponent: number | undefined
  /** That of each sitting, where there were several. */
  readonly sittings?: ReadonlyArray<number>
  readonly failed?: string
}

// Below, starting and ending the run is what costs.
const leastSize = 1000

/**
 * The exponent of N: of the whole cost for what may grow in proportion to N, of one operation's for what may grow like a
 * logarithm at most.
 */
export const growthExponent = (
  law: NonNullable<Workload["law"]>,
  points: ReadonlyArray<GrowthPoint>
): number | undefined => {
  const large = points.filter(({ n }) => n >= leastSize)
  if (large.length < 2) return undefined
  const perOperation = exponent(large.map(({ n, nanos }) => [n, nanos] as const))
  return law === "linear" ? 1 + perOperation : perOperation
}

/**
 * What an exponent may be. From a thousand to a hundred thousand, log N fits an exponent of 0.11, and memory that no longer
 * fits the caches adds 0.3 and more, to every peer; a list that is searched fits 1.
 */
export const largestExponent: Readonly<Record<NonNullable<Workload["law"]>, number>> = {
  linear: 1.1,
  logarithmic: 0.7
}

export const growsTooFast = ({ exponent, law }: Growth): boolean =>
  exponent !== undefined && exponent > largestExponent[law]

// What the exponents of two sittings usually differ by: an error of 5 % at one of the sizes moves it by 0.01.
const usualExponents: Experience = { deviation: 0.015, weight: 4 }

/** The exponent, and how far off it may be. */
export const exponentOf = ({ exponent, sittings }: Growth): Interval | undefined =>
  exponent === undefined ? undefined : intervalOf(sittings ?? [exponent], usualExponents)

/** Two sittings as one: the least time at each size, which was disturbed least, and the mean of the exponents. */
export const joinGrowth = (first: Growth, again: Growth): Growth => {
  const failed = first.failed ?? again.failed
  const sittings = [...(first.sittings ?? [first.exponent]), again.exponent].filter((each) => each !== undefined)
  return {
    ...first,
    points: first.points.map(({ n, nanos }) => ({
      n,
      nanos: Math.min(nanos, again.points.find((point) => point.n === n)?.nanos ?? nanos)
    })),
    exponent: sittings.length === 0 ? undefined : sittings.reduce((sum, each) => sum + each, 0) / sittings.length,
    sittings,
    ...(failed === undefined ? {} : { failed })
  }
}

// Of a million, one round tells as much as many of a thousand.
const roundsFor = (n: number, rounds: number): number => {
  if (n >= 1_000_000) return Math.ceil(rounds / 4)
  return n >= 100_000 ? Math.ceil(rounds / 2) : rounds
}

// A thousand operations are over before V8 has compiled anything anew.
const timesFor = (n: number): number => Math.min(Math.max(Math.ceil(20_000 / n), 1), 50)

/** Measures a workload at all of its sizes. */
export const measureGrowth = async (
  workload: Workload,
  sizes: ReadonlyArray<number>,
  peers: ReadonlyArray<AvailablePeer>,
  processes: Processes,
  rounds: number,
  progress: Progress
): Promise<ReadonlyArray<Growth>> => {
  const { law } = workload
  if (law === undefined) return []
  const able = ableFor(workload, peers)
  // The code is compiled before the first size is measured, or that one would pay for all.
  const warmUpSize = Math.max(...sizes.filter((size) => size <= 100_000))
  await measure(workload, warmUpSize, able, processes, { rounds: 1, warmUp: 500, fresh: true }, progress)
  const points = new Map(able.map(({ name }) => [name, [] as Array<GrowthPoint>]))
  const failures = new Map<string, string>()
  for (const n of sizes) {
    const going = able.filter(({ name }) => !failures.has(name))
    const plan = { rounds: roundsFor(n, rounds), warmUp: 0, fresh: false, times: timesFor(n) }
    const { peers: figures } = await measure(workload, n, going, processes, plan, progress)
    for (const { cpu, failed, peer, summary } of figures) {
      if (summary === undefined) failures.set(peer, `N = ${n}: ${failed}`)
      else points.get(peer)!.push({ n, nanos: (cpu ?? summary).min })
    }
  }
  return able.map(({ name: peer }) => {
    const failed = failures.get(peer)
    return {
      workload: workload.name,
      peer,
      law,
      points: points.get(peer)!,
      exponent: growthExponent(law, points.get(peer)!),
      ...(failed === undefined ? {} : { failed })
    }
  })
}
