/**
 * Where what another process sends is read.
 */
import { notOurs } from "../errors.ts"
import { Misshapen } from "./shapes.ts"

/** What was read of something that the process `pid` is said to have sent. Throws for whoever looks where it is not what it has to be. */
export const trusted = <T>(pid: number, read: () => T): T => {
  try {
    return read()
  } catch (error) {
    throw error instanceof Misshapen ? notOurs(pid, error.message) : error
  }
}
