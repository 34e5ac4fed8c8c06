import type * as asyncio from "@effect-asyncio/core"

const V8Error = Error as { readonly captureStackTrace?: (target: object, above: unknown) => void }

/** Where `entry` was called, in debug mode: a stack trace costs more than half a task. Undefined where nothing tells. */
export const callSite = (loop: asyncio.EventLoop, entry: unknown): string | undefined => {
  if (!loop.getDebug()) return undefined
  const target: { readonly stack?: string } = {}
  V8Error.captureStackTrace?.(target, entry)
  return target.stack?.split("\n")[1]?.trim().replace(/^at /, "")
}
