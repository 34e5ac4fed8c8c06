/**
 * Parts of an async function that no cancellation enters.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import * as Exit from "effect/Exit"
import { inScope, lacksBody } from "./internal/scopes.ts"

/**
 * Runs `body` as a part of the task that no cancellation enters: what is asked for meanwhile is delivered behind it.
 *
 * **When to use**
 *
 * For a few steps that belong together: a commit, a message and its receipt, a cleanup that waits. With `limit` a stop takes no longer
 * than that. {@link shield} protects other work, a task, from the cancellation of the tasks that wait for it, and lets those go.
 *
 * **Details**
 *
 * Held back is what is asked of the task, and what timeouts and groups around the body ask; the body's `currentSignal()` does not abort.
 * What is inside is cancelled as ever, by timeouts and groups inside. The request is due at the next await behind the body, so its
 * result is not lost. A `timeout` around a body that has a result in the end gives that, however late; to limit the body itself put a
 * `timeout` or a `moveOn` inside. A second `shielded` inside holds back what comes in when the limit of the first is over.
 *
 * What hangs on a plain promise inside is waited for, unless a signal has ended the program: see `grace` of {@link run}.
 *
 * **Cancellation**
 *
 * `shielded` waits for the end of the body, or until the `limit` is over. The limit is a duration, or a number of milliseconds, and
 * begins with the first request that `shielded` holds back. When it is over, the last request that was held back enters the body.
 *
 * **asyncio**
 *
 * Python has [`asyncio.shield`](https://docs.python.org/3/library/asyncio-task.html#asyncio.shield) in a loop. This is
 * [`CancelScope(shield=True)`](https://anyio.readthedocs.io/en/stable/cancellation.html#shielding) of AnyIO and Trio, and
 * `withContext(NonCancellable)` of Kotlin.
 *
 * **Example** (Both or none)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const lines: Array<string> = []
 * const step = async (line: string) => void lines.push(await asyncio.sleep(1, line))
 *
 * const transfer = () =>
 *   asyncio.shielded(async () => {
 *     await step("taken here")
 *     await step("given there")
 *   }, { limit: "5 seconds" })
 *
 * await asyncio.run(async () => {
 *   const task = asyncio.createTask(async () => {
 *     await transfer()
 *     await step("never")
 *   })
 *   await asyncio.sleep(0)
 *   task.cancel()
 *   await asyncio.wait([task])
 *   return task.cancelled()
 * }) // => true
 * lines // => ["taken here", "given there"]
 * ```
 *
 * @category cancellation
 * @stability unstable
 * @since 0.1.0
 */
export const shielded = <A>(body: () => PromiseLike<A> | A, options?: asyncio.ShieldedOptions): Promise<A> => {
  if (lacksBody(body)) {
    // When: `shielded` has no body, as in `await using part = shielded()`.
    throw lowlevel.unexpectedValue(
      "a function was expected by shielded()",
      body,
      "Write `await shielded(async () => ...)`: what is shielded is a function, and no block."
    )
  }
  return inScope("shielded()", (scope) => {
    lowlevel.checkFunction(body, "shielded()", "shielded(async () => ...)")
    lowlevel.checkOptions(options, "shielded()", '{ limit: "5 seconds" }')
    const limit = options?.limit === undefined ? undefined : lowlevel.toMillis(options.limit)
    return scope.openScope<A>(
      (inner, end) =>
        inner.endOf(body, (exit, unseen) => {
          end(unseen === undefined ? exit : Exit.fail(unseen))
          scope.shieldIsOver()
        }),
      undefined,
      (core, driver) => lowlevel.openShieldUnsafe(core, driver, limit)
    )
  })
}
