/**
 * The border between Effects, whose errors have types, and code that throws anything: what was thrown enters inside of an error with a
 * tag, and is the same object again where Effects end and promises go on.
 */
import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import { safely } from "../data/text.ts"
import { type CancelledError, isCancelled } from "./CancelledError.ts"
import { isOfKind, kind } from "./errorClasses.ts"
import { asKeyboardInterrupt } from "./errors.ts"
import { type ExceptionGroup, isGroup, withErrors } from "./ExceptionGroup.ts"
import type { ErrorNotes } from "./hints.ts"

/** Whether the border has made the error. Programs have such errors of their own, which pass it as they are. */
const isTagged = (error: unknown): error is Cause.UnknownError => isOfKind(error, "Thrown")

/** What `operation` fails with where its code has thrown `error`. What has a tag of ours, or a meaning for the loop, stays as it is. */
export const toTagged = (error: unknown, operation: string): Cause.UnknownError | CancelledError | ExceptionGroup =>
  isCancelled(error) || isGroup(error) || isTagged(error) || asKeyboardInterrupt(error) !== undefined
    ? (error as CancelledError)
    : tagged(error, operation)

/** An error with a tag, which says as much as `error` does about what to do. */
const tagged = (error: unknown, operation: string): Cause.UnknownError => {
  const made = new Cause.UnknownError(error, `An error occurred in ${operation}`)
  Object.defineProperty(made, kind, { value: "Thrown" })
  const notes = safely<ErrorNotes, ErrorNotes>(() => {
    const { hint, task } = error as ErrorNotes
    return { hint, task }
  }, {})
  return typeof notes.hint === "string" ? Object.assign(made, notes) : made
}

/** What was thrown, for an error that the border has made; for a group of such, a group of what was thrown, always the same one. */
export const toThrown = (error: unknown): unknown => {
  if (isTagged(error)) return error.cause
  if (!isGroup(error)) return error
  // The program's own classes derive groups, and may throw.
  return safely(() => (error.leaves().some(isTagged) ? regrouped(error) : error), error)
}

const known = new WeakMap<ExceptionGroup, ExceptionGroup>()

const regrouped = (group: ExceptionGroup): ExceptionGroup => {
  const made = known.get(group) ?? withErrors(group, group.errors.map(toThrown))
  known.set(group, made)
  return made
}

/** Whether an exit is a defect and nothing that a type tells: what `Cause.squash` gives of it is then no error of the type. */
export const hasDied = (exit: Exit.Exit<unknown, unknown>): boolean =>
  Exit.isFailure(exit) && Cause.hasDies(exit.cause) && !Cause.hasFails(exit.cause)
