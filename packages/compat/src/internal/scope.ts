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
import { hintOfCopies } from "./copies.ts"
import { quiet } from "./quiet.ts"

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

const outside = (): asyncio.RuntimeError => {
  const error = noLoop()
  const copies = hintOfCopies()
  return copies === undefined ? error : asyncio.withHint(error, copies)
}

const noLoop = (): asyncio.RuntimeError =>
  hasAsyncContext
    ? // When: a function of compat is called outside of `run`, or after the loop was closed.
      asyncio.withHint(
        new asyncio.RuntimeError("no running event loop"),
        "Call it inside `asyncio.run(async () => ...)`."
      )
    : // When: a host has no AsyncLocalStorage, and a function of compat is called after an `await`, or outside of `run`.
      asyncio.withHint(
        new asyncio.RuntimeError(
          "no running event loop: this host has no AsyncLocalStorage, so the task is not known after an await"
        ),
        "Use the task that the function is given: " +
          "`createTask(async (task) => { await fetch(url); await task.run(() => asyncio.sleep(1)) })`."
      )

/** The scope, or asyncio's error where there is no loop. */
export const requireScope = (): Scope => {
  const found = scope()
  if (found !== undefined && !found.loop.isClosed()) return found
  throw outside()
}

/** Where an await belongs. `operation` is what the error names where nothing can wait. */
export const requireLine = (operation: string): AwaitLine => {
  const { line, task } = requireScope()
  if (line !== undefined) return line
  if (task === undefined) {
    // When: something that waits is called in a callback of the loop, which belongs to no task.
    throw asyncio.withHint(
      new asyncio.RuntimeError(`${operation} needs a task: a callback cannot wait`),
      "Start a task in the callback: `createTask(async () => ...)`."
    )
  }
  // When: something that waits is called in an Effect, whose own awaits are core's.
  throw asyncio.withHint(
    new asyncio.RuntimeError(`${operation} was called from an Effect`),
    "Use the function of core, or run async code with `asyncio.toEffect(async () => ...)`."
  )
}

/** What waits in the current line; an error at the call is a rejection, as an async function's is. */
export const inLine = <A>(operation: string, wait: (line: AwaitLine) => Promise<A>): Promise<A> => {
  try {
    // Not awaited here: a promise around this one would be an unhandled rejection where nobody awaits it.
    return wait(requireLine(operation))
  } catch (error) {
    return Promise.reject(error)
  }
}

/** {@link inLine} for an async function. */
export const inLineAsync = <A>(operation: string, wait: (line: AwaitLine) => Promise<A>): Promise<A> =>
  inLine(operation, (line) => quiet(wait(line)))

/** Runs an Effect that does not suspend, in the current loop and task. Throws what it fails with. */
export const runNow = <A, E>(effect: Effect.Effect<A, E>): A => {
  return valueOf(Effect.runForkWith(contextOf(requireScope()))(effect).pollUnsafe()!)
}

/** {@link runNow} for what is in no loop. */
export const runAnywhere = <A, E>(effect: Effect.Effect<A, E>): A => valueOf(Effect.runSyncExit(effect))

/** The value of an exit; throws what it failed with. */
export const valueOf = <A>(exit: Exit.Exit<A, unknown>): A => {
  if (Exit.isSuccess(exit)) return exit.value
  throw Cause.squash(exit.cause)
}
