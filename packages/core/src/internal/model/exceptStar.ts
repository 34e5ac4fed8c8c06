/**
 * Python's `except*` (PEP 654): takes the members of some classes out of an error, and puts together what is left and what their
 * handler raises.
 */
import { isInstance } from "../data/text.ts"
import { CancelledError, isCancelled } from "./CancelledError.ts"
import { type ErrorClass, ExceptionGroup, isErrorClass } from "./ExceptionGroup.ts"
import { unexpectedValue, withHint } from "./hints.ts"

/**
 * One class of errors, or several.
 *
 * @category models
 * @since 0.1.0
 */
export type ErrorClasses = ErrorClass | ReadonlyArray<ErrorClass>

/** An error out of which members were taken. */
export class Caught {
  readonly error: unknown
  /** The members for the handler, nested as they were. An error that is no group is the one member of a group without a message. */
  readonly group: ExceptionGroup
  /** The members that nobody has taken. */
  readonly rest: ExceptionGroup | undefined

  constructor(error: unknown, group: ExceptionGroup, rest: ExceptionGroup | undefined) {
    this.error = error
    this.group = group
    this.rest = rest
  }

  /**
   * What is raised in the end, where the handler has raised `raised`. The very group that it was given goes back to its place among the
   * rest, as with a bare `raise`. A cancellation alone stays one, which it does not in Python.
   */
  after(raised: unknown): unknown {
    if (!isInstance(this.error, ExceptionGroup)) return raised
    if (raised === this.group) return this.error
    if (this.rest === undefined) return isCancelled(raised) ? raised : new ExceptionGroup("", [raised])
    return new ExceptionGroup("", [raised, this.rest])
  }
}

/** What takes the members of `classes` out of an error; `undefined` where there are none. */
export const catcherOf = (classes: unknown, operation: string): ((error: unknown) => Caught | undefined) => {
  const given = checkClasses(classes, operation)
  // Python's `except* Exception` is not for cancellations either: they are no `Exception`.
  const takesCancellations = given.some((type) => type === CancelledError || type.prototype instanceof CancelledError)
  const takes = (error: unknown): boolean =>
    !isInstance(error, ExceptionGroup) &&
    (takesCancellations || !isCancelled(error)) &&
    given.some((type) => isInstance(error, type))
  return (error) => {
    if (!isInstance(error, ExceptionGroup)) {
      return takes(error) ? new Caught(error, new ExceptionGroup("", [error]), undefined) : undefined
    }
    const [group, rest] = error.split(takes)
    return group === undefined ? undefined : new Caught(error, group, rest)
  }
}

const checkClasses = (classes: unknown, operation: string): ReadonlyArray<ErrorClass> => {
  const given: ReadonlyArray<unknown> = Array.isArray(classes) ? classes : [classes]
  for (const type of given) {
    if (!isErrorClass(type)) {
      // When: `catchGroup` got something else than classes of errors to catch.
      throw unexpectedValue(
        `an Error class, or a list of Error classes, was expected by ${operation}`,
        type,
        "Name the class, as in `catchGroup(TypeError, ...)`; look at the order of the arguments."
      )
    }
    if (type === ExceptionGroup || type.prototype instanceof ExceptionGroup) {
      // When: `catchGroup` got ExceptionGroup as the class to catch.
      throw withHint(
        new TypeError("catching ExceptionGroup with except* is not allowed. Use except instead."),
        "Name the class of its members, or catch the group as any other error."
      )
    }
  }
  return given as ReadonlyArray<ErrorClass>
}
