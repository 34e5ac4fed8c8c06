/**
 * Looks at what a program passes in, at the call: a wrong argument must not become a wrong program, or an error elsewhere.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { CancelOptions } from "./cancellationKinds.ts"
import { unexpectedValue, withHint } from "./hints.ts"
import { ValueError } from "./errors.ts"
import { describe, generatorKind } from "./repr.ts"
import { quote } from "../data/text.ts"

const computed = "Look at what it is computed from: something there is no number."

/** A delay in milliseconds. */
export const toMillis = (delay: Duration.Input): number => {
  if (typeof delay === "number") {
    // When: a delay was computed, and is NaN.
    if (Number.isNaN(delay)) throw withHint(new ValueError("Invalid delay: NaN (not a number)"), computed)
    return delay
  }
  if (isDuration(delay)) {
    const duration = Duration.fromInput(delay)
    if (Option.isSome(duration)) return Duration.toMillis(duration.value)
  }
  // When: a delay is neither a number nor a duration; the arguments may stand in the wrong order, or a unit is misspelt.
  throw withHint(
    new TypeError(`Invalid delay: ${describe(delay)} is not a duration`),
    'Give it milliseconds or a duration, such as `1000`, `"1 second"` or `{ seconds: 1 }`, and `undefined` where no limit ' +
      "is meant; look at the order of the arguments."
  )
}

const units = ["weeks", "days", "hours", "minutes", "seconds", "milliseconds", "microseconds", "nanoseconds"]
// Their length depends on the calendar.
const calendarUnits = ["years", "quarters", "months"]

/**
 * Effect takes any object for a duration, and what it does not know in it for nothing: `{}`, a Date, `{ second: 5 }` would be
 * no time at all.
 */
const isDuration = (value: unknown): boolean => {
  if (typeof value !== "object" || value === null || Duration.isDuration(value)) return true
  if (Array.isArray(value)) return value.length === 2 && value.every(isNumber)
  const fields = value as Readonly<Record<string, unknown>>
  const given = units.filter((unit) => fields[unit] !== undefined)
  return (
    given.length > 0 &&
    given.every((unit) => isNumber(fields[unit])) &&
    calendarUnits.every((unit) => !fields[unit]) &&
    (!isPlain(fields) || Object.keys(fields).every((key) => units.includes(key) || fields[key] === undefined))
  )
}

const isNumber = (value: unknown): boolean => typeof value === "number" && !Number.isNaN(value)

/** Other objects, those of `Temporal` for one, have what is theirs beside the units. */
const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

/** A time on the loop's clock. */
export const checkTime = (when: unknown, operation: string): void => {
  if (typeof when !== "number") {
    // When: `callAt`, `timeoutAt` or `reschedule` got something else than a time on the loop's clock.
    throw unexpectedValue(
      `a time in milliseconds was expected by ${operation}`,
      when,
      "Add to the loop's time: `loop.time() + 1000`."
    )
  }
  // When: a time or a deadline was computed, and is NaN.
  if (Number.isNaN(when)) throw withHint(new ValueError("Invalid time: NaN (not a number)"), computed)
}

/** Options are an object: a bare value in their place would be overlooked. */
export const checkOptions = (options: unknown, operation: string, example: string): void => {
  if (options === undefined || isRecord(options)) return
  // When: a bare value stands where options are expected.
  throw unexpectedValue(
    `an object of options was expected by ${operation}`,
    options,
    `Put it into an object, as in \`${example}\`.`
  )
}

/** The options of `cancel`. */
export const checkCancelOptions = (options: CancelOptions): void => {
  checkOptions(options, "cancel()", '{ kind: "timeout" }')
  const { kind } = options
  if (kind !== undefined) checkKind(kind, "cancel()")
}

const ours = /^(requested|timeout|sibling|parent|shutdown|interrupt|signal|disconnect)$/

/** The kind of ours that is meant by a name which spells it otherwise, if one is. */
export const kindMeantBy = (kind: string): string | undefined => {
  const near = kind.toLowerCase().replace(/[^a-z]/g, "")
  return near !== kind && ours.test(near) ? near : undefined
}

/** The name of a kind of cancellation, ours or the program's. What the program has added is not known when it runs. */
export const checkKind = (kind: unknown, operation: string): void => {
  const isName = typeof kind === "string" && kind !== ""
  const meant = isName ? kindMeantBy(kind) : "disconnect"
  if (meant === undefined) return
  // When: the kind of a cancellation is no name, or one of ours in another spelling, which no handler would be found for.
  throw unexpectedValue(
    `a kind of cancellation was expected by ${operation}`,
    kind,
    `Name it as it is spelt, \`"${meant}"\` for one; a program adds its own to \`CancellationKinds\`.`
  )
}

const isRecord = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Promise) &&
  !Effect.isEffect(value)

/** The labels of a task. */
export const checkLabels = (labels: unknown, operation: string): void => {
  if (!isRecord(labels) || !isPlain(labels as object)) {
    // When: the labels of a task are no object.
    throw unexpectedValue(`labels were expected by ${operation}`, labels, "Give it an object: `{ job: 17 }`.")
  }
  for (const label of Object.keys(labels as object)) {
    const value = (labels as Readonly<Record<string, unknown>>)[label]
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") continue
    // When: a label of a task is something else than a string, a number or a boolean.
    throw unexpectedValue(
      `a string, a number or a boolean was expected for the label ${quote(label)}`,
      value,
      "Leave out what is not known, and make a string of an object, its id for one."
    )
  }
}

