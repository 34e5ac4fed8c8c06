import type * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"

const V8Error = Error as { readonly captureStackTrace?: (target: object, above: unknown) => void }

/** Where `entry` was called, in debug mode: a stack trace costs more than half a task. Undefined where nothing tells. */
export const callSite = (loop: asyncio.EventLoop, entry: unknown): string | undefined => {
  if (!loop.getDebug()) return undefined
  const target: { readonly stack?: string } = {}
  V8Error.captureStackTrace?.(target, entry)
  return target.stack?.split("\n")[1]?.trim().replace(/^at /, "")
}

/** Has the stack of an error that was made just now begin where `entry` was called. */
export const startStackAt = (error: unknown, entry: unknown): void => {
  if (lowlevel.isInstance(error, Error)) V8Error.captureStackTrace?.(error, entry)
}
