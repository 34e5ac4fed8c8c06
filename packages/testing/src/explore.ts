/**
 * Exploring what the outside may decide.
 */
import type { Schedule } from "@effect-asyncio/core/testing"
import { ProgramFailure, writePicture } from "./failure.ts"
import type { Strategy } from "./options.ts"
import { listenForStop, type Progress, progressTeller } from "./run/patience.ts"
import { type Plan, type Reference, type Result, runOnce } from "./run/runOnce.ts"
import type { Subject, SubjectOptions } from "./run/subject.ts"
import {
  type Decision,
  Decisions,
  type Deviations,
  following,
  parseSchedule,
  scheduleText
} from "./schedules/decisions.ts"
import { exhaustiveSearch, pctSearch, randomSearch, type Search } from "./schedules/strategies.ts"
import { recordPlan, stopped } from "./sweep.ts"

export interface ExploreSettings extends SubjectOptions {
  readonly schedules?: number | undefined
  readonly seed?: number | undefined
  readonly strategy?: Strategy | undefined
  readonly deviations?: number | undefined
  readonly sleeps?: "exact" | "work" | undefined
  readonly order?: "fifo" | "anyOrder" | undefined
  readonly picture?: boolean | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
}

/**
 * What an exploration has done.
 *
 * @category models
 * @since 0.1.0
 */
export interface ExploreResult {
  /** How many times the program ran. */
  readonly runs: number
  /** How many decisions the outside had in the longest of them. */
  readonly decisions: number
  /** Whether there is no other schedule that the strategy could try. */
  readonly complete: boolean
}

/**
 * The same schedule did not give the same run twice: something is decided that no schedule decides.
 *
 * @category errors
 * @since 0.1.0
 */
export class NotDeterministic extends Error {
  override readonly name: string = "NotDeterministic"
}

// Milliseconds that a loop may wake too late.
const latenesses = [0, 1, 10, 100]
// What a sleep that stands for work takes, as a multiple of its time.
const paces = [1, 0, 3]

const scheduleOf =
  ({ order, sleeps }: ExploreSettings) =>
  (decisions: Decisions): Schedule => ({
    ringsFirst: () =>
      decisions.decide("two deadlines at the same time", [false, true], (first) =>
        first ? "the one that was set later comes first" : "in the order they were set"
      ),
    lateness: () => decisions.decide("the wake-up of the loop", latenesses, (late) => `the loop wakes ${late} ms late`),
    rings:
      sleeps !== "work"
        ? undefined
        : (delay) =>
            delay *
            decisions.decide(
              "the time of a sleep",
              paces,
              (pace) => `a sleep takes ${delay * pace} ms instead of ${delay} ms`
            ),
    next:
      order !== "anyOrder"
        ? undefined
        : (steps, names) => {
            const choices = Array.from({ length: Math.min(steps, mostChoices) }, (_, i) => i)
            return decisions.decide(
              "the order of the queue",
              choices,
              (chosen) => `${names()[chosen] ?? "a later one"} goes first`
            )
          }
  })

const mostChoices = 8

const searchOf = ({ deviations, seed = 1, strategy = "pct" }: ExploreSettings): Search => {
  if (strategy === "random") return randomSearch(seed)
  return strategy === "pct" ? pctSearch(seed, deviations ?? 3) : exhaustiveSearch(deviations ?? 2)
}

export const exploreSubject = async (subject: Subject, settings: ExploreSettings): Promise<ExploreResult> => {
  const schedule = scheduleOf(settings)
  const base: Plan = { schedule, points: false }
  await checkDeterminism(subject, base, following(new Map()), following(new Map()), "")
  const search = searchOf(settings)
  const most = settings.schedules ?? 1000
  const stop = listenForStop(settings.signal)
  const tell = progressTeller(settings.onProgress, "explore")
  let reference: Reference | undefined
  let runs = 0
  let decisions = 0
  try {
    while (runs < most) {
      if (stop.asked()) throw stopped("the exploration", runs, most)
      const choose = search.next()
      if (choose === undefined) break
      const result = await runOnce(subject, { ...base, reference, decisions: new Decisions(choose) })
      runs++
      decisions = Math.max(decisions, result.decisions.taken.length)
      search.ran(result.decisions.taken)
      reference ??= result
      if (result.findings.length > 0) {
        tell({ runs, of: most, failures: 1 })
        throw await failureOf(subject, settings, base, reference, result, runs)
      }
      tell({ runs, of: most, failures: 0 })
    }
    return { runs, decisions, complete: runs < most || search.isComplete }
  } finally {
    stop.end()
  }
}

export const replaySubject = async (subject: Subject, text: string, settings: ExploreSettings): Promise<void> => {
  const base: Plan = { schedule: scheduleOf(settings), points: false }
  const reference = await runOnce(subject, base)
  const result = await runOnce(subject, {
    ...base,
    reference: reference.findings.length > 0 ? undefined : reference,
    decisions: following(parseSchedule(text))
  })
  if (result.findings.length > 0)
    throw await failureOf(subject, { ...settings, shrinks: false }, base, reference, result, 2)
}

