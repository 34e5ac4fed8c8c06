/**
 * Cancelling everywhere.
 */
import { ProgramFailure, writePicture } from "./failure.ts"
import type { SweepOptions } from "./options.ts"
import { listenForStop, type Progress, progressTeller } from "./run/patience.ts"
import { budgetOf, type Cut, cutsText, parseCuts, type Point, type Victim } from "./run/points.ts"
import { type Plan, type Reference, type Result, runOnce } from "./run/runOnce.ts"
import type { Finding, Subject, SubjectOptions } from "./run/subject.ts"
import { recordRun } from "./timeline/record.ts"
import type { Trace } from "./timeline/trace.ts"

type Victims = NonNullable<SweepOptions<unknown>["victims"]>

/** What a sweep may be told beside the program's own. */
export interface SweepSettings extends SubjectOptions {
  readonly at?: string | undefined
  readonly victims?: Victims | undefined
  readonly pairs?: number | boolean | undefined
  readonly limit?: number | undefined
  readonly betweenOperations?: boolean | undefined
  readonly picture?: boolean | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
}

/**
 * What a sweep has done.
 *
 * @category models
 * @since 0.1.0
 */
export interface SweepResult {
  /** How many times the program ran, the first time without a cancellation. */
  readonly runs: number
  /** The places where a task could be cancelled: before it began, and at each of its awaits. */
  readonly places: ReadonlyArray<string>
  /** How many runs were left out, because there were more than `limit`. */
  readonly left: number
}

const defaultLimit = 10_000
const defaultPairs = 1000
// After how many operations fibers give way: below three they do not get on.
const budgets = [3, 4, 5, 7]

interface Failure {
  readonly cuts: ReadonlyArray<Cut>
  readonly findings: ReadonlyArray<Finding>
  /** The number of its run: that without a cut is the first. */
  readonly run: number
}

/** Runs with the cuts of `at`, and with no others. */
const replay = async (subject: Subject, settings: SweepSettings, at: string, first: Result): Promise<SweepResult> => {
  const places = first.points.map(({ key }) => key)
  const cuts = parseCuts(at)
  const result = await runOnce(subject, { cuts, reference: first, outside: {}, budget: budgetOf(cuts) })
  if (result.missed.length > 0) {
    throw new TypeError(`the program did not come to ${cutsText(result.missed)}; it came to ${places.join(", ")}`)
  }
  if (result.findings.length > 0)
    throw await failureOf(subject, settings, { cuts, findings: result.findings, run: 2 }, [], first, 2)
  return { runs: 2, places, left: 0 }
}

/** All that can be cancelled: a cut for each run. */
const allCutsOf = async (
  subject: Subject,
  { betweenOperations, victims = ["task", "main", "groups", "timeouts"] }: SweepSettings,
  first: Result
): Promise<ReadonlyArray<ReadonlyArray<Cut>>> => {
  const all: Array<ReadonlyArray<Cut>> = cutsOf(first.points, victims).map((cut) => [cut])
  if (betweenOperations !== true) return all
  for (const budget of budgets) {
    const { steps } = await runOnce(subject, { reference: first, outside: {}, budget })
    all.push(...steps.map((point) => [{ point, victim: "task" } as const]))
  }
  return all
}

export const sweepSubject = async (subject: Subject, settings: SweepSettings): Promise<SweepResult> => {
  const first = await runOnce(subject, { outside: {} })
  if (first.findings.length > 0)
    throw await failureOf(subject, settings, { cuts: [], findings: first.findings, run: 1 }, [], undefined, 1)
  if (settings.at !== undefined) return replay(subject, settings, settings.at, first)
  const reference: Reference = first
  const all = await allCutsOf(subject, settings, first)
  const limit = settings.limit ?? defaultLimit
  const chosen = evenly(all, limit)
  const mostPairs = settings.pairs === true ? defaultPairs : settings.pairs === false ? 0 : (settings.pairs ?? 0)
  const failures: Array<Failure> = []
  const stop = listenForStop(settings.signal)
  const tell = progressTeller(settings.onProgress, "sweep")
  let runs = 1
  try {
    const pairs: Array<ReadonlyArray<Cut>> = []
    const run = async (cuts: ReadonlyArray<Cut>, of: number): Promise<Result | undefined> => {
      if (stop.asked()) return undefined
      const result = await runOnce(subject, { cuts, reference, outside: {}, budget: budgetOf(cuts) })
      runs++
      if (result.findings.length > 0) failures.push({ cuts, findings: result.findings, run: runs })
      tell({ runs, of, failures: failures.length })
      return result
    }
    for (const cuts of chosen) {
      const result = await run(cuts, chosen.length + 1)
      if (result !== undefined && mostPairs > 0 && result.findings.length === 0) {
        for (const second of secondsOf(cuts[0]!, result.points)) pairs.push([...cuts, second])
      }
    }
    const chosenPairs = evenly(pairs, mostPairs)
    for (const cuts of chosenPairs) await run(cuts, chosen.length + chosenPairs.length + 1)
    if (failures.length > 0)
      throw await failureOf(subject, settings, clearestOf(failures, first.points), failures, reference, runs)
    if (stop.asked()) throw stopped("the sweep", runs, chosen.length + chosenPairs.length + 1)
    const places = first.points.map(({ key }) => key)
    return { runs, places, left: all.length - chosen.length + (pairs.length - chosenPairs.length) }
  } finally {
    stop.end()
  }
}

export const stopped = (what: string, runs: number, of: number | undefined): Error =>
  Object.assign(
    new Error(`${what} was stopped after ${runs}${of === undefined ? "" : ` of ${of}`} runs, none of which failed`),
    {
      name: "AbortError"
    }
  )

