/**
 * Several failures as one.
 */
import { checkNoGenerator } from "./arguments.ts"
import { ValueError } from "./errors.ts"
import { type ErrorNotes, unexpectedValue, withHint } from "./hints.ts"
import { type ErrorClass, isOfKind, TaggedError } from "./errorClasses.ts"
import { isInstance } from "../data/text.ts"
import { showMembersInStack } from "./membersInStack.ts"

/**
 * Decides about one error of a group: a class, several classes, or a function.
 *
 * @category models
 * @since 0.1.0
 */
export type ErrorMatcher = ErrorClass | ReadonlyArray<ErrorClass> | ((error: unknown) => boolean)

/** One class, several, or a type guard: what the compiler can tell the type of the matching members from. */
type Narrowing = ErrorClass | ReadonlyArray<ErrorClass> | ((error: unknown) => error is unknown)

/** What `M` accepts, for which `error is T` and the instances of a class are said. */
export type Accepted<M> = M extends ((error: unknown) => error is infer T)
  ? T
  : M extends ErrorClass
    ? InstanceType<M>
    : M extends ReadonlyArray<infer C extends ErrorClass>
      ? InstanceType<C>
      : unknown

/**
 * Whether TypeScript, which compares fields, takes any error for a `T`: TypeError and RangeError are the same to it. So nothing can
 * be said of what is no `T`.
 */
type LooksLikeAny<T> = Error extends T ? true : false

type Related<E, T> = E extends T ? E : T extends E ? T : never

/** The members out of `E` that may be among those that a `T` was asked for. */
export type Matching<E, T> = unknown extends E
  ? T
  : LooksLikeAny<T> extends true
    ? E
    : [Extract<ExceptionGroup<E>, T>] extends [never]
      ? [Related<E, T>] extends [never]
        ? E & T
        : Related<E, T>
      : E

/** The members out of `E` that may be left where each `T` was taken out. */
export type Unmatched<E, T> = LooksLikeAny<T> extends true ? E : E extends T ? never : E

/** A group with members of type `E`, `undefined` where it would have none. */
type Half<E> = [E] extends [never] ? undefined : ExceptionGroup<E> | undefined

/**
 * Several failures as one, as a task group ends with. Groups nest.
 *
 * **What to do**
 *
 * Handle it around the group: `catchGroup` handles members of a class and passes on the rest. `errors` has all of them in the
 * order they happened, `split` and `subgroup` take it apart.
 *
 * **Details**
 *
 * `errors` are the members in the order they happened; their union is the type parameter. `leaves()` are those of the groups in it as
 * well. `split` and `subgroup` take a group apart along its members and keep the nesting.
 *
 * What the members are, and where each was made, is in the stack behind the message: ten of them, of the groups in it too. So it is in
 * what prints an error by its stack, as Effect's `Cause.pretty` and its loggers do.
 *
 * A class narrows the type of both halves. TypeScript compares fields: a TypeError looks like any other error to it, and then
 * the rest keeps its type.
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
    showMembersInStack(this)
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

  /** The errors in the group and in the groups in it, in order. */
  leaves(): ReadonlyArray<E> {
    const leaves: Array<E> = []
    // A stack of what is still to be looked at: groups may be nested as deep as any.
    const left: Array<E | ExceptionGroup<E>> = [this]
    while (left.length > 0) {
      const error = left.pop() as E | ExceptionGroup<E>
      if (isInstance(error, ExceptionGroup)) for (const member of error.errors.toReversed()) left.push(member)
      else leaves.push(error)
    }
    return leaves
  }

  /** The members that match, nested as they were; `undefined` when none does. */
  subgroup<Member, const Matcher extends Narrowing>(
    this: ExceptionGroup<Member>,
    matcher: Matcher
  ): Half<Matching<Member, Accepted<Matcher>>>
  subgroup<Member>(this: ExceptionGroup<Member>, matcher: ErrorMatcher): ExceptionGroup<Member> | undefined
  subgroup(matcher: ErrorMatcher): ExceptionGroup | undefined {
    return this.split(matcher)[0]
  }

  /** The members that match and those that do not, each nested as they were; `undefined` for an empty half. */
  split<Member, const Matcher extends Narrowing>(
    this: ExceptionGroup<Member>,
    matcher: Matcher
  ): readonly [matching: Half<Matching<Member, Accepted<Matcher>>>, rest: Half<Unmatched<Member, Accepted<Matcher>>>]
  split<Member>(
    this: ExceptionGroup<Member>,
    matcher: ErrorMatcher
  ): readonly [matching: ExceptionGroup<Member> | undefined, rest: ExceptionGroup<Member> | undefined]
  split(matcher: ErrorMatcher): readonly [matching: ExceptionGroup | undefined, rest: ExceptionGroup | undefined] {
    return splitBy(this, toPredicate(matcher))
  }
}

export const isGroup = (error: unknown): error is ExceptionGroup => isOfKind(error, "ExceptionGroup")

type Halves = readonly [matching: ExceptionGroup | undefined, rest: ExceptionGroup | undefined]

const splitBy = (group: ExceptionGroup, matches: (error: unknown) => boolean): Halves => {
  if (matches(group)) return [group, undefined]
  const matching: Array<unknown> = []
  const rest: Array<unknown> = []
  for (const error of group.errors) {
    // Not the class: a bundler keeps what leads back to itself in every program.
    if (!isGroup(error)) {
      ;(matches(error) ? matching : rest).push(error)
      continue
    }
    const [inside, outside] = splitBy(error, matches)
    if (inside !== undefined) matching.push(inside)
    if (outside !== undefined) rest.push(outside)
  }
  // A half that is the whole is the group itself, not a copy.
  if (rest.length === 0) return [group, undefined]
  if (matching.length === 0) return [undefined, group]
  return [withErrors(group, matching), withErrors(group, rest)]
}

/**
 * The group with other members: a part of it, or what its members were before they crossed a border. It comes from where `group` does, and
 * has its notes and its cause, also where a class of the program derives it.
 */
export const withErrors = (group: ExceptionGroup, errors: ReadonlyArray<unknown>): ExceptionGroup => {
  const part = group.derive(errors)
  const { cause, hint, stack, task } = group as ExceptionGroup & ErrorNotes
  if (cause !== undefined) part.cause = cause
  if (hint !== undefined) Object.assign(part, task === undefined ? { hint } : { task, hint })
  // A stack begins with the message; what it says of the members is those of the part.
  if (stack !== undefined && part.message === group.message) part.stack = stack
  return part
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

export const isErrorClass = (value: unknown): value is ErrorClass =>
  typeof value === "function" && (value === Error || (value.prototype as unknown) instanceof Error)
