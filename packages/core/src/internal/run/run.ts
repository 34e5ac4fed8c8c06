/**
 * Runs: one main task after the other on a loop, and what has to be done when the last one is over.
 */
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { coroutineOf } from "../model/bodies.ts"
import type { Coroutine } from "../model/Coroutine.ts"
import { currentAmbientTask, withHint } from "../model/hints.ts"
import { RuntimeError } from "../model/errors.ts"
import { type Loop, RunningLoop } from "../model/references.ts"
import type { RunOptions, StopSignal } from "../model/RunOptions.ts"
import { createCoroutineTask } from "../make/coroutines.ts"
import type { EventLoopImpl } from "../make/eventLoop.ts"
import { makeEventLoop } from "../make/loops.ts"
import { newSilentRequest } from "../task/future.ts"
import { keepAlive } from "../host/host.ts"
import { describe } from "../model/repr.ts"
import { holdRun } from "./heldRuns.ts"
import { toMillis } from "../model/arguments.ts"
import { hooks } from "../loop/hooks.ts"
import { letInspect } from "./inspecting.ts"
import { Patience } from "./patience.ts"
import { Shutdown } from "./shutdown.ts"
import { onSignals, signalsOf } from "../loop/signals.ts"
import type { TaskImpl } from "../task/task.ts"
import { spawn } from "../make/tasks.ts"
import { workingLoop } from "../loop/iterations.ts"
import { checkLoop, checkRunOptions } from "../model/loopArguments.ts"

/** Makes the main task of a run. */
export type StartMain<A, E> = (
  loop: EventLoopImpl,
  context: Context.Context<never>,
  options: Pick<RunOptions, "labels" | "name">
) => TaskImpl<A, E>

/** An Effect as the main task. */
export const startEffect =
  <A, E>(main: Effect.Effect<A, E, Loop>): StartMain<A, E> =>
  (loop, context, { labels, name }) => {
    const coroutine = coroutineOf(main)
    if (!Effect.isEffect(coroutine)) {
      // When: `run` of core got no Effect, but an async function or its promise, say.
      throw withHint(
        new TypeError("An asyncio.Future, a coroutine or an awaitable is required"),
        `Give \`run\` an Effect instead of ${describe(main)}; compat's \`run\` takes async functions.`
      )
    }
    // The context of a loop has the loop.
    return spawn(loop, context, coroutine as Effect.Effect<A, E>, { name, labels })
  }

/** Another kind of coroutine as the main task. */
export const startCoroutine =
  <A, E>(coroutine: Coroutine<A, E>): StartMain<A, E> =>
  (loop, context, { labels, name }) =>
    createCoroutineTask(loop, coroutine, { name, labels, context })

export const run = <A, E>(main: Effect.Effect<A, E, Loop>, options: RunOptions = {}): Promise<A> =>
  runOnce(startEffect(main), options)

export const runCoroutine = <A, E>(coroutine: Coroutine<A, E>, options: RunOptions = {}): Promise<A> =>
  runOnce(startCoroutine(coroutine), options)

const runOnce = async <A, E>(start: StartMain<A, E>, options: RunOptions): Promise<A> => {
  checkOutside("asyncio.run()")
  checkRunOptions(options, "run()")
  const loop = loopFor(options)
  // From here on the loop is this run's own: to shut it down is to shut down what this run left.
  try {
    return await runMain(loop, start, options)
  } finally {
    await shutDown(loop)
  }
}

/** Whether the code that is running is a part of a loop that works: in a fiber, in promise code, or in a callback. */
export const insideLoop = (): boolean => {
  const fiber = Fiber.getCurrent()
  const ofTask = (currentAmbientTask() as TaskImpl | undefined)?.loop
  // A fiber from outside that a callback has resumed is no part of the loop.
  const loop = fiber === undefined ? (ofTask ?? workingLoop()) : (fiber.getRef(RunningLoop) ?? ofTask)
  // Code in no run may begin one.
  return loop?.isRunning() === true && !(loop as EventLoopImpl).ofClock
}

