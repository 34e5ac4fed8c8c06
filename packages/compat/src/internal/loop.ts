import * as asyncio from "@effect-asyncio/core"
import { callbackScope, runInScope, scope } from "./scope.ts"

/** Makes a loop; it must pass `options` on. */
export type LoopFactory = (options: asyncio.EventLoopOptions) => asyncio.EventLoop

/** A loop whose turns are in no task: none may see the task whose promise brought it about. */
export const makeLoop = (factory: LoopFactory | undefined, options: asyncio.EventLoopOptions): asyncio.EventLoop => {
  if (factory !== undefined) asyncio.checkFunction(factory, "run()", "{ loopFactory: makeVirtualTimeLoop }")
  let turns: asyncio.AsyncContext
  const loop: asyncio.EventLoop = (factory ?? asyncio.newEventLoop)({
    ...options,
    // Entered once and remembered: to enter it costs more than a turn.
    aroundTurn: (turn) => {
      turns ??= runInScope(callbackScope(loop), asyncio.captureAsyncContext)
      asyncio.runInAsyncContext(turns, turn, undefined)
    }
  })
  return loop
}

/** Refuses to run a loop inside of a running one. */
export const checkOutside = (operation: string): void => {
  if (scope()?.loop.isRunning() !== true) return
  // When: `run` or `Runner.run` inside a task.
  throw asyncio.withHint(
    new asyncio.RuntimeError(`${operation} cannot be called from a running event loop`),
    "Await the function itself, or make a task of it."
  )
}