/** The one to tell of: if there is one, a task at an await of its own, where it waits for no other task. */
const clearestOf = (failures: ReadonlyArray<Failure>, points: ReadonlyArray<Point>): Failure => {
  const clear = failures.filter(({ cuts }) =>
    cuts.every(({ point, victim }) => victim === "task" && !point.endsWith(":0"))
  )
  const isLeaf = ({ point }: Cut): boolean => points.find(({ key }) => key === point)?.waitsForTasks === false
  return clear.find(({ cuts }) => cuts.every(isLeaf)) ?? clear[0] ?? failures[0]!
}

/** What can be cancelled at each place. */
const cutsOf = (points: ReadonlyArray<Point>, victims: Victims): Array<Cut> =>
  points.flatMap((point): Array<Cut> => {
    const cut = (victim: Victim): Cut => ({ point: point.key, victim })
    return [
      ...(victims.includes("task") ? [cut("task")] : []),
      ...(victims.includes("main") && point.mainIsOther ? [cut("main")] : []),
      ...(victims.includes("groups") ? point.groups.map((group) => cut(`group${group}`)) : []),
      ...(victims.includes("timeouts") ? point.timeouts.map((timeout) => cut(`timeout${timeout}`)) : []),
      ...(victims.includes("others") ? point.others.map(({ number }) => cut(`other${number}`)) : [])
    ]
  })

/** What can be cancelled behind a first cut: any task, at what it awaits from then on, the cleanup among it. */
const secondsOf = (first: Cut, points: ReadonlyArray<Point>): ReadonlyArray<Cut> => {
  const from = points.findIndex(({ key }) => key === first.point)
  return points.slice(from + 1).map(({ key }): Cut => ({ point: key, victim: "task" }))
}

/** So many of them at most, from all parts of the list. */
export const evenly = <A>(all: ReadonlyArray<A>, most: number): ReadonlyArray<A> =>
  all.length <= most ? all : Array.from({ length: most }, (_, i) => all[Math.floor((i * all.length) / most)]!)

/** Runs once more, and takes everything down. */
export const recordPlan = async (
  subject: Subject,
  plan: Plan
): Promise<{ readonly trace: Trace; readonly result: Result }> => {
  let result: Result | undefined
  const trace = await recordRun(
    async ({ beganIo, makeLoop }) => {
      result = await runOnce(subject, { ...plan, places: true, beganIo, makeLoop })
      if (result.outcome.kind !== "returned") throw result.outcome.error
    },
    { asyncFunctions: subject.flavour.asyncFunctions, maxSteps: Infinity, maxLines: Infinity, patience: 2 ** 31 - 1 }
  )
  return { trace, result: result! }
}

const failureOf = async (
  subject: Subject,
  settings: SweepSettings,
  { cuts, findings, run }: Failure,
  all: ReadonlyArray<Failure>,
  reference: Reference | undefined,
  runs: number
): Promise<ProgramFailure> => {
  const { result, trace } = await recordPlan(subject, { cuts, reference, outside: {}, budget: budgetOf(cuts) })
  const replay = cutsText(cuts)
  const title =
    cuts.length === 0 ? "the program does not hold, even where nothing is cancelled" : titleOf(cuts, result.points)
  const others = all.map((failure) => cutsText(failure.cuts)).filter((text) => text !== replay)
  const picture =
    settings.picture === false
      ? (false as const)
      : writePicture(trace, title, `sweep-${replay === "" ? "reference" : replay}`)
  return new ProgramFailure({
    title,
    details: detailsOf(cuts, result.points),
    findings,
    trace,
    replay,
    runs: all[0]?.run ?? run,
    replayLine: cuts.length === 0 ? "sweep(program, ...)" : `sweep(program, { at: ${JSON.stringify(replay)}, ... })`,
    notes: [
      `runs     ${runs}, of which ${Math.max(all.length, 1)} failed`,
      ...(others.length === 0
        ? []
        : [`also at  ${others.slice(0, 12).join("  ")}${others.length > 12 ? ` and ${others.length - 12} more` : ""}`])
    ],
    picture
  })
}

const titleOf = (cuts: ReadonlyArray<Cut>, points: ReadonlyArray<Point>): string =>
  cuts
    .map(({ point, victim }) => {
      const found = points.find(({ key }) => key === point)
      const [, task = point, number = "0"] = /^(.*):([\d./]+)$/.exec(point) ?? []
      if (number.includes("/")) return `${task} is cancelled between two operations of its fibers`
      const count = Math.floor(Number(number))
      const behind = number.endsWith(".5") ? "in the moment in which it is woken from" : "at"
      const at =
        number === "0"
          ? `before ${task} begins`
          : `${behind} ${victim === "task" ? `its await ${count}` : `await ${count} of ${task}`}`
      const place = found?.place === undefined ? "" : `, ${found.place}`
      if (victim === "task") return `${task} is cancelled ${at}${place}`
      if (victim === "main") return `the main task is cancelled ${at}${place}`
      if (victim.startsWith("timeout")) return `a timeout expires ${at}${place}`
      const other = found?.others.find(({ number }) => victim === `other${number}`)
      return `${other === undefined ? "a task group" : other.name} is cancelled ${at}${place}`
    })
    .join(", then ")

const detailsOf = (cuts: ReadonlyArray<Cut>, points: ReadonlyArray<Point>): ReadonlyArray<string> =>
  cuts.flatMap(({ point }) => {
    const found = points.find(({ key }) => key === point)
    return found === undefined ? [] : [`where ${found.task} ${found.waits}`]
  })
