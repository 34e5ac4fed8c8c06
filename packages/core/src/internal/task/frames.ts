/**
 * Where a coroutine was made, where it stands, what it is called: read from the stack frames that `Effect.fn` leaves on
 * the fiber, and only when it is asked for.
 *
 * Such a frame holds the place of the *call* (`main()`), and its parent the place of the *definition*. A suspended
 * coroutine therefore stands where the next inner frame was called. What no frame tells is left out; a wrong line would
 * be worse than none.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as References from "effect/References"
import type { AnyFiber } from "../model/AnyFiber.ts"
import type { StackEntry } from "../model/Task.ts"
import { captureStack } from "../host/stack.ts"
import { abridged, callOf, plain, safely } from "../data/text.ts"

type StackFrame = References.StackFrame

/** One coroutine on a task's stack. */
export interface CoroutineFrame {
  readonly name: string
  /** FILE:LINE of the call that made the coroutine. */
  readonly calledAt: string | undefined
  /** FILE:LINE of the definition. */
  readonly definedAt: string | undefined
}

// The time that the search for a place takes grows with the square of the length.
const longestLine = 2048

/** FILE:LINE in a line of a stack trace. */
const locationIn = (line: string | undefined): string | undefined => {
  const text = line?.trim() ?? ""
  // The name of a function may be of any length.
  const short = text.length <= longestLine ? text : text.slice(text.lastIndexOf("("))
  if (short.length > longestLine) return undefined
  const match = /\(?((?:file:\/\/|[a-z]+:\/\/\/?|\/|[A-Za-z]:[\\/])[^()]*?):(\d+):\d+\)?$/.exec(short)
  return match === null ? undefined : `${pathOf(match[1]!)}:${match[2]}`
}

const pathOf = (file: string): string =>
  file.startsWith("file://")
    ? safely(() => decodeURI(file.slice(7)), file.slice(7)).replace(/^\/([A-Za-z]:)/, "$1")
    : file

// Each definition by the function that tells it, which all calls of a coroutine function share.
const definitions = new WeakMap<() => string | undefined, string | undefined>()

const definitionOf = ({ parent }: StackFrame): string | undefined => {
  const tell = parent?.stack
  if (tell === undefined) return undefined
  if (!definitions.has(tell)) definitions.set(tell, locationIn(safely(tell, undefined)))
  return definitions.get(tell)
}

class CallFrame implements CoroutineFrame {
  readonly #call: StackFrame
  readonly name: string
  readonly definedAt: string | undefined

  constructor(call: StackFrame) {
    this.#call = call
    this.name = call.name
    this.definedAt = definitionOf(call)
  }

