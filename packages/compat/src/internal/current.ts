/**
 * The loop and task in which a piece of code runs. `AsyncLocalStorage` carries them over every await, into nested async
 * functions, host timers and callbacks; a running Effect fiber knows them by itself.
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { hasAsyncContext, makeStorage } from "./asyncContext.ts"
import type { PromiseScope } from "./promiseScope.ts"
import { startStackAt } from "./callSite.ts"
import { isInOtherCopy, placesOfCopies, tellInside } from "./copies.ts"
import { thrownIn } from "./thrown.ts"

/** Where a piece of code runs. */
export interface Current {
  readonly loop: asyncio.EventLoop
  /** Undefined in a callback of the loop. */
  readonly task: asyncio.Task<unknown, unknown> | undefined
  /** The scope that awaits belong to; undefined in a callback, and in an Effect, whose own awaits are core's. */
  readonly scope: PromiseScope | undefined
  /** The fiber on the stack when this was entered. Another fiber that runs now was begun inside, and its own context is nearer. */
  enteredIn: Fiber.Fiber<unknown, unknown> | undefined
  /** The Effect services of the task, or of the fiber in an Effect; undefined in a callback. */
  readonly context?: Context.Context<never> | undefined
}

const storage = makeStorage<Current>()

/** Runs `f` in `here`. `argument` is handed to `f`, so that the caller, for every task, needs no closure. */
export const runIn = <A, B = undefined>(here: Current, f: (argument: B) => A, argument?: B): A => {
  const outer = here.enteredIn
  here.enteredIn = Fiber.getCurrent()
  try {
    return storage.run(here, f, argument as B)
  } finally {
    here.enteredIn = outer
  }
}

/** Where a callback of `loop` runs. */
export const inCallbackOf = (loop: asyncio.EventLoop): Current => ({
  loop,
  task: undefined,
  scope: undefined,
  enteredIn: undefined
})

/** The {@link Current} of the code that is running, if it is in any loop. */
export const current = (): Current | undefined => {
  const entered = storage.getStore()
  const fiber = Fiber.getCurrent()
  if (fiber === undefined || fiber === entered?.enteredIn) return entered
  return currentOfFiber(fiber) ?? entered
}

/** Has a loop ask here for its current task, and call its callbacks in no task. */
export const attach = (loop: asyncio.EventLoop): void => {
  lowlevel.attachUnsafe(loop, surroundings)
  if (!hasAsyncContext) noteRun(loop)
}

const runAsCallback = (loop: asyncio.EventLoop, callback: () => void): void => runIn(inCallbackOf(loop), callback)

/** The task of the code that is running, for the loop to ask. */
const ambientTask = (loop: asyncio.EventLoop): asyncio.Task<unknown, unknown> | undefined => {
  const found = current()
  return found?.loop === loop ? found.task : undefined
}

const surroundings = { ambientTask, aroundCallback: runAsCallback }

const currentOfFiber = (fiber: Fiber.Fiber<unknown, unknown>): Current | undefined => {
  const loop = fiber.getRef(asyncio.RunningLoop)
  if (loop === undefined) return undefined
  return { loop, task: fiber.getRef(asyncio.CurrentTask), scope: undefined, enteredIn: fiber, context: fiber.context }
}

/** The Effect services that the code sees, and that tasks made by it get. */
export const contextOf = ({ context, loop }: Current): Context.Context<never> => context ?? loop.context

// Errors that core makes name the task in promise code as well, where core sees no fiber.
lowlevel.setAmbientTask(() => current()?.task)

/** {@link current}, if its loop still works: code that goes on after the end of its run is in none. */
export const liveCurrent = (): Current | undefined => {
  const found = current()
  return found?.loop.isClosed() === true ? undefined : found
}

/** {@link liveCurrent}; code in no run is in a callback of the loop that all such code shares. */
export const requireCurrent = (): Current => liveCurrent() ?? outsideOfRuns()

tellInside(() => liveCurrent() !== undefined)

let outside: Current | undefined

const makeOutside = (): Current => {
  // Core's loop for fibers in no run: it works whenever there is something to do, and is never closed.
  const loop = valueOf(Effect.runFork(asyncio.getRunningLoop).pollUnsafe()!)
  outside = inCallbackOf(loop)
  attach(loop)
  return outside
}

/** The {@link Current} of code in no run. */
export const outsideOfRuns = (): Current => {
  if (!hasAsyncContext) checkNoRunUnderWay()
  if (isInOtherCopy()) {
    // When: two copies of the package are loaded, and a function of one is called in a run of the other.
    throw lowlevel.withHint(
      new asyncio.RuntimeError("no running event loop"),
      `Two copies of @effect-asyncio/compat are loaded, and this is the other one's run. Have one: \`npm dedupe\`. They are ${placesOfCopies()}.`
    )
  }
  return outside ?? makeOutside()
}

/** Whether `loop` is the one that code in no run shares. */
export const isOutside = (loop: asyncio.EventLoop): boolean => loop === (outside ?? makeOutside()).loop

// The loops of runs of promise code, in a host without AsyncLocalStorage, which does not tell which code is in which run.
const runsUnderWay = new Set<asyncio.EventLoop>()

const noteRun = (loop: asyncio.EventLoop): void => {
  for (const known of runsUnderWay) if (known.isClosed()) runsUnderWay.delete(known)
  if (!isOutside(loop)) runsUnderWay.add(loop)
}

const checkNoRunUnderWay = (): void => {
  if (!Array.from(runsUnderWay).some((loop) => !loop.isClosed())) return
  // When: a host has no AsyncLocalStorage, and a function of compat is called after an `await`, or in a handler, while a run is under way.
  throw lowlevel.withHint(
    new asyncio.RuntimeError(
      "no running event loop: this host has no AsyncLocalStorage, so the task is not known after an await"
    ),
    "Use the task that the function is given: " +
      "`createTask(async (task) => { await fetch(url); await task.run(() => asyncio.sleep(1)) })`. " +
      "Give handlers away by `bind(handler)`."
  )
}

/** Runs an Effect that does not suspend, in the current loop and task. Throws what it fails with. */
export const runNow = <A, E>(effect: Effect.Effect<A, E>, here: Current = requireCurrent()): A =>
  valueOf(lowlevel.runAtOnceUnsafe(here.loop, contextOf(here), effect))

/** {@link runNow} for an Effect that needs no loop. */
export const runAnywhere = <A, E>(effect: Effect.Effect<A, E>): A => valueOf(Effect.runSyncExit(effect))

/** {@link runAnywhere} in our function `entry`, which the program called: the stack of a failure begins at the call of `entry`. */
export const runFrom = <A, E>(entry: unknown, effect: Effect.Effect<A, E>): A => {
  const exit = Effect.runSyncExit(effect)
  if (Exit.isSuccess(exit)) return exit.value
  const error: unknown = Cause.squash(exit.cause)
  // A defect may be an error of the program, whose own stack is the better one.
  if (!Cause.hasDies(exit.cause)) startStackAt(error, entry)
  throw error
}

/** The value of an exit; throws what it failed with. */
export const valueOf = <A>(exit: Exit.Exit<A, unknown>): A => {
  if (Exit.isSuccess(exit)) return exit.value
  throw thrownIn(exit.cause)
}
