/**
 * Python's `except*` (PEP 654): takes the members of some classes out of an error, and puts together what is left and what their
 * handler raises.
 */
import { isInstance } from "../data/text.ts"
import { CancelledError, isCancelled } from "./CancelledError.ts"
import type { ErrorClass } from "./errorClasses.ts"
import { ExceptionGroup, isErrorClass } from "./ExceptionGroup.ts"
import { unexpectedValue, withHint } from "./hints.ts"

/**
 * One class of errors, or several.
 *
 * @category models
 * @since 0.1.0
 */
export type ErrorClasses = ErrorClass | ReadonlyArray<ErrorClass>

/**
 * One `except*`: which errors it takes, and its handler.
 *
 * @category for libraries
 * @since 0.1.0
 */
export interface Clause<Handler> {
  /** Whether an error that is no group is one of its classes. */
  readonly takes: (error: unknown) => boolean
  /** Is given the group of those. */
  readonly handler: Handler
}

/** The clauses that are given as classes and handlers in turn, at least one; `check` looks at a handler. */
export const clausesOf = <Handler>(
  given: ReadonlyArray<unknown>,
  operation: string,
  check: (handler: unknown) => void
): ReadonlyArray<Clause<Handler>> => {
  const clauses: Array<Clause<Handler>> = []
  for (let at = 0; at === 0 || at < given.length; at += 2) {
    const takes = takerOf(given[at], operation)
    check(given[at + 1])
    clauses.push({ takes, handler: given[at + 1] as Handler })
  }
  return clauses
}

const takerOf = (classes: unknown, operation: string): Clause<never>["takes"] => {
  const given = checkClasses(classes, operation)
  // Python's `except* Exception` is not for cancellations either: they are no `Exception`.
  const takesCancellations = given.some((type) => type === CancelledError || type.prototype instanceof CancelledError)
  return (error) =>
    !isInstance(error, ExceptionGroup) &&
    (takesCancellations || !isCancelled(error)) &&
    given.some((type) => isInstance(error, type))
}

/** An error out of which clauses take members, one clause after the other. */
export class ExceptStar {
  readonly error: unknown
  // What clauses have taken, and not put back.
  readonly #taken = new Set<unknown>()
  readonly #raised: Array<unknown> = []

  constructor(error: unknown) {
    this.error = error
  }

  /** What a clause takes of what is left, nested as it was. An error that is no group is the one member of a group without a message. */
  take({ takes }: Pick<Clause<unknown>, "takes">): ExceptionGroup | undefined {
    const { error } = this
    const isLeft = (member: unknown): boolean => takes(member) && !this.#taken.has(member)
    const group = isInstance(error, ExceptionGroup)
      ? error.subgroup(isLeft)
      : isLeft(error)
        ? new ExceptionGroup("", [error])
        : undefined
    for (const member of group?.leaves() ?? []) this.#taken.add(member)
    return group
  }

  /** The handler of `group` has raised `error`. The very group that it was given goes back to its place, as with a bare `raise`. */
  raised(group: ExceptionGroup, error: unknown): void {
    if (error !== group || !isInstance(this.error, ExceptionGroup)) this.#raised.push(error)
    else for (const member of group.leaves()) this.#taken.delete(member)
  }

  /** What is raised in the end, if anything is. A cancellation alone stays one, which it does not in Python. */
  ended(): { readonly error: unknown } | undefined {
    const { error } = this
    const [first] = this.#raised
    if (!isInstance(error, ExceptionGroup)) {
      return !this.#taken.has(error) ? this : this.#raised.length > 0 ? { error: first } : undefined
    }
    const left = error.subgroup((member: unknown) => !isInstance(member, ExceptionGroup) && !this.#taken.has(member))
    const raised = left === undefined ? this.#raised : [...this.#raised, left]
    if (raised.length === 0) return undefined
    if (this.#raised.length === 0 || (raised.length === 1 && isCancelled(first))) return { error: raised[0] }
    return { error: new ExceptionGroup("", raised) }
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