  // Not before it is asked for: to write a stack trace takes longer than all else here, and most calls' are never read.
  get calledAt(): string | undefined {
    return locationIn(safely(() => this.#call.stack(), undefined))
  }
}

const toCoroutineFrame = (call: StackFrame): CoroutineFrame => new CallFrame(call)

/** Whether a frame is the call of a coroutine; a span leaves a frame of its own, without a definition. */
const isCall = ({ name, parent }: StackFrame): boolean =>
  parent !== undefined &&
  parent.name.length === name.length + definition.length &&
  parent.name.endsWith(definition) &&
  parent.name.startsWith(name)

const definition = " (definition)"

/** The coroutines between `top` and `base`, innermost first. */
const framesBetween = (top: StackFrame | undefined, base: StackFrame | undefined): Array<StackFrame> => {
  const frames: Array<StackFrame> = []
  for (let frame = top; frame !== undefined && frame !== base; frame = frame.parent) {
    if (isCall(frame)) frames.push(frame)
  }
  return frames
}

/**
 * The coroutines of a suspended or running fiber, innermost first, without those of its parent task; at most so many, the outermost
 * ones.
 */
export const framesOf = (
  fiber: AnyFiber,
  inherited: Context.Context<never>,
  outermost = Infinity
): ReadonlyArray<CoroutineFrame> =>
  framesBetween(fiber.cache.stackFrame, Context.get(inherited, References.CurrentStackFrame))
    .slice(-outermost)
    .map(toCoroutineFrame)

// Where an Effect keeps the function it was made from.
const made = "~effect/Effect/args"

// What Effect.fn returns sets the frame as its outermost action. We recognise it by its code, the same for all: `Effect.fn` itself
// would bring Effect's spans into every program.
const frameSetter: string | undefined = (() => {
  const sample: unknown = Effect.updateService(Effect.void, References.CurrentStackFrame, (frame) => frame)
  const { [made]: action } = sample as Record<string, unknown>
  return typeof action === "function" ? String(action) : undefined
})()

// Where a wrapper of ours keeps the coroutine in it.
const wrapped = "~@effect-asyncio/core/wrapped"

/** Has `wrapper` go by the name of the coroutine that it wraps. */
export const wrapping = <A, E, R>(coroutine: unknown, wrapper: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Object.assign(wrapper, { [wrapped]: coroutine })

/**
 * The frame of a coroutine that has not started, or is done, by asking the outermost action of `Effect.fn` what it
 * would set. The body does not run. Where Effect changes how that works we know nothing, and say so.
 */
export const frameOfCoroutine = (coroutine: unknown): CoroutineFrame | undefined => {
  const { [made]: action, [wrapped]: inner } = coroutine as Record<string, unknown>
  if (inner !== undefined) return frameOfCoroutine(inner)
  if (frameSetter === undefined || typeof action !== "function" || String(action) !== frameSetter) return undefined
  let seen: Context.Context<never> | undefined
  const probe = {
    context: Context.empty(),
    _stack: [],
    setContext: (context: Context.Context<never>) => void (seen = context)
  }
  try {
    action(probe)
  } catch {
    return undefined
  }
  const frame = seen === undefined ? undefined : Context.get(seen, References.CurrentStackFrame)
  return frame === undefined ? undefined : toCoroutineFrame(frame)
}

/** FILE:LINE of the code that called the function that calls this. */
export const placeOfCaller = (): string | undefined => locationIn(captureStack(6)[5])

/** FILE:LINE at which the generator that is running right now stands, from the JavaScript stack. */
export const runningLine = (): string | undefined => {
  const lines = captureStack(50)
  const resumed = lines.findIndex((line) => /(Generator\.next|\bnext) \(<anonymous>\)/.test(line))
  return resumed > 0 ? locationIn(lines[resumed - 1]) : undefined
}

/** FILE:LINE at which a function of this name is running right now, from the JavaScript stack. */
export const runningLineOf = (name: string): string | undefined =>
  locationIn(
    captureStack(50).find((line) =>
      line
        .trim()
        .replace(/^at async /, "at ")
        .startsWith(`at ${name} (`)
    )
  )

const fileOf = (location: string): string => location.replace(/:\d+$/, "")

/** FILE:LINE at which `frames[i]` called `frames[i - 1]`, if that was in the file where it is defined. */
export const locationOfCall = (frames: ReadonlyArray<CoroutineFrame>, i: number): string | undefined => {
  const calledAt = frames[i - 1]?.calledAt
  const definedAt = frames[i]?.definedAt
  return calledAt !== undefined && definedAt !== undefined && fileOf(calledAt) === fileOf(definedAt)
    ? calledAt
    : undefined
}

// A coroutine that calls itself may have made any number.
const mostFrames = 100

/** Coroutines in the format of Python's stacks. */
export const frameTexts = (frames: ReadonlyArray<StackEntry>): ReadonlyArray<string> =>
  abridged(frames, mostFrames, frameText)

const frameText = ({ definedAt, location, name }: StackEntry): string => {
  const place = location ?? definedAt
  if (place === undefined) return `async ${callOf(name)}`
  const known = location === undefined ? "defined at line" : "line"
  return `File '${plain(fileOf(place))}', ${known} ${/\d*$/.exec(place)![0]}, in async ${callOf(name)}`
}