/** Runs the same schedule twice, and names what is not the same. */
const checkDeterminism = async (
  subject: Subject,
  base: Plan,
  first: Decisions,
  second: Decisions,
  schedule: string
): Promise<void> => {
  const before = await runOnce(subject, { ...base, decisions: first, watchesLeaks: true })
  const after = await runOnce(subject, { ...base, decisions: second, watchesLeaks: true })
  const at = before.lines.findIndex((line, n) => line !== after.lines[n])
  const differs = at >= 0 ? at : before.lines.length === after.lines.length ? -1 : before.lines.length
  if (differs < 0) return
  const [once, again] = [before.lines[differs], after.lines[differs]]
  const leaks = [
    ...new Set(
      [...before.leaks, ...after.leaks].map(({ place, what }) => (place === undefined ? what : `${what} at ${place}`))
    )
  ]
  throw new NotDeterministic(
    [
      `the same schedule ${schedule === "" ? "" : `${JSON.stringify(schedule)} `}gave two different runs`,
      `  step ${differs + 1}: ${once ?? "(the end)"}`,
      `   the second time: ${again ?? "(the end)"}`,
      ...(leaks.length === 0
        ? [
            "  No Date, Math.random or fetch was asked: look for real I/O, or for state that the first run has left (use `setup`)."
          ]
        : [`  What no schedule decides was asked:`, ...leaks.map((each) => `  - ${each}`)])
    ].join("\n")
  )
}

/** The fewest deviations that still break it: each is left out in turn, until none can be. */
const shrink = async (
  subject: Subject,
  base: Plan,
  reference: Reference | undefined,
  found: Result
): Promise<{ readonly result: Result; readonly runs: number }> => {
  const checks = new Set(found.findings.map(({ check }) => check))
  const isSame = (result: Result): boolean => result.findings.some(({ check }) => checks.has(check))
  let best = found
  let left = mostShrinks
  const attempt = async (deviations: Deviations): Promise<boolean> => {
    left--
    const result = await runOnce(subject, { ...base, reference, decisions: following(deviations) })
    if (!isSame(result)) return false
    best = result
    return true
  }
  // Halves first: a random schedule has many that do not matter.
  let size = Math.ceil(best.decisions.deviations.size / 2)
  while (size >= 1) {
    const all = [...best.decisions.deviations]
    let isSmaller = false
    for (let from = 0; from < all.length && !isSmaller; from += size) {
      if (left === 0) return { result: best, runs: mostShrinks }
      isSmaller = await attempt(new Map([...all.slice(0, from), ...all.slice(from + size)]))
    }
    if (!isSmaller) size = size === 1 ? 0 : Math.ceil(size / 2)
  }
  return { result: best, runs: mostShrinks - left }
}

const mostShrinks = 300

const failureOf = async (
  subject: Subject,
  settings: ExploreSettings & { readonly shrinks?: boolean },
  base: Plan,
  reference: Reference | undefined,
  found: Result,
  runs: number
): Promise<ProgramFailure> => {
  const { result: smallest, runs: shrinks } =
    settings.shrinks === false ? { result: found, runs: 0 } : await shrink(subject, base, reference, found)
  const { deviations } = smallest.decisions
  const replay = scheduleText(deviations)
  const { result, trace } = await recordPlan(subject, { ...base, reference, decisions: following(deviations) })
  const told = result.findings.length > 0 ? result : smallest
  const title =
    deviations.size === 0
      ? "the program does not hold, even where nothing is unusual"
      : `the program does not hold where ${list([...deviations.keys()].map((index) => textOf(told.decisions.taken[index])))}`
  return new ProgramFailure({
    title,
    details: [],
    findings: told.findings,
    trace,
    replay,
    runs,
    replayLine: `replay(program, ${JSON.stringify(replay)}${optionsText(settings)})`,
    notes: [`runs     ${runs}${shrinks === 0 ? "" : `, and ${shrinks} to make the schedule shorter`}`],
    picture:
      settings.picture === false ? false : writePicture(trace, title, `explore-${replay === "" ? "usual" : replay}`)
  })
}

const textOf = (decision: Decision | undefined): string =>
  decision === undefined ? "something is otherwise" : decision.text()

const list = (parts: ReadonlyArray<string>): string =>
  parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")}, and ${parts.at(-1)}`

/** What changes the meaning of a schedule has to be said with it. */
const optionsText = ({ order, sleeps }: ExploreSettings): string => {
  const said = [
    ...(sleeps === "work" ? [`sleeps: "work"`] : []),
    ...(order === "anyOrder" ? [`order: "anyOrder"`] : [])
  ]
  return said.length === 0 ? "" : `, { ${said.join(", ")}, ... }`
}
