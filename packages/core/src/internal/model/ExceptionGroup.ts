/**
 * Several failures as one.
 */
import { checkNoGenerator } from "./arguments.ts"
import { ValueError } from "./errors.ts"
import { type ErrorNotes, unexpectedValue, withHint } from "./hints.ts"
import { TaggedError } from "./errorClasses.ts"
import { isInstance } from "../data/text.ts"

/**
 * Decides about one error of a group: a class, several classes, or a function.
 *
 * @category models
 * @since 0.1.0
 */
export type ErrorMatcher = ErrorClass | ReadonlyArray<ErrorClass> | ((error: unknown) => boolean)

type ErrorClass = abstract new (...args: never) => Error

/**
 * Several failures as one, as a task group ends with. Groups nest.
 *
 * **What to do**
 *
 * Handle it around the group: `errors` has all of them in the order they happened, `split` and `subgroup` take it apart.
 *
 * **Details**
 *
 * `errors` are the members in the order they happened; their union is the type parameter. `split` and `subgroup` take a
 * group apart along its members and keep the nesting.
 *
 * **asyncio**
 *
 * Python's `ExceptionGroup` and `BaseExceptionGroup` in one: JavaScript has no errors outside of `Error`. Source: PEP 654.
 *
 * **Example** (Handling some members and passing on the rest)
 *
 * ```ts import.meta.vitest
 * import { ExceptionGroup } from "@effect-asyncio/core"
 *
 * const group = new ExceptionGroup("two went wrong", [new TypeError("a"), new RangeError("b")])
 * const [types, rest] = group.split(TypeError)
 * types?.errors.map(String) // => ["TypeError: a"]
 * rest?.errors.map(String) // => ["RangeError: b"]
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export class ExceptionGroup<out E = unknown>
  extends /*#__PURE__*/ TaggedError("ExceptionGroup")<
    { readonly message: string; readonly errors: ReadonlyArray<unknown> } & ErrorNotes
  >
{
  /** The members, in the order they happened. */
  declare readonly errors: ReadonlyArray<E | ExceptionGroup<E>>

  constructor(message: string, errors: ReadonlyArray<E | ExceptionGroup<E>>) {
    if (typeof message !== "string") {
      // When: `new ExceptionGroup` without a message.
      throw withHint(new TypeError(`argument 1 must be a string, not ${typeof message}`), shape)
    }
    // When: `new ExceptionGroup` of something that is no array.
    if (!Array.isArray(errors)) throw withHint(new TypeError("second argument (errors) must be a sequence"), shape)
    if (errors.length === 0) {
      // When: `new ExceptionGroup` of no errors.
      throw withHint(
        new ValueError("second argument (errors) must be a non-empty sequence"),
        "Make a group only when there are errors."
      )
    }
    super({ message, errors: [...(errors as ReadonlyArray<unknown>)] })
  }

  /** How it prints: its message, and how many members it has. */
  override toString(): string {
    return `${this.name}: ${this.message} (${this.errors.length} sub-exception${this.errors.length === 1 ? "" : "s"})`
  }

  /** A group with the same message and other members. Subclasses override it to keep their own fields. */
  derive<E2>(errors: ReadonlyArray<E2 | ExceptionGroup<E2>>): ExceptionGroup<E2> {
    const group = new ExceptionGroup<E2>(this.message, errors)
    if (this.cause !== undefined) group.cause = this.cause
    return group
  }

  /** The members that match, nested as they were; `undefined` when none does. */
  subgroup(matcher: ErrorMatcher): ExceptionGroup<E> | undefined {
    return this.split(matcher)[0]
  }

  /** The members that match and those that do not, each nested as they were; `undefined` for an empty half. */
  split(
    matcher: ErrorMatcher
  ): readonly [matching: ExceptionGroup<E> | undefined, rest: ExceptionGroup<E> | undefined] {
    const matches = toPredicate(matcher)
    if (matches(this)) return [this, undefined]
    const matching: Array<E | ExceptionGroup<E>> = []
    const rest: Array<E | ExceptionGroup<E>> = []
    for (const error of this.errors) {
      if (!isInstance(error, ExceptionGroup)) {
        ;(matches(error) ? matching : rest).push(error)
        continue
      }
      const [inside, outside] = error.split(matches)
      if (inside !== undefined) matching.push(inside)
      if (outside !== undefined) rest.push(outside)
    }
    // A half that is the whole is the group itself, not a copy.
    if (rest.length === 0) return [this, undefined]
    if (matching.length === 0) return [undefined, this]
    return [this.derive(matching), this.derive(rest)]
  }
}

const shape = "Write `new ExceptionGroup(message, errors)`."

const toPredicate = (matcher: ErrorMatcher): ((error: unknown) => boolean) => {
  if (typeof matcher !== "function") {
    if (!Array.isArray(matcher)) {
      // When: `split` or `subgroup` got something that cannot match errors.
      throw unexpectedValue(
        "an Error class, a list of Error classes, or a function was expected",
        matcher,
        "Write `group.split(TypeError)`, or `group.split((error) => ...)`."
      )
    }
    const classes = matcher.map(toPredicate)
    return (error) => classes.some((matches) => matches(error))
  }
  checkNoGenerator(matcher, "split()", "group.split((error) => ...)")
  return isErrorClass(matcher) ? (error) => isInstance(error, matcher) : matcher
}

const isErrorClass = (value: unknown): value is ErrorClass =>
  typeof value === "function" && (value === Error || (value.prototype as unknown) instanceof Error)
