/**
 * What is wrong with a program that waits for itself.
 */
import type { Task } from "./Task.ts"
import { hideOwnFrames } from "../host/stack.ts"
import { abridged, plain } from "../data/text.ts"

/**
 * Every task waits and nothing will ever wake one of them: the program would hang.
 *
 * **Details**
 *
 * A loop on virtual time ends with it. So does a run with the option `onDeadlock: "fail"`, on Node.js. The message names each task and
 * what it waits for, and the rings of tasks that wait for each other.
 *
 * **Example** (A future that no code sets)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { DeadlockError, makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const loop = yield* asyncio.getRunningLoop
 *   return yield* yield* loop.createFuture<string>()
 * })
 *
 * const error = await asyncio.run(main, { loopFactory: makeVirtualTimeLoop }).catch((error: unknown) => error)
 * error instanceof DeadlockError && error.tasks.map((task) => task.getName()) // => ["Task-1"]
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class DeadlockError extends Error {
  override readonly name: string = "DeadlockError"
  /** The tasks that wait. */
  declare readonly tasks: ReadonlyArray<Task<unknown, unknown>>
  readonly hint: string =
    "Look for the one that should have woken them; without this error the program would wait for ever."

  constructor(tasks: ReadonlyArray<Task<unknown, unknown>>, text?: string) {
    // When: on virtual time, every task waits, and nothing will ever wake one of them.
    super(text ?? listed("every task waits and no timer is set:", tasks))
    hideOwnFrames(this)
    // Where Node.js prints an uncaught error, it prints what is in it without asking how that prints.
    Object.defineProperty(this, "tasks", { configurable: true, writable: true, value: tasks })
  }
}

// So many tasks say enough of a program that hangs.
export const mostNamed = 100

export const describeWait = (task: Task<unknown, unknown>): string => {
  const { coroutine, name, waitingFor } = task.snapshot()
  return `${plain(name)} (${coroutine}) waits for ${waitingFor ?? "something outside of the loop"}`
}

const listed = (title: string, tasks: ReadonlyArray<Task<unknown, unknown>>): string =>
  [title, ...abridged(tasks, mostNamed, describeWait).map((line) => `  ${line}`)].join("\n")
