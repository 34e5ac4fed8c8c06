/**
 * Telling the client how far a tool is.
 *
 * @since 0.1.0
 */
import { currentCall } from "./internal/call.ts"

/**
 * Tells the client how far the tool is that the current code belongs to.
 *
 * **Details**
 *
 * It goes out as `notifications/progress` where the client has asked for that with a `progressToken`; otherwise nothing happens, nor outside of
 * any call. `progress` and `total` have the tool's own unit. The protocol wants `progress` to increase: what does not is left out. A call
 * that was answered with a task shows `message` as the `statusMessage` of the task, and `3 of 10` where there is none.
 *
 * Does not wait and does not fail: a client that is gone cancels the call by itself.
 *
 * **asyncio**
 *
 * Beyond asyncio: a [task of asyncio](https://docs.python.org/3/library/asyncio-task.html#task-object) does not tell how far it is.
 *
 * **Example** (A tool that tells how far it is)
 *
 * ```ts import.meta.vitest
 * import { reportProgress } from "@effect-asyncio/mcp"
 *
 * const copy = async (files: ReadonlyArray<string>) => {
 *   for (const [done, file] of files.entries()) reportProgress(done, { total: files.length, message: file })
 *   return files.length
 * }
 *
 * await copy(["a.txt", "b.txt"]) // => 2
 * ```
 *
 * @category tools
 * @stability unstable
 * @since 0.1.0
 */
export const reportProgress = (progress: number, options?: ProgressOptions): void => {
  const call = currentCall.get()
  if (call === undefined || !(progress > call.progress)) return
  call.progress = progress
  const { message, total } = options ?? {}
  call.said(message ?? (total === undefined ? String(progress) : `${progress} of ${total}`))
  const { notify, progressToken } = call.facts
  if (progressToken === undefined) return
  const params = {
    progressToken,
    progress,
    ...(total === undefined ? {} : { total }),
    ...(message === undefined ? {} : { message })
  }
  // The request may be over, and the client gone.
  void Promise.resolve(notify({ method: "notifications/progress", params })).catch(() => {})
}

/**
 * Options of {@link reportProgress}.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface ProgressOptions {
  /** What `progress` is when all is done. */
  readonly total?: number | undefined
  /** What is being done, for people. */
  readonly message?: string | undefined
}
