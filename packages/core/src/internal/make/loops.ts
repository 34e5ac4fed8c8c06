/**
 * Making loops, which attaches them to a clock and the host, and finding them.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Scheduler from "effect/Scheduler"
import type { AnyFiber } from "../model/AnyFiber.ts"
import type { EventLoopOptions, IterationOptions } from "../model/EventLoop.ts"
import { RunningLoop } from "../model/references.ts"
import { checkLoopOptions } from "../model/loopArguments.ts"
import { outermostAsyncContext, runInAsyncContext } from "../host/asyncContext.ts"
import { type Attachment, EventLoopImpl } from "./eventLoop.ts"
import { knownLoops, noteLoop } from "../loop/knownLoops.ts"
import { checkCopy, isOfOtherCopy } from "../model/copy.ts"
import { knownLoopOf } from "../task/current.ts"
import { ClockTime, HostTime, nextHostMacrotask } from "../host/host.ts"

// As fibers see it: `defaultValue()` would make another one.
const hostClock: Clock.Clock = Context.get(Context.empty(), Clock.Clock)

const attachTo = (
  clock: Clock.Clock,
  context: Context.Context<never>
): Pick<Attachment, "time" | "clock" | "nextMacrotask" | "outside"> => {
  const outside = Context.get(context, Scheduler.Scheduler)
  if (clock === hostClock) return { clock, outside, time: new HostTime(), nextMacrotask: nextHostMacrotask }
  const dispatcher = outside.makeDispatcher()
  return {
    clock,
    outside,
    time: new ClockTime(clock, outside),
    nextMacrotask: (f) => dispatcher.scheduleTask(f, 0)
  }
}

/** A loop for `run`: works only while a run is under way. */
export const makeEventLoop = (options: EventLoopOptions & IterationOptions = {}): EventLoopImpl => {
  checkLoopOptions(options, "newEventLoop()")
  const services = options.context ?? Context.empty()
  const clock = options.clock ?? Context.get(services, Clock.Clock)
  const loop = new EventLoopImpl({
    ...attachTo(clock, services),
    context: options.clock === undefined ? services : Context.add(services, Clock.Clock, clock),
    debug: options.debug ?? false,
    maxThreads: options.maxThreads,
    perpetual: false,
    aroundIteration: options.aroundIteration
  })
  return noteLoop(loop)
}

/** A loop that works whenever there is something to do, on the clock of `fiber`, and on its scheduler unless that clock is the host's. */
export const makePerpetualLoop = (
  fiber: AnyFiber,
  options: Pick<EventLoopOptions, "context" | "debug" | "maxThreads"> = {}
): EventLoopImpl => {
  const clock = fiber.getRef(Clock.Clock)
  const loop = new EventLoopImpl({
    ...attachTo(clock, fiber.context),
    context: Context.add(options.context ?? Context.empty(), Clock.Clock, clock),
    debug: options.debug ?? false,
    maxThreads: options.maxThreads,
    perpetual: true,
    aroundIteration: undefined
  })
  return noteLoop(loop)
}

// Fibers that are in no loop share the loop of their clock: all of a program's where the clock is the host's, and a
// test's own where the test provides TestClock.
const loopsOfClocks = new WeakMap<Clock.Clock, EventLoopImpl>()

/** The loops of this thread that this copy of the package has made. */
export const loopsOfThisCopy = (): ReadonlyArray<EventLoopImpl> =>
  knownLoops().filter((loop) => !isOfOtherCopy(loop)) as ReadonlyArray<EventLoopImpl>

/** The loop that a fiber's tasks belong to. */
export const loopOf = (fiber: AnyFiber): EventLoopImpl =>
  (knownLoopOf(fiber) as EventLoopImpl | undefined) ?? loopInContext(fiber)

const loopInContext = (fiber: AnyFiber): EventLoopImpl => {
  const running = fiber.getRef(RunningLoop)
  if (running !== undefined) {
    checkCopy(running)
    return running as EventLoopImpl
  }
  const clock = fiber.getRef(Clock.Clock)
  let loop = loopsOfClocks.get(clock)
  if (loop === undefined) {
    loop = runInAsyncContext(outermostAsyncContext, (first) => makePerpetualLoop(first), fiber)
    loop.ofClock = true
    loopsOfClocks.set(clock, loop)
  }
  return loop
}
