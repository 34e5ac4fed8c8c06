/**
 * A test that is a program: it runs once, on virtual time, and what it leaves is looked at.
 */
import { ProgramFailure, writePicture } from "./failure.ts"
import { type Result, runOnce } from "./run/runOnce.ts"
import type { Subject, SubjectOptions } from "./run/subject.ts"
import { recordRun } from "./timeline/record.ts"

export const runTaskTest = async (subject: Subject, name: string): Promise<void> => {
  let result: Result | undefined
  const trace = await recordRun(
    async ({ beganIo, makeLoop }) => {
      result = await runOnce(subject, { beganIo, makeLoop, points: false })
      if (result.outcome.kind !== "returned") throw result.outcome.error
    },
    { asyncFunctions: subject.flavour.asyncFunctions, maxSteps: Infinity, maxLines: Infinity, patience: 2 ** 31 - 1 }
  )
  const { findings, outcome } = result!
  // What the test itself has thrown says the most, where it is no hang.
  if (outcome.kind !== "returned" && !findings.some(({ check }) => check === "hangs")) {
    throw withLeftovers(outcome.error, findings)
  }
  if (findings.length === 0) return
  const title =
    findings.length === 1 ? titles[findings[0]!.check] : `${findings.length} things do not hold behind the test`
  const picture = writePicture(trace, name, `test-${name}`)
  throw new ProgramFailure({
    title,
    details: [],
    findings,
    trace,
    replay: "",
    runs: 1,
    replayLine: "",
    notes: [],
    picture
  })
}

const titles: Record<Result["findings"][number]["check"], string> = {
  locks: "the test leaves a lock locked",
  permits: "the test does not leave a semaphore as it was",
  queues: "the test leaves items of a queue undone",
  tasks: "the test leaves a task",
  reports: "something was reported that nobody has looked at",
  swallowed: "a cancellation was swallowed",
  ledgers: "something was not given back, or twice",
  hangs: "the test hangs",
  errors: "the test fails",
  check: "the test's check fails"
}

/** A test that fails often leaves tasks because of that, or fails because of them. */
const withLeftovers = (error: unknown, findings: Result["findings"]): unknown => {
  const left = findings.filter(({ check }) => check === "tasks" || check === "reports")
  if (!(error instanceof Error) || left.length === 0) return error
  try {
    error.message += `\n\n${left.map(({ text }) => text).join("\n")}`
  } catch {
    // An error that cannot be changed says what it says.
  }
  return error
}

/**
 * Options of `task` and `it.task`.
 *
 * @category models
 * @since 0.1.0
 */
export type TaskTestOptions = Pick<SubjectOptions, "ignore" | "hostTime" | "maxSteps">
