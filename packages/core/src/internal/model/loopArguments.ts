/**
 * Looks at what runs and loops are given, before anything is made.
 */
import { checkCopy } from "./copy.ts"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import type { Coroutine } from "./Coroutine.ts"
import type { EventLoop } from "./EventLoop.ts"
import { unexpectedValue } from "./hints.ts"
import { checkFunction, checkMaxThreads, checkOptions, toMillis } from "./arguments.ts"

const has = (value: unknown, method: string): boolean =>
  typeof (value as Record<string, unknown> | null | undefined)?.[method] === "function"

/** The options of a loop. */
export const checkLoopOptions = (options: unknown, operation: string): void => {
  checkOptions(options, operation, "{ debug: true }")
  const { aroundIteration, clock, context, maxThreads } = (options ?? {}) as Readonly<Record<string, unknown>>
  checkMaxThreads(maxThreads)
  if (aroundIteration !== undefined) {
    checkFunction(aroundIteration, operation, "{ aroundIteration: (iteration) => iteration() }")
  }
  if (clock !== undefined && !(has(clock, "sleep") && has(clock, "monotonicTimeNanosUnsafe"))) {
    // When: the option `clock` of a run or a loop is none.
    throw unexpectedValue(
      `a Clock was expected by ${operation}`,
      clock,
      "Give it what `Clock.Clock` stands for in Effect."
    )
  }
  if (context !== undefined && !Context.isContext(context)) {
    // When: the option `context` of a run or a loop is none.
    throw unexpectedValue(
      `a Context was expected by ${operation}`,
      context,
      "Give it what `Context.make` or `Effect.context` gives; layers are built before, or given to compat as `runtime`."
    )
  }
}

/** The options of a run. */
export const checkRunOptions = (options: unknown, operation: string): void => {
  checkLoopOptions(options, operation)
  const { grace, inspect, loopFactory, onDeadlock } = (options ?? {}) as Readonly<Record<string, unknown>>
  if (grace !== undefined) toMillis(grace as Duration.Input)
  if (loopFactory !== undefined) checkFunction(loopFactory, operation, "{ loopFactory: () => newEventLoop() }")
  if (inspect !== undefined && typeof inspect !== "boolean" && (typeof inspect !== "object" || inspect === null)) {
    // When: the option `inspect` of a run is neither a boolean nor options.
    throw unexpectedValue(
      `true, or options of \`serve\` of @effect-asyncio/inspect, were expected as inspect by ${operation}`,
      inspect,
      "Give it `true`."
    )
  }
  if (onDeadlock !== undefined && onDeadlock !== "report" && onDeadlock !== "fail") {
    // When: the option `onDeadlock` of a run is neither "report" nor "fail".
    throw unexpectedValue(
      `"report" or "fail" was expected by ${operation}`,
      onDeadlock,
      "Leave it out to be told only."
    )
  }
}

/** What a loop factory made. */
export const checkLoop = <L>(loop: L): L => {
  const given = loop as Partial<EventLoop> | null | undefined
  if (typeof given?.runUntilComplete === "function" && typeof given.callSoonUnsafe === "function") {
    checkCopy(given)
    return loop
  }
  // When: the option `loopFactory` of a run returned something else than a loop, or nothing.
  throw unexpectedValue(
    "a loop factory must return a loop",
    loop,
    "Return what `newEventLoop` or `makeVirtualTimeLoop` gives."
  )
}

/** A scope of another kind of coroutine, which a scope is to cancel. */
export const checkScope = (scope: unknown, operation: string): void => {
  if (has(scope, "cancelling") && has(scope, "await")) return
  // When: `openTimeoutUnsafe` or `openTaskGroupUnsafe` got no scope of a coroutine.
  throw unexpectedValue(`a scope of a coroutine was expected by ${operation}`, scope, "Give it what `begin` was given.")
}

/** Another kind of coroutine. */
export const checkCoroutine = (coroutine: unknown, operation: string): void => {
  const given = coroutine as Partial<Coroutine<unknown, unknown>> | null | undefined
  if (typeof given?.begin === "function" && typeof given.describe === "function") return
  // When: `createCoroutineTaskUnsafe`, `runCoroutine` or `embedCoroutine` got no Coroutine.
  throw unexpectedValue(
    `a Coroutine was expected by ${operation}`,
    coroutine,
    "Give it an object with `begin` and `describe`."
  )
}
