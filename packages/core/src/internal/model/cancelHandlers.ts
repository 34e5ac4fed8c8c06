/**
 * What is given to handle cancellations: one function for all of them, or an object with one for each kind.
 */
import { checkFunction, checkKind, kindMeantBy } from "./arguments.ts"
import type { CancelledError } from "./CancelledError.ts"
import { generatorKind } from "./repr.ts"

type Handler<A> = (error: CancelledError) => A

/** The handlers of an object, or else what was given, whatever it is. */
export const handlersIn = (given: unknown): ReadonlyArray<unknown> => {
  const isObject = typeof given === "object" && given !== null && !Array.isArray(given)
  const handlers = isObject ? Object.values(given).filter((handler) => handler !== undefined) : []
  return handlers.length > 0 ? handlers : [given]
}

/** Refuses kinds of ours in another spelling: what is for them would never be called. */
export const checkKinds = (handlers: unknown, operation: string): void => {
  for (const kind of Object.keys(handlers as object)) checkKind(kind, operation)
}

/** Whether all of it can be called, and makes an Effect or a generator of one, for kinds that may come. */
export const areCancelHandlers = (given: unknown): boolean =>
  handlersIn(given).every(
    (handler) => typeof handler === "function" && generatorKind(handler) !== "async generator function"
  ) && Object.keys(given as object).every((kind) => kindMeantBy(kind) === undefined)

/** Throws where what is given to `operation` is no handler and no object of handlers. `example` shows what it may be. */
export const checkCancelHandlers = (given: unknown, operation: string, example: string): void => {
  for (const handler of handlersIn(given)) checkFunction(handler, operation, example)
  checkKinds(given, operation)
}

/** The handler for an error; undefined where there is none for its kind. */
export const cancelHandlerFor = <A>(given: object, error: CancelledError): Handler<A> | undefined => {
  if (typeof given === "function") return given as Handler<A>
  return Object.hasOwn(given, error.kind) ? (given as Record<string, Handler<A> | undefined>)[error.kind] : undefined
}
