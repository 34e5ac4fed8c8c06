import { toThrown } from "@effect-asyncio/core/lowlevel"
import * as Cause from "effect/Cause"

/** The error by which promise code hears of a failure of core: the one that was thrown, also where that has crossed Effects. */
export const thrownIn = (cause: Cause.Cause<unknown>): unknown => toThrown(Cause.squash(cause))
