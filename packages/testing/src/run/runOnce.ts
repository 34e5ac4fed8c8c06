/**
 * One run of a program under test, and what does not hold behind it.
 */
import type { EventLoopOptions } from "@effect-asyncio/core"
import * as Context from "effect/Context"
import * as Scheduler from "effect/Scheduler"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import {
  DeadlockError,
  makeVirtualTimeLoop,
  type Schedule,
  type VirtualTimeLoop,
  type VirtualTimeLoopOptions
} from "@effect-asyncio/core/testing"
import { type Decisions, undecided } from "../schedules/decisions.ts"
import { withHostTime } from "../stubs/hostTime.ts"
import type { Cut, Point } from "./points.ts"
import type { CheckName, Finding, Outcome, Subject } from "./subject.ts"
import { freePermits, itemsInWork } from "./sync.ts"
import { TooManySteps, Tracker } from "./tracker.ts"
import { inWorld, type Leak, World } from "./world.ts"

export interface Plan {
  readonly cuts?: ReadonlyArray<Cut> | undefined
  readonly decisions?: Decisions | undefined
  /** Given where all that is outside is simulated, though nothing is decided. */
  readonly outside?: Schedule | undefined
  readonly schedule?: ((decisions: Decisions) => Schedule) | undefined
  /** What the run without a cut has left: only what is worse is a finding. */
  readonly reference?: Reference | undefined
  /** After how many operations Effect's fibers give way, so that something comes between; each step and callback is a place then. */
  readonly budget?: number | undefined
  readonly places?: boolean | undefined
  readonly points?: boolean | undefined
  readonly watchesLeaks?: boolean | undefined
  readonly makeLoop?: ((options: VirtualTimeLoopOptions & lowlevel.IterationOptions) => VirtualTimeLoop) | undefined
  /** Hears of the stub whose I/O a task begins. */
  readonly beganIo?: ((name: string) => void) | undefined
  /** Called when a step of a task is over: time may pass there. */
  readonly afterStep?: ((loop: VirtualTimeLoop, decisions: Decisions) => void) | undefined
}

export interface Reference {
  readonly outcome: Outcome
  /** Of each queue that the program has made, how many of its items were taken and not dealt with. */
  readonly itemsInWork: ReadonlyArray<number>
}

export interface Result extends Reference {
  readonly findings: ReadonlyArray<Finding>
  readonly points: ReadonlyArray<Point>
  /** The places before steps and callbacks of the loop, where there is a `budget`. */
  readonly steps: ReadonlyArray<string>
  /** The cuts whose place was not come by. */
  readonly missed: ReadonlyArray<Cut>
  readonly decisions: Decisions
  readonly lines: ReadonlyArray<string>
  readonly leaks: ReadonlyArray<Leak>
}

export const runOnce = async (subject: Subject, plan: Plan = {}): Promise<Result> => {
  const { flavour, options } = subject
  const decisions = plan.decisions ?? undecided()
  const world = new World(decisions, options.hostTime !== false, plan.watchesLeaks === true)
  const tracker = new Tracker(world, {
    cuts: plan.cuts ?? [],
    asyncFunctions: flavour.asyncFunctions,
    places: plan.places === true,
    points: plan.points !== false,
    maxSteps: options.maxSteps ?? 100_000,
    budget: plan.budget
  })
  const loopFactory = (given: EventLoopOptions & lowlevel.IterationOptions): VirtualTimeLoop => {
    const { afterStep } = plan
    const onEvent: VirtualTimeLoopOptions["onEvent"] =
      afterStep === undefined
        ? tracker.onEvent
        : (event) => {
            tracker.onEvent(event)
            if (event.type === "stepEnded") afterStep(loop, decisions)
          }
    const loop = (plan.makeLoop ?? makeVirtualTimeLoop)({
      aroundIteration: given.aroundIteration,
      onEvent,
      schedule:
        plan.budget === undefined
          ? (plan.schedule?.(decisions) ?? plan.outside)
          : { ...plan.outside, beforeStep: tracker.beforeStep }
    })
    world.loop = loop
    tracker.watch(loop)
    loop.setExceptionHandlerUnsafe((_, context) => {
      const { exception, future, handle, message, task } = context
      const about = task ?? future ?? handle
      world.reports.push(
        [
          message,
          ...(about === undefined ? [] : [about]),
          ...(exception === undefined ? [] : [messageOf(exception)])
        ].join(": ")
      )
    })
    return loop
  }
  world.noteIo = (name) => {
    tracker.noteIo(name)
    plan.beganIo?.(name)
  }
  if (plan.places === true) Object.assign(world, { noteLine: tracker.noteLine, origin: tracker.origin })
  const unwatch = plan.places === true ? flavour.watchAwaits() : () => {}
  return withHostTime(options.hostTime !== false || plan.watchesLeaks === true, () =>
    inWorld(world, async () => {
      const state = flavour.setup(options.setup)
      const outcome = await flavour
        .run(subject.program, state, { loopFactory, handleSigint: false, context: contextOf(plan.budget) })
        .then((value): Outcome => ({ kind: "returned", value }), outcomeOf)
      const findings = [...builtIn(world, tracker, outcome, subject, plan)]
      if (options.check !== undefined && !findings.some(({ check }) => check === "hangs")) {
        await Promise.resolve()
          .then(() => flavour.check((options.check as (state: unknown, outcome: Outcome) => unknown)(state, outcome)))
          .catch((error: unknown) => findings.push({ check: "check", text: messageOf(error) }))
      }
      return {
        findings: findings.filter(({ check }) => options.ignore?.includes(check) !== true),
        outcome,
        points: tracker.points,
        steps: tracker.stepKeys,
        missed: tracker.left,
        itemsInWork: queuesOf(world).map(itemsInWork),
        decisions,
        lines: tracker.lines,
        leaks: world.leaks
      }
    })
  ).finally(unwatch)
}

