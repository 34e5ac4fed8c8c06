/**
 * Durations as a program gives them.
 */
import * as asyncio from "@effect-asyncio/core"
import * as Duration from "effect/Duration"
import * as Formatter from "effect/Formatter"
import * as Option from "effect/Option"

/** A duration in milliseconds; asyncio's error for what is not a number, a TypeError for what is no duration. */
export const toMillis = (delay: Duration.Input): number => {
  if (Number.isNaN(delay)) throw new asyncio.ValueError("Invalid delay: NaN (not a number)")
  if (typeof delay === "number") return delay
  const duration = Duration.fromInput(delay)
  if (Option.isSome(duration)) return Duration.toMillis(duration.value)
  const text = typeof delay === "string" ? `'${delay}'` : Formatter.format(delay)
  throw new TypeError(`Invalid delay: ${text} is not a duration`)
}
