/**
 * A part of a task that no cancellation enters.
 */
import type { CancelledError } from "../model/CancelledError.ts"
import * as Effect from "effect/Effect"
import type { AnyFiber } from "../model/AnyFiber.ts"
import type { Coroutine } from "../model/Coroutine.ts"
import { spawn } from "../make/tasks.ts"
import { host } from "../make/coroutines.ts"
import { newSilentRequest } from "../task/future.ts"
import { shieldedFor } from "../task/shieldedScope.ts"
import type { FiberScope } from "../task/fiberScope.ts"
import { checkedScopeOf } from "../task/current.ts"
import { untilDone } from "../task/fiberWait.ts"
import { callerOf } from "./awaitables.ts"

/** Runs `body` on a fiber of its own, for which `fiber` waits, and holds requests back for `limit` milliseconds at most. */
export const withShield = <A, E>(
  fiber: AnyFiber,
  limit: number | undefined,
  body: () => Effect.Effect<A, E>
): Effect.Effect<A, E | CancelledError> => {
  const scope = checkedScopeOf(fiber)
  return scope === undefined ? inPlainFiber(fiber, limit, body) : inScope(scope, fiber, limit, body)
}

const inScope = <A, E>(
  scope: FiberScope,
  fiber: AnyFiber,
  limit: number | undefined,
  body: () => Effect.Effect<A, E>
): Effect.Effect<A, E | CancelledError> => {
  const coroutine: Coroutine<A, E | CancelledError> = {
    begin: (control) => control.run(Effect.suspend(body), (exit) => control.end(exit)),
    cancelRequested: () => {},
    describe: () => ({ name: "shielded", definedAt: undefined, calledAt: undefined })
  }
  return Effect.callback((resume) => host(scope, fiber, coroutine, resume, shieldedFor(limit)))
}

/** An interrupt of a plain fiber cannot be taken back: the body runs in a task of its own, whose end is waited for. */
const inPlainFiber = <A, E>(
  fiber: AnyFiber,
  limit: number | undefined,
  body: () => Effect.Effect<A, E>
): Effect.Effect<A, E | CancelledError> => {
  const { context, loop, task: around } = callerOf(fiber)
  return Effect.callback((resume) => {
    const task = spawn(loop, context, Effect.suspend(body), undefined)
    let isInterrupted = false
    // Once no code waits for the result, a failure is never retrieved, and reported.
    const done = () => (isInterrupted ? undefined : resume(task.retrieve()))
    task.addCallback(done, "shielded.<locals>._done", around)
    return Effect.suspend(() => {
      isInterrupted = true
      if (limit === undefined || limit === Infinity) return untilDone(task)
      const cancel = () => void task.cancelWith(newSilentRequest(loop, "timeout", "the limit of its shield is over"))
      const timer = loop.callLaterUnsafe(limit, cancel)
      return Effect.map(untilDone(task), () => timer.cancelUnsafe())
    })
  })
}
