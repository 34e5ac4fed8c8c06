/** Numbers and names as the page writes them. */
import { duration } from "../src/text/durations.ts"
import { printable } from "../src/text/printable.ts"

/** A number of things. */
export const count = (value: number): string => Math.round(value).toLocaleString("en")

/** A time that may not be known, in milliseconds. */
export const maybe = (millis: number | undefined): string => (millis === undefined ? "?" : duration(millis))

/** A short time, in milliseconds, with what matters of it. */
export const spent = (millis: number): string => {
  if (millis === 0) return "0"
  return millis < 10 ? `${millis.toFixed(1)}ms` : duration(millis)
}

/** A text of the program, with what cannot be seen written out: a name must not turn the direction of the text around it. */
export const shown = printable