const contextOf = (budget: number | undefined): Context.Context<never> | undefined =>
  budget === undefined ? undefined : Context.make(Scheduler.MaxOpsBeforeYield, budget)

const outcomeOf = (error: unknown): Outcome =>
  isCancellation(error) ? { kind: "cancelled", error } : { kind: "failed", error }

/** Whether it is a CancelledError, in core or compat, or an interrupt. */
const isCancellation = (error: unknown): boolean =>
  lowlevel.isCancelledError(error) ||
  (error as { readonly name?: unknown } | null | undefined)?.name === "CancelledError"

const queuesOf = (world: World) => world.made.flatMap((made) => (made.kind === "queue" ? [made.object] : []))

function* builtIn(
  world: World,
  tracker: Tracker,
  outcome: Outcome,
  { options }: Subject,
  { reference }: Plan
): Generator<Finding> {
  const error = outcome.kind === "failed" ? outcome.error : undefined
  if (error instanceof DeadlockError || error instanceof TooManySteps) {
    yield { check: "hangs", text: messageOf(error) }
    return
  }
  if (outcome.kind === "failed" && options.allowError?.(error) !== true && !isExpected(error, reference)) {
    yield { check: "errors", text: `the program fails: ${messageOf(error)}` }
  }
  for (const { text } of tracker.leftBehind) yield { check: "tasks", text: `a task is left: ${text}` }
  for (const name of tracker.swallowed) {
    yield { check: "swallowed", text: `${name} was cancelled and returned as if it were not, without uncancel()` }
  }
  for (const report of world.reports) yield { check: "reports", text: report }
  yield* syncFindings(world, reference)
  for (const oracle of world.oracles) {
    for (const text of oracle.verdict()) yield { check: oracle.check as CheckName, text }
  }
}

function* syncFindings(world: World, reference: Reference | undefined): Generator<Finding> {
  let queue = 0
  for (const { kind, object, permits } of world.made) {
    if (kind === "lock" && object.locked()) yield { check: "locks", text: `a lock is still held: ${String(object)}` }
    if (kind === "semaphore" && permits > 0) {
      const free = freePermits(object)
      const what = free < permits ? `${permits - free} not given back` : `${free - permits} given back too often`
      if (free !== permits) {
        yield {
          check: "permits",
          text: `a semaphore of ${permits} has ${free} permits at the end, ${what}: ${String(object)}`
        }
      }
    }
    if (kind === "queue") {
      const before = reference?.itemsInWork[queue++]
      const left = itemsInWork(object)
      if (before === 0 && left > 0) {
        yield {
          check: "queues",
          text: `${left} ${left === 1 ? "item was" : "items were"} taken without taskDone(), join() would wait for ever: ${String(object)}`
        }
      }
    }
  }
}

/** Whether a cancelled program may end with it. */
const isExpected = (error: unknown, reference: Reference | undefined): boolean => {
  if (isCancellation(error)) return true
  const { errors, name } = (error ?? {}) as { readonly name?: unknown; readonly errors?: unknown }
  if (name === "TimeoutError") return true
  if (Array.isArray(errors) && errors.length > 0 && (name === "ExceptionGroup" || name === "BaseExceptionGroup"))
    return errors.every((each) => isExpected(each, reference))
  if (reference?.outcome.kind !== "failed") return false
  return messageOf(reference.outcome.error) === messageOf(error)
}

/** An error in words, those of a group below each other. */
export const messageOf = (error: unknown): string =>
  lowlevel.safely(() => {
    if (!(error instanceof Error)) return String(error)
    const { errors } = error as { readonly errors?: unknown }
    const parts = Array.isArray(errors) ? errors.map((each) => `\n- ${messageOf(each)}`).join("") : ""
    return `${error.name}${error.message === "" ? "" : `: ${error.message}`}${parts}`
  }, "an error that cannot be read")
