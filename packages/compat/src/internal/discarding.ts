/**
 * Functions of the program that are called when something is given up. Nobody waits for what they give, or would see how they fail.
 */
import type { AwaitLine } from "./awaitLine.ts"
import { runInScope } from "./scope.ts"

/** Calls `discard` with a value that came too late. Its awaits are of `line`. */
export const discardIn = <A>(line: AwaitLine, discard: (value: A) => unknown, value: A): void =>
  void calledIn(line, "discard", () => discard(value))

/** Calls a hook, and waits for what it gives. How it fails is reported. */
export const calledIn = async (line: AwaitLine, name: string, hook: () => unknown): Promise<void> => {
  try {
    await runInScope(line.current, hook)
  } catch (error) {
    const { loop, task } = line
    loop.callExceptionHandlerUnsafe({
      // When: the function that was given as `discard` or `onCancel` throws, or the promise that it gives rejects.
      message: `the function ${name} has failed`,
      hint: "Catch what can go wrong in it: the await that it was for is over.",
      exception: error,
      task: String(task)
    })
  }
}
