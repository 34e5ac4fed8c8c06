/**
 * The runs of an event loop.
 *
 *               runUntilComplete              the future is done
 *     stopped ───────────────────▶ running ───────────────────▶ stopped ──closeUnsafe──▶ closed
 *
 * The loop of a Clock or a scope is born running and stays so, a scope's until `retireUnsafe`.
 */
import { RuntimeError } from "../model/errors.ts"
import { unexpectedValue, withHint } from "../model/hints.ts"
import { type Future, isFuture } from "../model/Future.ts"
import { ofOtherLoop } from "../model/arguments.ts"
import { checkCopy } from "../model/copy.ts"
import type { Iterations } from "./iterations.ts"

export const closedError = (): RuntimeError =>
  // When: something was scheduled on a loop whose run is over, or waited for there when the loop was closed.
  withHint(new RuntimeError("Event loop is closed"), "Keep what belongs to a run inside of it; await it there.")

/** What a loop runs for: a future whose callbacks have names. */
interface Main extends Future<unknown, unknown> {
  addCallback(callback: () => void, name: string): void
}

export class Runs {
  readonly #loop: Iterations
  // Ends the run under way. Undefined when there is none, even if the loop works.
  #end: (() => void) | undefined = undefined
  // What the run under way rejects with if it is stopped before its future is done.
  #stopError: Error | undefined = undefined
  /** What the last run was for. */
  last: Future<unknown, unknown> | undefined = undefined

  constructor(loop: Iterations) {
    this.#loop = loop
  }

  /** Checks that the loop can be run: it is open, and no run is under way. */
  checkIdle(): void {
    this.#loop.checkOpen()
    if (!this.#loop.isRunning()) return
    // When: a loop, or a Runner, is run while it is running.
    throw withHint(new RuntimeError("This event loop is already running"), "Await the first run.")
  }

  untilComplete(future: Future<unknown, unknown>): Promise<void> {
    const loop = this.#loop
    this.checkIdle()
    if (!isFuture(future)) {
      // When: `runUntilComplete` got no future.
      throw unexpectedValue("a future was expected", future, "Use `run` for an Effect, or make a task first.")
    }
    checkCopy(future.loop)
    if ((future.loop as unknown) !== loop) throw ofOtherLoop()
    this.last = future
    const awaited = future as Main
    const ended = new Promise<void>((resolve) => {
      // A run that was stopped before its future was done must not stop the next one when it is.
      const onDone = () => {
        if (this.#end === end) loop.stopAfterIteration()
      }
      const end = () => {
        awaited.removeDoneCallbackUnsafe(onDone)
        resolve()
      }
      // Asked to stop before it began: then it runs one iteration, as CPython's does.
      if (loop.stopping) loop.enqueue({ run: () => loop.stopAfterIteration() })
      this.#end = end
      awaited.addCallback(onDone, "_run_until_complete_cb")
      loop.beginWork()
    })
    return ended.then(() => {
      const error = this.#stopError
      this.#stopError = undefined
      // When: `stop` was called while main was not done.
      if (!future.done()) {
        throw (
          error ??
          withHint(new RuntimeError("Event loop stopped before Future completed."), "Cancel the main task instead.")
        )
      }
    })
  }

  /** Stops the run under way, which rejects, with `error` if there is one, unless what it waits for is done. */
  stop(error?: Error): void {
    if (this.#loop.isRunning() && this.#end === undefined) {
      // When: `stopUnsafe` on the loop of a clock or of a `layer`.
      throw withHint(
        new RuntimeError("Cannot stop a loop that nobody runs: it ends with its clock or its scope"),
        "Close the scope of the layer, or cancel the tasks."
      )
    }
    this.#stopError = error
    this.#loop.stopAfterIteration()
  }

  /** The loop has stopped, as it was asked to. */
  stopped(): void {
    const end = this.#end
    this.#end = undefined
    end?.()
  }

  /** Checks that the loop can be closed. */
  checkOver(): void {
    if (!this.#loop.isRunning()) return
    // When: `close` while a run is under way.
    throw withHint(new RuntimeError("Cannot close a running event loop"), "Await the run first.")
  }

  /** Ends the loop of a scope, which has no runs, after this iteration: it calls `close`. */
  retire(close: () => void): void {
    this.#end = close
    this.stop()
  }
}
