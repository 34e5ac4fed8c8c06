/**
 * Checks how items are to be mapped, before any is read.
 */
import { unexpectedValue, withHint } from "../model/hints.ts"
import { ValueError } from "../model/errors.ts"
import type { MapTasksOptions } from "../model/MapTasksOptions.ts"
import { checkOptions } from "../model/arguments.ts"
import { checkMaker, type Made } from "../model/bodies.ts"
import type { Mapping } from "./mapTasks.ts"

export const toMapping = (f: (item: never, index: number) => Made, options: MapTasksOptions): Mapping => {
  checkMaker(f, "mapTasks()", "mapTasks(items, (item) => ..., { concurrency: 5 })")
  checkOptions(options, "mapTasks()", "{ concurrency: 5 }")
  const { concurrency, onFailure = "cancel", order = "items", returnExceptions = false } = options ?? {}
  checkConcurrency(concurrency)
  checkWord("onFailure", onFailure, "cancel", "collect")
  checkWord("order", order, "items", "completed")
  return {
    f: f as unknown as Mapping["f"],
    concurrency,
    asCompleted: order === "completed",
    onFailure: returnExceptions ? "return" : onFailure
  }
}

const checkConcurrency = (concurrency: unknown): void => {
  if (concurrency === Infinity || (Number.isInteger(concurrency) && (concurrency as number) > 0)) return
  if (typeof concurrency === "number" && !(concurrency > 0)) {
    // When: the option `concurrency` is zero, negative or NaN.
    throw withHint(new ValueError("concurrency must be >= 1"), "Give it how many may run at a time.")
  }
  // When: the option `concurrency` is missing, or no whole number.
  throw unexpectedValue(
    "a whole number was expected for the concurrency of mapTasks()",
    concurrency,
    "Say how many may run at a time: `{ concurrency: 5 }`, or `{ concurrency: Infinity }`."
  )
}

const checkWord = (name: string, given: unknown, one: string, other: string): void => {
  if (given === one || given === other) return
  // When: the option `onFailure` or `order` of `mapTasks` is a word that it does not know.
  throw unexpectedValue(
    `"${one}" or "${other}" was expected for ${name} of mapTasks()`,
    given,
    `Leave it out for "${one}".`
  )
}
