import type * as asyncio from "@effect-asyncio/core"

/** Where the caller's caller stands, in debug mode: a stack trace costs more than the task. */
export const callSite = (loop: asyncio.EventLoop): string | undefined =>
  loop.getDebug() ? new Error().stack?.split("\n")[3]?.trim().replace(/^at /, "") : undefined
