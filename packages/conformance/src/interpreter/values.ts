/**
 * How values print in a trace.
 */
import * as asyncio from "@effect-asyncio/core"
import * as Exit from "effect/Exit"
import { formatException } from "./exceptions.ts"

/** Text that prints as it is, without quotes. */
export class Bare {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** What a future of the port under test prints as, `undefined` when the value is no future. */
export type LabelOf = (value: unknown) => string | undefined

export const formatNumber = (value: number): string => String(value)

/** Prints a value as Python would, futures by their labels. */
export const formatValue = (value: unknown, labelOf: LabelOf): string => {
  switch (typeof value) {
    case "undefined":
      return "None"
    case "boolean":
      return value ? "True" : "False"
    case "number":
      return formatNumber(value)
    case "string":
      return `'${value}'`
    default:
      return value === null ? "None" : formatObject(value, labelOf)
  }
}

const formatObject = (value: unknown, labelOf: LabelOf): string => {
  if (value instanceof Bare) return value.text
  if (Array.isArray(value)) return `[${value.map((item) => formatValue(item, labelOf)).join(", ")}]`
  // A future is an Effect and an Exit is one too: the label decides first.
  const label = labelOf(value)
  if (label !== undefined) return label
  // What `gather` gives for `return_exceptions=True`: exits or settled results. In Python it is the values and exceptions
  // themselves.
  if (Exit.isExit(value)) {
    return Exit.isSuccess(value) ? formatValue(value.value, labelOf) : formatException(asyncio.exceptionOf(value.cause))
  }
  if (isSettled(value)) {
    return value.status === "fulfilled" ? formatValue(value.value, labelOf) : formatException(value.reason)
  }
  return value instanceof Error ? formatException(value) : `?${typeof value}`
}

const isSettled = (value: unknown): value is PromiseSettledResult<unknown> =>
  ["fulfilled", "rejected"].includes((value as PromiseSettledResult<unknown>).status)

/** Whether a value counts as true: only `True` and numbers other than zero do. */
export const isTruthy = (value: unknown): boolean => value === true || (typeof value === "number" && value !== 0)
