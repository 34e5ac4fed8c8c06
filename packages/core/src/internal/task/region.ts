/**
 * Regions: parts of a task whose cancellation can be taken back.
 *
 * Effect's own interruption is sticky: a fiber that was interrupted stays so. A native interrupt, the way into a foreign
 * effect, must therefore end with the region. There are two ways to have that:
 *
 *     in place     a frame on the task's own fiber, which takes back at its end what was ours of the interruption
 *     in a fiber   the body runs in a fiber of its own, as the task's innermost one, and only that one is interrupted
 *
 * A region in place is one object and costs no turn and none of JavaScript's stack. It writes one field of Effect's, so it is
 * tried out (ownFrames.ts); where that fails, and where the code around cannot be interrupted, a fiber serves. What
 * programs see is the same, and a test compares the two.
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type { CancelledError } from "../model/CancelledError.ts"
import { CurrentTask } from "../model/references.ts"
import { annotationsOf, cancellationIn, isInterruptible, withoutCancellations } from "./cancellation.ts"
import type { EventLoopImpl } from "../make/eventLoop.ts"
import { askAgain, cancelForScope, requestsOn, uncancelForScope } from "./line.ts"
import { loopOf } from "../make/loops.ts"
import { isDeep, nested, nestedOrNext } from "../host/nesting.ts"
import { nextTurn } from "./nextTurn.ts"
import { canPush, interiorOf, OwnFrame } from "./ownFrames.ts"
import { type RegionInPlace, scopeOf, type Strand } from "./strand.ts"
import { adoptStores } from "./suspend.ts"
import type { TaskImpl } from "./task.ts"
import { unwind, type Unwinding } from "./unwinding.ts"
import { ownStrandOf } from "./wait.ts"

type AnyFiber = Fiber.Fiber<unknown, unknown>

/** Runs `body` as a region of the current task. In a plain fiber it runs as it is. */
export const region = <A, E, R>(body: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.withFiber((outer) => {
    const strand = ownStrandOf(outer)
    if (strand === undefined) return body
    const inside = knowing(strand, outer, body)
    if (!canBeInPlace(outer)) return asFiber(strand, outer, inside)
    new RegionFrame(strand).enter(outer)
    return inside
  })

/** The context of an adopted fiber loses its task where the fiber leaves the scope in which it was adopted. */
const knowing = <A, E, R>(strand: Strand, fiber: AnyFiber, body: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  fiber.getRef(CurrentTask) !== undefined ? body : Effect.provideService(body, CurrentTask, strand.task)

// ---- in place ------------------------------------------------------------------------------------------------------

/**
 * Whether a region of a task can be a frame on `fiber`. Where the fiber is masked or interrupted already, what is inside could
 * not be told from what is around by a mark that both have.
 */
const canBeInPlace = (fiber: AnyFiber): boolean => {
  if (!canPush()) return false
  const { _interruptedCause: interrupted, interruptible } = interiorOf(fiber)
  return interruptible && interrupted === undefined
}

class RegionFrame extends OwnFrame implements RegionInPlace {
  around: RegionInPlace | undefined = undefined
  protected readonly strand: Strand
  // The children that the fiber had before: not those that end with the region.
  #childrenAround: ReadonlySet<AnyFiber> | undefined = undefined

  constructor(strand: Strand) {
    super()
    this.strand = strand
  }

  enter(fiber: AnyFiber): void {
    const children = interiorOf(fiber)._children
    if (children !== undefined && children.size > 0) this.#childrenAround = new Set(children)
    this.strand.enterInPlace(this)
    this.push(fiber)
  }

  protected override ended(fiber: AnyFiber, exit: Exit.Exit<unknown, unknown>): Effect.Effect<unknown, unknown> {
    const children = this.#childrenInside(fiber)
    if (children === undefined) return this.over(this.#leave(fiber, exit))
    return Effect.flatMap(Fiber.interruptAll(children), () => this.over(this.#leave(fiber, exit)))
  }

  /** What comes behind the region, and how that ends. */
  protected over(exit: Exit.Exit<unknown, unknown>): Effect.Effect<unknown, unknown> {
    return exit
  }

  /** The fibers that were forked inside, which end with the region as with their fiber. */
  #childrenInside(fiber: AnyFiber): ReadonlyArray<AnyFiber> | undefined {
    const children = interiorOf(fiber)._children
    if (children === undefined || children.size === 0) return undefined
    const inside = [...children].filter((child) => this.#childrenAround?.has(child) !== true)
    return inside.length === 0 ? undefined : inside
  }

  /** Takes back what was ours of the interruption, and says how the region ended. */
  #leave(fiber: AnyFiber, exit: Exit.Exit<unknown, unknown>): Exit.Exit<unknown, unknown> {
    const ours = this.strand.leaveInPlace(this)
    const interior = interiorOf(fiber)
    const interrupted = interior._interruptedCause
    if (interrupted === undefined) return exit
    const others = withoutCancellations(interrupted, ours)
    interior._interruptedCause = others
    // Somebody has interrupted the fiber itself, with which it does not matter any more how the body has ended.
    if (others !== undefined) return Exit.failCause(others)
    // Of ours, and where the exit does not tell of it, it arrived while the children were waited for.
    return Exit.isSuccess(exit) || !Cause.hasInterrupts(exit.cause) ? Exit.failCause(interrupted) : exit
  }
}

// ---- in a fiber ----------------------------------------------------------------------------------------------------

const asFiber = <A, E, R>(strand: Strand, outer: AnyFiber, body: Effect.Effect<A, E, R>): Effect.Effect<A, E> =>
  inFiber(strand.task.loop, outer, body, (inner) => strand.enterRegion(outer, inner), strand)

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
  /** What was asked for and has not been delivered yet. */
  pendingCancellation(): CancelledError | undefined
  /** The loop is closed, so that no time limit is kept any more. Undefined where the scope ends with a task. */
  loopClosed?(): void
}

/** What ends with a scope: a time limit, a group of tasks. */
export interface ScopeEnd {
  /** Ends it, given how the body ended, and says how the scope ends. Inside an uninterruptible mask, of which `restore` is. */
  endInside(restore: Restore, exit: Exit.Exit<unknown, unknown>): Effect.Effect<unknown, unknown>
}

/** The owner of a scope whose body is an Effect. */
export interface EffectScopeOwner extends ScopeOwner {
  /**
   * Runs the scope's body in the fiber that the owner was made for, so that `cancel` reaches it and nothing around it; and behind
   * it `end`, also when it was interrupted natively from outside.
   */
  run(body: () => Effect.Effect<unknown, unknown>, end: ScopeEnd): Effect.Effect<unknown, unknown>
}

/** The owner of a scope that `fiber`, which is running, enters now. */
export const scopeOwnerOf = (fiber: AnyFiber): EffectScopeOwner => {
  const strand = ownStrandOf(fiber)
  return strand === undefined ? new FiberOwner(fiber) : new StrandOwner(strand, fiber)
}

/** Runs the body of a scope, and its end, in words of Effect. */
const masked = (inside: Effect.Effect<unknown, unknown>, end: ScopeEnd): Effect.Effect<unknown, unknown> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(Effect.exit(restore(inside)), (exit) => end.endInside(restore, exit))
  )

class StrandOwner extends RegionFrame implements EffectScopeOwner {
  readonly #fiber: AnyFiber
  readonly #place: object
  #request: CancelledError | undefined = undefined
  #end: ScopeEnd | undefined = undefined

  constructor(strand: Strand, fiber: AnyFiber) {
    super(strand)
    this.#fiber = fiber
    this.#place = strand.place
  }

  get task(): TaskImpl {
    return this.strand.task
  }

  get loop(): EventLoopImpl {
    return this.task.loop
  }

  cancel(error: CancelledError): void {
    this.#request = error
    scopeOf.set(error, this.#place)
    cancelForScope(this.strand, error)
  }

  uncancel(): number {
    scopeOf.delete(this.#request!)
    return uncancelForScope(this.strand)
  }

  askAgain(error: CancelledError): void {
    askAgain(this.strand, error)
  }

  cancelling(): number {
    return requestsOn(this.strand)
  }

  pendingCancellation(): CancelledError | undefined {
    return this.strand.pendingCancellation()
  }

  run(body: () => Effect.Effect<unknown, unknown>, end: ScopeEnd): Effect.Effect<unknown, unknown> {
    const fiber = this.#fiber
    if (!canBeInPlace(fiber)) return masked(region(Effect.suspend(body)), end)
    this.#end = end
    this.enter(fiber)
    return knowing(this.strand, fiber, body())
  }

  protected override over(exit: Exit.Exit<unknown, unknown>): Effect.Effect<unknown, unknown> {
    return this.#end!.endInside(Effect.interruptible, exit)
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

  pendingCancellation(): undefined {
    return undefined
  }

  run(body: () => Effect.Effect<unknown, unknown>, end: ScopeEnd): Effect.Effect<unknown, unknown> {
    const inside = Effect.withFiber((outer) =>
      inFiber(this.loop, outer, Effect.suspend(body), (inner) => {
        this.#inner = inner
        return () => void (this.#inner = undefined)
      })
    )
    return masked(inside, end)
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
