/**
 * Where what another process, or another page, sends is read.
 */
import type { InspectError } from "../errors.ts"
import { Misshapen } from "./shapes.ts"

/** What was read of something that one of ours is said to have sent. Throws what `notOurs` gives where it is not what it has to be. */
export const trusted = <T>(notOurs: (why: string) => InspectError, read: () => T): T => {
  try {
    return read()
  } catch (error) {
    throw error instanceof Misshapen ? notOurs(error.message) : error
  }
}