/** How many entries to keep. */
export const checkLimit = (limit: unknown, operation: string): void => {
  if (limit === undefined || (typeof limit === "number" && !Number.isNaN(limit))) return
  // When: the option `limit` of a stack or a call graph is no number.
  throw unexpectedValue(
    `a number was expected for the limit of ${operation}`,
    limit,
    "Give it how many entries to keep."
  )
}

/** How many items fit into a queue: any number, as in asyncio. */
export const checkMaxsize = (maxsize: unknown): void => {
  // When: the option `maxsize` of a queue is no number.
  if (typeof maxsize === "number" && !Number.isNaN(maxsize)) return
  throw unexpectedValue(
    "a number was expected for the maxsize of a queue",
    maxsize,
    "Give it how many items may wait; zero or nothing for any number."
  )
}

/** What the comparison of a program says of two items: `a < b` says true and false, which would be an order of its own. */
export const checkComparison = (order: unknown): number => {
  if (typeof order === "number" && !Number.isNaN(order)) return order
  // When: the `order` of a PriorityQueue compares two items and gives no number: `a < b`, or a field that one of them lacks.
  throw unexpectedValue(
    "a number was expected from the order of a PriorityQueue",
    order,
    "Give what is negative for the first, positive for the second, and zero for neither: `(a, b) => a.rank - b.rank`."
  )
}

/** How many permits a semaphore has. Infinity is no limit. */
export const checkPermits = (value: unknown): void => {
  if (typeof value === "number" && !(value >= 0)) {
    // When: a semaphore is made with a negative number of permits, or with NaN.
    throw withHint(new ValueError("Semaphore initial value must be >= 0"), "Give it zero permits or more.")
  }
  if (value === Infinity || Number.isInteger(value)) return
  // When: a semaphore is made with something that is no whole number.
  throw unexpectedValue(
    "a whole number was expected by Semaphore",
    value,
    "Give it how many tasks may be inside at a time."
  )
}

/** How many threads a loop may have. */
export const checkMaxThreads = (value: unknown): void => {
  if (value === undefined || value === Infinity || (Number.isInteger(value) && (value as number) > 0)) return
  if (typeof value === "number" && !(value > 0)) {
    // When: the option `maxThreads` is zero, negative or NaN.
    throw withHint(new ValueError("max_workers must be greater than 0"), "Give it how many threads may work at a time.")
  }
  // When: the option `maxThreads` is no whole number.
  throw unexpectedValue("a whole number was expected for maxThreads", value, "Give it how many may work at a time.")
}

/** How many tasks a barrier waits for. */
export const checkParties = (parties: unknown): void => {
  if (typeof parties === "number" && !(parties >= 1)) {
    // When: a barrier is made for no task, or for NaN.
    throw withHint(new ValueError("parties must be >= 1"), "Give it how many tasks have to arrive, one or more.")
  }
  if (Number.isInteger(parties)) return
  // When: a barrier is made for something that is no whole number; one for Infinity would never open.
  throw unexpectedValue("a whole number was expected by Barrier", parties, "Give it how many tasks have to arrive.")
}

/** How many waiters are to be notified. */
export const checkCount = (count: unknown): void => {
  if (typeof count === "number" && !Number.isNaN(count)) return
  // When: `notify` of a condition got something else than how many to wake.
  throw unexpectedValue("a number was expected by notify()", count, "Give it how many to wake, or use `notifyAll`.")
}

/** A body that is an Effect, or what made one has made. */
export const checkEffect = <A, E, R>(effect: Effect.Effect<A, E, R>, operation: string): Effect.Effect<A, E, R> => {
  if (Effect.isEffect(effect)) return effect
  // When: a body is no Effect, or a function that should make one has made something else.
  throw unexpectedValue(
    `an Effect was expected by ${operation}`,
    effect,
    "Give it the Effect itself, or return one; async functions are for compat."
  )
}

/** The body of a scope in core: an Effect, or a function that makes one. */
export const checkBody = (body: unknown, operation: string): void => {
  if (Effect.isEffect(body) || (typeof body === "function" && generatorKind(body) !== "async generator function"))
    return
  // When: the body of a `timeout`, a `taskGroup` or the like is no Effect and makes none.
  throw unexpectedValue(
    `an Effect, or a function that makes one, was expected by ${operation}`,
    body,
    "Look at the order of the arguments; async functions are for compat."
  )
}

/** A function: the body of a scope, a handler, a predicate. */
export const checkFunction = (value: unknown, operation: string, example: string): void => {
  if (typeof value === "function") return checkNoGenerator(value, operation, example)
  // When: a body, a handler or a predicate is no function, but the promise of a call, say, which has started already.
  throw unexpectedValue(`a function was expected by ${operation}`, value, `Pass it as a function: \`${example}\`.`)
}

/** A generator function runs nothing when it is called, and no error would say so. */
export const checkNoGenerator = (value: unknown, operation: string, example: string): void => {
  if (generatorKind(value) === undefined) return
  // When: a generator function stands where a function is called. Its call only makes a generator, and runs nothing.
  throw unexpectedValue(
    `a function was expected by ${operation}`,
    value,
    `Calling it makes a generator and runs nothing: write \`${example}\`; core takes \`Effect.gen(function* () { ... })\`.`
  )
}

/** The error for a future of one loop that was given to another one. */
export const ofOtherLoop = (): ValueError =>
  // When: a task or a future of one run was given to another one.
  withHint(
    new ValueError("The future belongs to a different loop than the one specified as the loop argument"),
    "Make it inside this run, or hand over its result, or a promise of it."
  )
