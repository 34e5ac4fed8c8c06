import * as asyncio from "@effect-asyncio/core"
import { allowManyListeners } from "./asyncContext.ts"

// One for each task, however often the signal is asked for.
const signals = new WeakMap<asyncio.Task<unknown, unknown>, AbortSignal>()

/** The signal of a task that runs an Effect: aborts when the task ends cancelled. */
export const signalOfEffect = (core: asyncio.Task<unknown, unknown>): AbortSignal => {
  const known = signals.get(core)
  if (known !== undefined) return known
  const controller = new AbortController()
  signals.set(core, controller.signal)
  allowManyListeners(controller.signal)
  const follow = () => {
    // Not the error of the exit: to look at it counts as retrieving it.
    if (core.cancelled()) controller.abort(new asyncio.CancelledError())
  }
  if (core.done()) follow()
  else core.addDoneCallbackUnsafe(follow)
  return controller.signal
}
