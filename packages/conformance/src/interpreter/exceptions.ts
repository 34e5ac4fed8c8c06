/**
 * Python's exception classes as scripts use them: what they are called, what catches them, how they print.
 */
import * as asyncio from "@effect-asyncio/core"

/** A class that only scripts know: `MyError`, an `Exception`, and `MyBase`, which is none. */
export class ScriptError extends Error {
  constructor(name: string, message: string | undefined) {
    super(message)
    this.name = name
  }
}

const bases: Record<string, ReadonlyArray<string>> = {
  BaseException: [],
  Exception: ["BaseException"],
  CancelledError: ["BaseException"],
  MyBase: ["BaseException"],
  BaseExceptionGroup: ["BaseException"],
  ExceptionGroup: ["BaseExceptionGroup", "Exception"],
  BrokenBarrierError: ["RuntimeError"]
}

// Every other class is a direct subclass of Exception.
const basesOf = (className: string): ReadonlyArray<string> => bases[className] ?? ["Exception"]

const isSubclass = (className: string, ancestor: string): boolean =>
  className === ancestor || basesOf(className).some((base) => isSubclass(base, ancestor))

const constructors: Record<string, (message: string | undefined) => Error> = {
  CancelledError: (message) => new asyncio.CancelledError(message),
  TimeoutError: (message) => new asyncio.TimeoutError(message),
  InvalidStateError: (message = "") => new asyncio.InvalidStateError(message),
  RuntimeError: (message) => new asyncio.RuntimeError(message),
  ValueError: (message) => new asyncio.ValueError(message)
}

/** A new exception of a class by its name. */
export const makeException = (className: string, message: string | null | undefined): Error => {
  const given = message ?? undefined
  return constructors[className]?.(given) ?? new ScriptError(className, given)
}

/** The class of an error. A group is named as Python would have made it: by its members. */
export const classOf = (error: unknown): string => {
  if (error instanceof asyncio.ExceptionGroup) {
    const isException = error.errors.every((member) => isSubclass(classOf(member), "Exception"))
    return isException ? "ExceptionGroup" : "BaseExceptionGroup"
  }
  return error instanceof Error ? error.name : typeof error
}

/** Whether `except` with these class names catches the error. */
export const isCaughtBy = (error: unknown, classNames: ReadonlyArray<string>): boolean => {
  const className = classOf(error)
  return classNames.some((name) => isSubclass(className, name))
}

const messageOf = (error: unknown): string | undefined => {
  // Alone among all, a cancellation may have an empty message and show it.
  if (error instanceof asyncio.CancelledError) return Object.hasOwn(error, "message") ? error.message : undefined
  if (error instanceof asyncio.InvalidStateError || !(error instanceof Error) || error.message === "") return undefined
  return error.message
}

/** How an exception prints: `ValueError('e1')`, object representations shortened to `<>`. */
export const formatException = (error: unknown): string => {
  const className = classOf(error)
  if (error instanceof asyncio.ExceptionGroup) return `${className}[${error.errors.map(formatException).join(", ")}]`
  const message = messageOf(error)
  return message === undefined ? className : `${className}('${message.replace(/<.*>/s, "<>")}')`
}
