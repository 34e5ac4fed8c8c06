/**
 * Regions: parts of a task whose cancellation can be taken back.
 *
 * Effect's own interruption is sticky: a fiber that was interrupted stays so. A region therefore runs in a fiber of its
 * own, as the task's innermost one. A native interrupt, the way into a foreign effect, hits only that fiber; what is
 * around the region is untouched and decides what happens next.
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type { CancelledError } from "../errors.ts"
import { CurrentTask } from "../fiberRefs.ts"
import { annotationsOf, cancellationIn, isInterruptible } from "./cancellation.ts"
import type { EventLoopImpl } from "./eventLoop.ts"
import { askAgain, cancelForScope, requestsOn, uncancelForScope } from "./line.ts"
import { loopOf } from "./loops.ts"
import { isDeep, nested, nestedOrNext } from "./nesting.ts"
import { nextTurn } from "./nextTurn.ts"
import { scopeOf, type Strand } from "./strand.ts"
import { adoptStores } from "./suspend.ts"
import type { TaskImpl } from "./task.ts"
import { type Unwinding, unwind } from "./unwinding.ts"
import { ownStrandOf } from "./wait.ts"

type AnyFiber = Fiber.Fiber<unknown, unknown>

/** Runs `body` as a region of the current task. In a plain fiber it runs as it is. */
export const region = <A, E, R>(body: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.withFiber((outer) => {
    const strand = ownStrandOf(outer)
    if (strand === undefined) return body
    // The context of an adopted fiber loses its task where the fiber leaves the scope in which it was adopted.
    const known = outer.getRef(CurrentTask) !== undefined
    const inside = known ? body : Effect.provideService(body, CurrentTask, strand.task)
    return inFiber(strand.task.loop, outer, inside, (inner) => strand.enterRegion(outer, inner), strand)
  })

/** Takes note of how a region ended. */
type Leave = (exit: Exit.Exit<unknown, unknown>) => void

/** Runs `body` in a fiber of its own, which ends with the outer one. `enter` is told which, and what it returned how it ended. */
const inFiber = <A, E, R>(
  loop: EventLoopImpl,
  outer: AnyFiber,
  body: Effect.Effect<A, E, R>,
  enter: (inner: AnyFiber) => Leave,
  strand?: Strand
): Effect.Effect<A, E> => {
  let leave!: Leave
  const entered = Effect.withFiber((inner) => {
    leave = enter(inner)
    return isDeep() ? Effect.andThen(nextTurn, body) : body
  }) as Effect.Effect<A, E>
  // Begun where the outer fiber has suspended for it: one that is interrupted by the body's first synchronous part, or
  // during it, interrupts the inner one at once.
  return Effect.callback<A, E>((resume) => {
    const begin = Effect.runForkWith(outer.context)
    const options = { uninterruptible: !isInterruptible(outer) }
    const inner = nested(() => loop.lineage.asPart(() => begin(entered, options)))
    const exit = inner.pollUnsafe()
    if (exit !== undefined) {
      leave(exit)
      return resume(exit)
    }
    let unwinding: Unwinding | undefined
    inner.addObserver((late) => {
      // What the body entered with `enterWith` is the task's, as what it set is in Python.
      adoptStores(outer)
      leave(late)
      unwinding = unwind(loop, strand, late, resume)
    })
    return Effect.suspend(() => {
      unwinding?.giveUp()
      return interruptNested(inner)
    })
  })
}

/** `Fiber.interrupt` of a fiber that may have been interrupted to interrupt another one, and so on. */
const interruptNested = (inner: AnyFiber): Effect.Effect<void> =>
  Effect.withFiber((fiber) => {
    const { stackFrame } = fiber.cache
    const annotations = stackFrame === undefined ? undefined : Context.make(Cause.InterruptorStackTrace, stackFrame)
    const interrupt = () => inner.interruptUnsafe(fiber.id, annotations)
    const loop = loopOf(fiber)
    nestedOrNext(loop, interrupt)
    return Effect.callback<void>((resume) => {
      inner.addObserver(() => nestedOrNext(loop, () => resume(Effect.void)))
    })
  })

/**
 * Who is cancelled for a timeout or a task group: the task, when its own fiber enters the scope; the strand, when that is
 * only a part of the task; and otherwise the plain fiber that did. A branch of `Effect.all` that times out must not cancel
 * the task it is a part of.
 */
export interface ScopeOwner {
  readonly loop: EventLoopImpl
  readonly task: TaskImpl | undefined
  /** Asks for the one cancellation that the scope takes back at its end. */
  cancel(error: CancelledError): void
  /** Takes {@link cancel} back; says how many requests are left, which are others'. */
  uncancel(): number
  /** Has a request from outside that the scope has hidden delivered at the next await; the count stays. */
  askAgain(error: CancelledError): void
  cancelling(): number
  /** The loop is closed, so that no time limit is kept any more. Undefined where the scope ends with a task. */
  loopClosed?(): void
}

/** The owner of a scope whose body is an Effect. */
export interface EffectScopeOwner extends ScopeOwner {
  /** Runs the scope's body so that `cancel` reaches it and nothing around it. */
  run<A, E, R>(body: Effect.Effect<A, E, R>): Effect.Effect<A, E, R>
}

export const scopeOwner: Effect.Effect<EffectScopeOwner> = Effect.withFiberSucceed((fiber) => {
  const strand = ownStrandOf(fiber)
  return strand === undefined ? new FiberOwner(fiber) : new StrandOwner(strand, fiber)
})

class StrandOwner implements EffectScopeOwner {
  readonly task: TaskImpl
  readonly #strand: Strand
  readonly #fiber: AnyFiber
  #request: CancelledError | undefined = undefined

  constructor(strand: Strand, fiber: AnyFiber) {
    this.task = strand.task
    this.#strand = strand
    this.#fiber = fiber
  }

  get loop(): EventLoopImpl {
    return this.task.loop
  }

  cancel(error: CancelledError): void {
    this.#request = error
    scopeOf.set(error, this.#fiber)
    cancelForScope(this.#strand, error)
  }

  uncancel(): number {
    scopeOf.delete(this.#request!)
    return uncancelForScope(this.#strand)
  }

  askAgain(error: CancelledError): void {
    askAgain(this.#strand, error)
  }

  cancelling(): number {
    return requestsOn(this.#strand)
  }

  run<A, E, R>(body: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    return region(body)
  }
}

class FiberOwner implements EffectScopeOwner {
  readonly loop: EventLoopImpl
  readonly task = undefined
  // The fiber of the scope's body, while it runs.
  #inner: AnyFiber | undefined = undefined
  #requests = 0

  constructor(outer: AnyFiber) {
    this.loop = loopOf(outer)
  }

  // On the next turn, as a task is: whoever asks goes on first.
  cancel(error: CancelledError): void {
    this.#requests++
    this.loop.enqueue({ run: () => this.#inner?.interruptUnsafe(undefined, annotationsOf(error)) })
  }

  uncancel(): number {
    return --this.#requests
  }

  loopClosed(): void {
    this.#inner?.interruptUnsafe()
  }

  // A plain fiber is cancelled from outside by a native interrupt, which nothing hides.
  askAgain(): void {}

  cancelling(): number {
    return this.#requests
  }

  run<A, E, R>(body: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    return Effect.withFiber((outer) =>
      inFiber(this.loop, outer, body, (inner) => {
        this.#inner = inner
        return () => void (this.#inner = undefined)
      })
    )
  }
}

/** Lets go of uninterruptibility, as given by `Effect.uninterruptibleMask`. */
export type Restore = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/**
 * Repeats `wait` until it ends otherwise than by a cancellation, of which any number may arrive meanwhile; each is shown
 * to `seen`. Python's loops that must not give up catch CancelledError in this way. A fiber that is interrupted natively
 * would fail again and again without waiting: from then on nothing interrupts the wait.
 */
export const insist = <A>(
  restore: Restore,
  wait: (restore: Restore) => Effect.Effect<A>,
  seen: (failure: Exit.Failure<never, never>) => void
): Effect.Effect<A> =>
  Effect.flatMap(Effect.exit(Effect.suspend(() => wait(restore))), (exit) => {
    if (Exit.isSuccess(exit) || cancellationIn(exit) === undefined) return exit
    seen(exit as Exit.Failure<never, never>)
    return Effect.flatMap(Effect.exit(restore(Effect.void)), (probe) =>
      Exit.isSuccess(probe) ? insist(restore, wait, seen) : wait((uninterrupted) => uninterrupted)
    )
  })
