/**
 * Python's `async with` for locks and semaphores: takes one, runs the body, and gives it back however the body ended.
 *
 * In a task that is a frame on its fiber, which is there from the moment that the lock is taken: nothing comes between. A plain fiber,
 * and a task where frames cannot be had, says the same in words of Effect.
 */
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type { AnyFiber } from "../model/AnyFiber.ts"
import { checkEffect } from "../model/arguments.ts"
import type { Attempt } from "./attempt.ts"
import type { Hold } from "../task/scopedEffect.ts"
import { canPush, OwnFrame } from "../task/ownFrames.ts"
import { canSuspend } from "../task/suspend.ts"
import type { TaskImpl } from "../task/task.ts"
import { scopeOf } from "../task/current.ts"

/** A lock or a semaphore. */
export interface Held {
  releaseUnsafe(): void
}

/** Runs `body` with what `acquire` takes. What giving it back throws replaces its exit. */
export const holding = <A, E, R>(
  acquire: Attempt<true, never>,
  held: Held,
  body: Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> => {
  if (!Effect.isEffect(body)) return Effect.suspend(() => checkEffect(body, "use()"))
  return Effect.withFiber<A, E, R>((fiber) => {
    const scope = canPush() && canSuspend() ? scopeOf(fiber) : undefined
    if (scope === undefined) return masked(acquire, held, body, scopeOf(fiber)?.task)
    const hold = new HoldFrame(held, body as Effect.Effect<A, E>)
    return acquire.evaluateHolding(fiber, scope, hold) as Effect.Effect<A, E>
  })
}

/** The waiting and the body can be interrupted, and nothing between them or behind them; see {@link Attempt.inside}. */
const masked = <A, E, R>(
  acquire: Attempt<true, never>,
  held: Held,
  body: Effect.Effect<A, E, R>,
  task: TaskImpl | undefined
): Effect.Effect<A, E, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(acquire.inside(restore, "use"), () => {
      const forget = task === undefined ? undefined : noteHeld(task, held)
      return Effect.flatMap(Effect.exit(restore(body)), (exit) =>
        Effect.andThen(
          Effect.sync(() => {
            forget?.()
            held.releaseUnsafe()
          }),
          exit
        )
      )
    })
  )

/** What tasks hold by a `use` that is no frame on a fiber: for tools that look at tasks. */
export const heldInMask = /*#__PURE__*/ new WeakMap<TaskImpl, Array<Held>>()

const noteHeld = (task: TaskImpl, held: Held): (() => void) => {
  const all = heldInMask.get(task) ?? []
  heldInMask.set(task, [...all, held])
  return () => {
    const left = [...(heldInMask.get(task) ?? [])]
    left.splice(left.lastIndexOf(held), 1)
    heldInMask.set(task, left)
  }
}

export class HoldFrame extends OwnFrame implements Hold {
  readonly held: Held
  readonly #body: Effect.Effect<unknown, unknown>

  constructor(held: Held, body: Effect.Effect<unknown, unknown>) {
    super()
    this.held = held
    this.#body = body
  }

  begin(fiber: AnyFiber): Effect.Effect<unknown, unknown> {
    this.push(fiber)
    return this.#body
  }

  protected override ended(_fiber: AnyFiber, exit: Exit.Exit<unknown, unknown>): Exit.Exit<unknown, unknown> {
    this.held.releaseUnsafe()
    return exit
  }
}
