/**
 * What Effect's fibers have, and its types do not promise. A module that uses any of it tries it out first, and has another way in the
 * words of Effect's types.
 */
import type * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type { AnyFiber } from "../model/AnyFiber.ts"

export interface FiberInside {
  readonly _stack: Array<unknown>
  _exit: Exit.Exit<unknown, unknown> | undefined
  readonly _observers: ReadonlyArray<unknown> | undefined
  readonly _children: ReadonlySet<AnyFiber> | undefined
  readonly _parent: AnyFiber | undefined
  readonly cache: { readonly runtimeMetrics: unknown }
  context: Context.Context<never>
  /** How it ended, or what is to be called when it goes on. */
  _yielded: Exit.Exit<unknown, unknown> | (() => void) | undefined
  /** What has interrupted it. As long as it is there, whatever the fiber does fails with it wherever it can be interrupted. */
  _interruptedCause: Cause.Cause<never> | undefined
  /** Interrupted while it runs, and about to see it. */
  readonly _deferredInterrupt: boolean
  interruptible: boolean
  /** The stores of the host that it suspended with, which it goes on with. */
  _asyncContext?: { emitDestroy?(): void } | undefined
  yieldWith(onResumed: () => void): Effect.Effect<never>
  evaluate(effect: Effect.Effect<unknown, unknown>): void
  runLoop(effect: Effect.Effect<unknown, unknown>): unknown
  setContext(context: Context.Context<never>): void
  getRef<A>(reference: Context.Reference<A>): A
  interruptUnsafe(fiberId?: number, annotations?: Context.Context<never>): void
}

export const insideOf = (fiber: AnyFiber): FiberInside => fiber as unknown as FiberInside

type FiberClass = new (context: Context.Context<never>, interruptible: boolean) => FiberInside

let known: FiberClass | undefined

/** The class of fibers, to be extended. Effect does not export it. */
export const fiberClass = (): FiberClass => (known ??= Effect.runFork(Effect.void).constructor as FiberClass)

/** Makes a fiber that has not begun. */
export const makeFiber = (context: Context.Context<never>): AnyFiber =>
  new (fiberClass())(context, true) as unknown as AnyFiber

/** Runs a fiber of {@link makeFiber} until it first suspends. */
export const runFiber = (fiber: AnyFiber, effect: Effect.Effect<unknown, unknown>): void =>
  insideOf(fiber).evaluate(effect)
