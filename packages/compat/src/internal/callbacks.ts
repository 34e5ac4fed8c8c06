import { captureAsyncContext } from "./asyncContext.ts"
import { nameOf } from "./reading.ts"
import { callbackScope, runInScope, scope } from "./scope.ts"

/**
 * What the loop is given for a callback of the program: it has the callback's name, for reprs, sees the AsyncLocalStorage
 * stores of whoever registered it, and is in no task.
 */
export const callbackOf = <Args extends ReadonlyArray<unknown>>(
  callback: (...args: never) => void,
  run: (...args: Args) => void
): ((...args: Args) => void) => {
  const registered = captureAsyncContext()
  const inside = (...args: Args): void => {
    const now = scope()
    if (now === undefined) return run(...args)
    registered.runInAsyncScope(() => runInScope(callbackScope(now.loop), () => run(...args)))
  }
  return Object.defineProperty(inside, "name", { value: nameOf(callback) })
}