/** Refuses to run a loop inside of a running one. */
export const checkOutside = (operation: string, isInside = insideLoop()): void => {
  if (!isInside) return
  // When: `run` or `Runner.run` inside a task; in compat only `run` with a loop or a clock of its own.
  throw withHint(
    new RuntimeError(`${operation} cannot be called from a running event loop`),
    "Wait for the program itself (`yield*` the Effect, `await` the function), or make a task of it."
  )
}

/** The loop that a run's options ask for. */
export const loopFor = (options: RunOptions): EventLoopImpl => {
  const made = options.loopFactory === undefined ? makeEventLoop(options) : checkLoop(options.loopFactory())
  const loop = made as EventLoopImpl
  // Before anything is touched: it may be another's.
  loop.checkIdle()
  if (options.debug !== undefined) loop.debug = options.debug
  if (options.maxThreads !== undefined) loop.maxThreads = options.maxThreads
  return loop
}

/** Runs a main task to its end; what it leaves behind stays on the loop. */
export const runMain = async <A, E>(loop: EventLoopImpl, start: StartMain<A, E>, options: RunOptions): Promise<A> => {
  loop.checkIdle()
  if (options.inspect !== undefined && options.inspect !== false) {
    await letInspect(loop, options.inspect === true ? {} : options.inspect)
  }
  const signals = signalsOf(options)
  const task = start(loop, loop.provide(options.context), options)
  const release = holdRun(loop, task, options.onDeadlock === "fail" ? (error) => failAt(loop, error) : undefined)
  try {
    return await toTheEnd(loop, task, signals, graceOf(options))
  } finally {
    release()
  }
}

/** Ends a run whose main task never does. What is left is cancelled, and given up where it does not listen. */
const failAt = (loop: EventLoopImpl, error: Error): void => {
  patienceOf.set(loop, new Patience(loop, undefined))
  loop.stopUnsafe(error)
}

// The patience with what is left on a loop, where a signal has asked its program to end, or `failAt` has ended a run that never would.
const patienceOf = new WeakMap<EventLoopImpl, Patience>()

const graceOf = ({ grace }: RunOptions): number | undefined => (grace === undefined ? undefined : toMillis(grace))

const toTheEnd = async <A, E>(
  loop: EventLoopImpl,
  task: TaskImpl<A, E>,
  signals: ReadonlyArray<StopSignal>,
  grace: number | undefined
): Promise<A> => {
  let stopWatching: (() => void) | undefined
  const listening = onSignals(loop, signals, (kind, message) => {
    task.cancelWith(newSilentRequest(loop, kind, message))
    const patience = new Patience(loop, grace)
    patienceOf.set(loop, patience)
    stopWatching = patience.watch([task])
  })
  try {
    await loop.runUntilComplete(task)
  } catch (error) {
    if (patienceOf.get(loop)?.isStopped(error) === true) throw listening!.end()
    throw error
  } finally {
    stopWatching?.()
    listening?.stop()
  }
  const exit = task.exitUnsafe()!
  if (Exit.isSuccess(exit)) return exit.value
  if (listening?.isInterrupted() === true && task.cancelled() && task.uncancelUnsafe() === 0) throw listening.end()
  throw Cause.squash(exit.cause)
}

/** Cancels what is left, waits for it, and closes the loop. */
export const shutDown = async (loop: EventLoopImpl): Promise<void> => {
  const release = keepAlive()
  const left = loop.allTasksUnsafe()
  if (left.length > 0) for (const listener of hooks.leftovers) listener(loop, left)
  const shutdown = new Shutdown(loop)
  try {
    for (let round = shutdown.next(); round !== undefined; round = shutdown.next()) {
      const ended = loop.runUntilComplete(round)
      const patience = patienceOf.get(loop)
      await (patience === undefined ? ended : patience.end(ended, shutdown.tasks))
    }
  } finally {
    release()
    shutdown.end()
    loop.closeUnsafe()
  }
}
