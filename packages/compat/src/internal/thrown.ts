import { toThrown } from "@effect-asyncio/core/lowlevel"
import * as Cause from "effect/Cause"

/** What promise code is told of a failure of core: the error that was thrown, also where that has crossed Effects on its way. */
export const thrownIn = (cause: Cause.Cause<unknown>): unknown => toThrown(Cause.squash(cause))
