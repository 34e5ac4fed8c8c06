/**
 * The task of a call: what runs in it, what ends it, and what the answer is.
 */
import * as asyncio from "@effect-asyncio/compat"
import type * as Duration from "effect/Duration"
import { currentCall, type ToolCall } from "./call.ts"
import { type CallHandler, type HandlerContext, isProtocolError, type ToolRequest, withSignal } from "./sdk.ts"
import { answerOf, stopOfAbort, stopOfError } from "./stops.ts"

export interface CallOptions {
  readonly handler: CallHandler
  readonly request: ToolRequest
  readonly context: HandlerContext
  readonly call: ToolCall
  readonly labels: asyncio.Labels | undefined
  /** The limits that hold for it, each of which may be the one that ends it. */
  readonly limits: ReadonlyArray<Duration.Input | undefined>
  /** Whether it outlives the request, and errors of the protocol end it as such. */
  readonly asTask: boolean
}

export const startCall = (options: CallOptions): asyncio.Task<unknown> => {
  const { call, limits, request } = options
  const { id, session } = call.facts
  return asyncio.createTask(
    () => {
      currentCall.set(call)
      return limits.reduce<() => Promise<unknown>>(
        (body, limit) => (limit === undefined ? body : () => asyncio.timeout(limit, body)),
        () => answer(options)
      )()
    },
    {
      name: request.params.name,
      labels: { ...options.labels, request: id, ...(session === undefined ? {} : { session }) },
      detached: options.asTask
    }
  )
}

const answer = async ({ asTask, call, context, handler, request }: CallOptions): Promise<unknown> => {
  // That of the innermost limit: it knows which of them has stopped the tool.
  const signal = asyncio.currentSignal()
  const result = await handler(request, withSignal(context, signal))
  if ((result as { readonly isError?: unknown } | undefined)?.isError !== true) return result
  // McpServer makes an ordinary answer of all that a tool throws, a cancellation too. A tool that was asked to stop and has a result
  // nevertheless has not been here.
  if (signal.aborted) throw signal.reason
  if (asTask && isProtocolError(call.thrown)) throw call.thrown
  return result
}

/** Cancels the task when the SDK aborts the request. Gives what ends that. */
export const tie = (task: asyncio.Task<unknown>, signal: AbortSignal): (() => void) => {
  const stop = () => {
    const { kind, reason } = stopOfAbort(signal.reason)
    task.cancel(reason, { kind: kind as asyncio.CancellationKind, cause: signal.reason })
  }
  if (signal.aborted) stop()
  signal.addEventListener("abort", stop)
  return () => signal.removeEventListener("abort", stop)
}

/**
 * Waits until the task is done. Not by `await`: the transport may call the server in a task of the client, where both are one program, and
 * a task that awaits another one passes on its own cancellation.
 */
export const settled = (task: asyncio.Task<unknown>): Promise<void> =>
  new Promise((resolve) => task.addDoneCallback(() => resolve()))

/** What a call that is done is answered with; throws what is an error of the protocol. */
export const answerOfDone = (task: asyncio.Task<unknown>): object => {
  const error = task.cancelled() ? cancellationOf(task) : task.exception()
  if (error === undefined || error === null) return task.result() as object
  const stop = stopOfError(error)
  if (stop !== undefined) return answerOf(task.getName(), stop)
  throw error
}

/** The error of a task that was cancelled. */
export const cancellationOf = (task: asyncio.Task<unknown>): unknown => {
  try {
    return task.result()
  } catch (error) {
    return error
  }
}
