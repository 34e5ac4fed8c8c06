/**
 * The hooks `discard` and `onCancel`, which are called when a wait was given up. The program has no promise of them, so the exception
 * handler of the loop gets their failures.
 */
import type { PromiseScope } from "./promiseScope.ts"
import { runIn } from "./current.ts"

/** Calls `discard` with a value that came too late. Its awaits are of `scope`. */
export const discardIn = <A>(scope: PromiseScope, discard: (value: A) => unknown, value: A): void =>
  void calledIn(scope, "discard", () => discard(value))

/** Calls a hook, and waits for what it gives. Its failure is reported. */
export const calledIn = async (scope: PromiseScope, name: string, hook: () => unknown): Promise<void> => {
  try {
    await runIn(scope.current, hook)
  } catch (error) {
    const { loop, task } = scope
    loop.callExceptionHandlerUnsafe({
      // When: the function that was given as `discard` or `onCancel` throws, or the promise that it gives rejects.
      message: `the function ${name} has failed`,
      hint: "Catch what can go wrong in it: the await that it was for is over.",
      exception: error,
      task: String(task)
    })
  }
}
