import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { inCallbackOf, isOutside, runIn, type Current, current } from "./current.ts"

/** Makes a loop; it must pass `options` on. */
export type LoopFactory = (options: asyncio.EventLoopOptions & lowlevel.IterationOptions) => asyncio.EventLoop

/** Makes a loop whose iterations run in no task: none may see the task whose promise has brought it about. */
export const makeLoop = (factory: LoopFactory | undefined, options: asyncio.EventLoopOptions): asyncio.EventLoop => {
  if (factory !== undefined) lowlevel.checkFunction(factory, "run()", "{ loopFactory: makeVirtualTimeLoop }")
  let stores: lowlevel.AsyncContext
  const loop: asyncio.EventLoop = (factory ?? asyncio.newEventLoop)({
    ...options,
    // The context is entered once and remembered: to enter it costs more than an iteration.
    aroundIteration: (iteration) => {
      stores ??= runIn(inCallbackOf(loop), lowlevel.captureAsyncContext)
      lowlevel.runInAsyncContext(stores, iteration, undefined)
    }
  })
  return loop
}

/** The {@link Current} of the code that is running, if that is in a run. */
export const insideRun = (): Current | undefined => {
  const found = current()
  return found?.loop.isRunning() === true && !isOutside(found.loop) ? found : undefined
}

/** Refuses to run a loop inside of a running one. */
export const checkOutside = (operation: string): void => lowlevel.checkOutside(operation, insideRun() !== undefined)
