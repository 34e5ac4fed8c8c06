/**
 * In which loop and task a piece of code runs. `AsyncLocalStorage` carries it over every await, into nested async
 * functions, host timers and callbacks; a running Effect fiber knows it by itself.
 */
import * as asyncio from "@effect-asyncio/core"
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { hasAsyncContext, makeStorage } from "./asyncContext.ts"
import type { AwaitLine } from "./awaitLine.ts"
import { isInOtherCopy, placesOfCopies, tellInside } from "./copies.ts"

/** The ambient state of a piece of code. */
export interface Scope {
  readonly loop: asyncio.EventLoop
  /** Undefined in a callback of the loop. */
  readonly task: asyncio.Task<unknown, unknown> | undefined
  /** Where awaits belong; undefined in a callback, and in an Effect, whose own awaits are core's. */
  readonly line: AwaitLine | undefined
  /** The fiber on the stack when it was entered: one that is running now, and is another, is further in. */
  enteredIn: Fiber.Fiber<unknown, unknown> | undefined
  /** The Effect services of the task, or of the fiber in an Effect; undefined in a callback. */
  readonly context?: Context.Context<never> | undefined
}

const storage = makeStorage<Scope>()

export const runInScope = <A>(scope: Scope, f: () => A): A => {
  const outer = scope.enteredIn
  scope.enteredIn = Fiber.getCurrent()
  try {
    return storage.run(scope, f)
  } finally {
    scope.enteredIn = outer
  }
}

/** The scope of a callback of `loop`. */
export const callbackScope = (loop: asyncio.EventLoop): Scope => ({
  loop,
  task: undefined,
  line: undefined,
  enteredIn: undefined
})

/** The scope of the code that is running, if it is in any. */
export const scope = (): Scope | undefined => {
  const entered = storage.getStore()
  const fiber = Fiber.getCurrent()
  if (fiber === undefined || fiber === entered?.enteredIn) return entered
  return scopeOfFiber(fiber) ?? entered
}

/** Has a loop know where the code of compat runs. */
export const attach = (loop: asyncio.EventLoop): void => {
  loop.ambientTask = ambientTask
  loop.aroundCallback = runAsCallback
  if (!hasAsyncContext) noteRun(loop)
}

const runAsCallback = (loop: asyncio.EventLoop, callback: () => void): void => runInScope(callbackScope(loop), callback)

/** The task of the code that is running, for the loop to ask. */
const ambientTask = (loop: asyncio.EventLoop): asyncio.Task<unknown, unknown> | undefined => {
  const found = scope()
  return found?.loop === loop ? found.task : undefined
}

const scopeOfFiber = (fiber: Fiber.Fiber<unknown, unknown>): Scope | undefined => {
  const loop = fiber.getRef(asyncio.RunningLoop)
  if (loop === undefined) return undefined
  return { loop, task: fiber.getRef(asyncio.CurrentTask), line: undefined, enteredIn: fiber, context: fiber.context }
}

/** The Effect services that the code sees, and that tasks made by it get. */
export const contextOf = ({ context, loop }: Scope): Context.Context<never> => context ?? loop.context

// What is wrong in promise code is found by core as well, which sees no fiber there.
asyncio.setAmbientTask(() => scope()?.task)

/** The scope of the code that is running, if the loop still works: what goes on behind the end of its run is in none. */
export const liveScope = (): Scope | undefined => {
  const found = scope()
  return found?.loop.isClosed() === true ? undefined : found
}

/** The scope of the code that is running; what is in no run is in a callback of the loop of all that is in none. */
export const requireScope = (): Scope => liveScope() ?? outsideScope()

tellInside(() => liveScope() !== undefined)

let outside: Scope | undefined

const makeOutside = (): Scope => {
  // Core's loop for fibers that are in none: it works whenever there is something to do, and is never closed.
  const loop = valueOf(Effect.runFork(asyncio.getRunningLoop).pollUnsafe()!)
  outside = callbackScope(loop)
  attach(loop)
  return outside
}

/** The scope of what is in no run. */
export const outsideScope = (): Scope => {
  if (!hasAsyncContext) checkNoRunUnderWay()
  if (isInOtherCopy()) {
    // When: two copies of the package are loaded, and a function of one is called in a run of the other.
    throw asyncio.withHint(
      new asyncio.RuntimeError("no running event loop"),
      `Two copies of @effect-asyncio/compat are loaded, and this is the other one's run. Have one: \`npm dedupe\`. They are ${placesOfCopies()}.`
    )
  }
  return outside ?? makeOutside()
}

/** Whether `loop` is the one of what is in no run. */
export const isOutside = (loop: asyncio.EventLoop): boolean => loop === (outside ?? makeOutside()).loop

// The loops of runs that promise code is in, in a host that does not tell which code that is.
const runsUnderWay = new Set<asyncio.EventLoop>()

const noteRun = (loop: asyncio.EventLoop): void => {
  for (const known of runsUnderWay) if (known.isClosed()) runsUnderWay.delete(known)
  if (!isOutside(loop)) runsUnderWay.add(loop)
}

const checkNoRunUnderWay = (): void => {
  if (!Array.from(runsUnderWay).some((loop) => !loop.isClosed())) return
  // When: a host has no AsyncLocalStorage, and a function of compat is called after an `await`, or in a handler, while a run is under way.
  throw asyncio.withHint(
    new asyncio.RuntimeError(
      "no running event loop: this host has no AsyncLocalStorage, so the task is not known after an await"
    ),
    "Use the task that the function is given: " +
      "`createTask(async (task) => { await fetch(url); await task.run(() => asyncio.sleep(1)) })`. " +
      "Give handlers away by `bind(handler)`."
  )
}

/** Runs an Effect that does not suspend, in the current loop and task. Throws what it fails with. */
export const runNow = <A, E>(effect: Effect.Effect<A, E>, here: Scope = requireScope()): A =>
  valueOf(Effect.runForkWith(contextOf(here))(effect).pollUnsafe()!)

/** {@link runNow} for what is in no loop. */
export const runAnywhere = <A, E>(effect: Effect.Effect<A, E>): A => valueOf(Effect.runSyncExit(effect))

/** The value of an exit; throws what it failed with. */
export const valueOf = <A>(exit: Exit.Exit<A, unknown>): A => {
  if (Exit.isSuccess(exit)) return exit.value
  throw Cause.squash(exit.cause)
}
