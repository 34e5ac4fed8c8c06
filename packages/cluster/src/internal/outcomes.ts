/**
 * How a task has ended: from an exit to what travels, and back.
 */
import * as asyncio from "@effect-asyncio/core"
import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import type { Definition } from "../Definition.ts"
import { NotStartedError, PayloadError, RemoteDefect, ResultError } from "../errors.ts"
import { decode, encode } from "./codec.ts"
import { fromWire, type Outcome, toDefect, toWire, type WireDefect } from "./wire.ts"

type AnyDefinition = Definition<any, any, any, any>

/** On the worker, `at`. */
export const outcomeOfExit = (definition: AnyDefinition, exit: Exit.Exit<unknown, unknown>, at: string): Outcome => {
  if (Exit.isSuccess(exit)) {
    const encoded = encode(definition.success, exit.value, definition.limit)
    return Result.isSuccess(encoded)
      ? { state: "succeeded", value: encoded.success.json }
      : {
          state: "failed",
          defect: toDefect(new ResultError({ definition: definition.name, problem: encoded.failure }))
        }
  }
  const error = Cause.squash(exit.cause)
  if (error instanceof asyncio.CancelledError) return { state: "cancelled", cancellation: toWire(error, at) }
  const encoded = encode(definition.error, error, definition.limit)
  return Result.isSuccess(encoded)
    ? { state: "failed", error: encoded.success.json }
    : { state: "failed", defect: shortened(toDefect(error), definition.limit) }
}

const shortened = (defect: WireDefect, limit: number): WireDefect =>
  defect.message.length + (defect.stack?.length ?? 0) <= limit
    ? defect
    : { name: defect.name, message: `${defect.message.slice(0, 1000)} (cut off)` }

/** On the client, of the task `name`. `asked` is the request of the task itself, if it has made one. */
export const exitOfOutcome = (
  { definition, name }: { readonly definition: AnyDefinition; readonly name: string },
  outcome: Outcome,
  asked: asyncio.CancelledError | undefined
): Exit.Exit<unknown, unknown> => {
  if (outcome.state === "succeeded") {
    const value = decode(definition.success, outcome.value)
    return Result.isSuccess(value) ? Exit.succeed(value.success) : Exit.fail(unreadable(definition, value.failure))
  }
  if (outcome.state === "cancelled" && outcome.unstarted !== undefined) {
    return Exit.fail(new NotStartedError({ task: name, definition: definition.name, ...outcome.unstarted }))
  }
  if (outcome.state === "cancelled") {
    const error = fromWire(outcome.cancellation)
    // The task that asked knows the request itself, and not what was told of it on the way.
    const isOwn = asked !== undefined && asked.kind === error.kind && asked.reason === error.reason
    return Exit.fail(isOwn ? asked : error)
  }
  if ("defect" in outcome) return exitOfDefect(definition, outcome.defect)
  const error = decode(definition.error, outcome.error)
  return Exit.fail(Result.isSuccess(error) ? error.success : unreadable(definition, error.failure))
}

const unreadable = ({ name }: AnyDefinition, problem: string): ResultError =>
  new ResultError({ definition: name, problem: `this client has another schema. ${problem}` })

/** This package's own errors are failures; everything else is a defect. */
const exitOfDefect = ({ name }: AnyDefinition, defect: WireDefect): Exit.Exit<never, unknown> => {
  if (defect.name === "PayloadError") {
    return Exit.fail(new PayloadError({ definition: name, where: "worker", problem: afterColon(defect.message) }))
  }
  if (defect.name === "ResultError") {
    return Exit.fail(new ResultError({ definition: name, problem: afterColon(defect.message) }))
  }
  return Exit.die(new RemoteDefect(defect))
}

// The problem is what their messages end with.
const afterColon = (message: string): string => message.slice(message.indexOf(": ") + 2)
