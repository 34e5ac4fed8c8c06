/**
 * A task whose coroutine is an Effect, run on a fiber of its own.
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type { CancelledError } from "../errors.ts"
import { CurrentTask } from "../fiberRefs.ts"
import { annotationsOf, isInterruptible } from "./cancellation.ts"
import type { EventLoopImpl } from "./eventLoop.ts"
import { frameOfCoroutine, framesOf, lineOfCall, runningLine, suspendedLine } from "./frames.ts"
import type { Runnable } from "./readyQueue.ts"
import { coroutineRepr } from "./repr.ts"
import type { StackEntry } from "../Task.ts"
import type { FutureImpl } from "./future.ts"
import { TaskImpl } from "./task.ts"
import { runningTask, type Wait } from "./wait.ts"

/** The cancellations that timeouts and task groups have asked for and not taken back, with the fiber each is in. */
export const scopeOf = new WeakMap<CancelledError, Fiber.Fiber<unknown, unknown>>()

type RegionEnd = (exit: Exit.Exit<unknown, unknown>) => void

export class FiberTask<A = unknown, E = unknown> extends TaskImpl<A, E> {
  readonly #coroutine: Effect.Effect<A, E>
  // What is run: the coroutine, in a span if one was asked for.
  readonly #body: Effect.Effect<A, E>
  /**
   * The innermost of the task's own fibers: the coroutine's, or that of the region it is in. Its awaits are the task's
   * own, and a native interrupt hits only this one. Undefined before the first step.
   */
  fiber: Fiber.Fiber<unknown, unknown> | undefined = undefined
  // The await in flight. Undefined while running, and while a foreign effect has the fiber.
  #wait: Wait | undefined = undefined
  // The cancellations that went to the innermost fiber as native interrupts.
  #interruptions: ReadonlyArray<CancelledError> = []

  constructor(
    loop: EventLoopImpl,
    context: Context.Context<never>,
    coroutine: Effect.Effect<A, E>,
    name: string | undefined,
    body = coroutine
  ) {
    super(loop, context, name)
    this.#coroutine = coroutine
    this.#body = body
  }

  protected override begin(): void {
    const entered = Effect.withFiber((fiber) => {
      this.fiber = fiber
      return this.#body
    })
    // The task is added here and not to `context`, so that a context given by the user stays the user's object.
    const fiber = Effect.runForkWith(Context.add(this.context, CurrentTask, this as TaskImpl))(entered)
    const exit = fiber.pollUnsafe()
    if (exit === undefined) fiber.addObserver((late) => this.finish(late))
    else this.finish(exit)
  }

  override finish(exit: Exit.Exit<A, E>): void {
    super.finish(exit)
    this.fiber = undefined
  }

  override owns(fiber: Fiber.Fiber<unknown, unknown>): boolean {
    return this.fiber === fiber
  }

  override addWait(wait: Wait): void {
    this.#wait = wait
  }

  override removeWait(): void {
    this.#wait = undefined
  }

  override ownWait(): Wait | undefined {
    return this.#wait
  }

  // ---- cancellation ----------------------------------------------------------------------------------------------

  protected override get asksInChain(): boolean {
    return true
  }

  protected override passOn(error: CancelledError): boolean | TaskImpl {
    // A scope's request is about to replace one from outside, and may be dropped: that one has to be on its way then.
    if (this.mustCancel !== undefined && scopeOf.has(error)) this.#protects(this.mustCancel)
    const wait = this.#wait
    if (wait !== undefined) {
      if (wait.future === undefined) return false
      return this.#protects(error) || (this.nextInChain(wait, error) ?? this.passOnTo(wait, error))
    }
    // Running, or in a foreign effect. Which of the two, and whether it stays so, shows on the next turn.
    if (this.fiber !== undefined && this.mustCancel === undefined) this.loop.enqueue(new Delivery(this))
    return false
  }

  protected override takeCancellation(): CancelledError | undefined {
    const error = super.takeCancellation()
    return error !== undefined && this.#protects(error) ? undefined : error
  }

  /** In an uninterruptible region a cancellation waits for its end: Effect delivers it there. */
  #protects(error: CancelledError): boolean {
    if (this.fiber === undefined || isInterruptible(this.fiber)) return false
    this.#leaveTo(this.fiber, error)
    return true
  }

  /**
   * Has Effect deliver a cancellation when `fiber` leaves its uninterruptible region. Not one that a scope of that very
   * fiber asked for: the scope takes it back at its end, and the mark on the fiber would stay.
   */
  #leaveTo(fiber: Fiber.Fiber<unknown, unknown>, error: CancelledError): void {
    if (scopeOf.get(error) !== fiber) this.#interrupt(fiber, error)
  }

  #interrupt(fiber: Fiber.Fiber<unknown, unknown>, error: CancelledError): void {
    this.#interruptions = [...this.#interruptions, error]
    fiber.interruptUnsafe(undefined, annotationsOf(error))
  }

  /** Interrupts the fiber if a foreign effect has it; an await of our own delivers the cancellation itself. */
  deliver(): void {
    const error = this.mustCancel
    if (error === undefined || this.fiber === undefined || this.#wait !== undefined) return
    this.mustCancel = undefined
    this.#interrupt(this.fiber, error)
  }

  /**
   * Makes `inner` the innermost fiber. The returned function ends that, given how `inner` ended: inside an uninterruptible
   * region of `outer` it may end without having delivered the interrupts it got, which are then `outer`'s to deliver.
   */
  enterRegion(outer: Fiber.Fiber<unknown, unknown>, inner: Fiber.Fiber<unknown, unknown>): RegionEnd {
    const before = this.#interruptions
    this.#interruptions = []
    this.fiber = inner
    return (exit) => {
      const errors = this.#interruptions
      this.#interruptions = before
      this.fiber = outer
      const delivered = exit._tag === "Failure" && Cause.hasInterrupts(exit.cause)
      if (delivered || isInterruptible(outer)) return
      for (const error of errors) this.#leaveTo(outer, error)
    }
  }

  // ---- printing --------------------------------------------------------------------------------------------------

  override getCoro(): Effect.Effect<A, E> {
    return this.#coroutine
  }

  protected override coroutineText(): string {
    const done = this.exit !== undefined
    const frames = this.fiber === undefined ? [] : framesOf(this.fiber, this.context)
    const frame = frames[frames.length - 1] ?? frameOfCoroutine(this.#coroutine)
    return coroutineRepr(frame, { done, line: done ? undefined : (this.#line(frames) ?? this.#startLine(frame)) })
  }

  #line(frames: ReturnType<typeof framesOf>): string | undefined {
    // While an inner coroutine runs, ours stands at the call of it.
    if (frames.length > 1) return suspendedLine(frames)
    return runningTask() === this ? runningLine() : undefined
  }

  /** A coroutine that has not started stands at its definition, as in CPython. */
  #startLine(frame: ReturnType<typeof frameOfCoroutine>): string | undefined {
    return this.fiber === undefined ? frame?.definedAt : undefined
  }

  protected override awaited(): FutureImpl | undefined {
    return this.#wait?.future
  }

  protected override stackFrames(): ReadonlyArray<StackEntry> {
    const frames = this.fiber === undefined ? [] : framesOf(this.fiber, this.context)
    const known =
      frames.length > 0 ? frames : [frameOfCoroutine(this.#coroutine)].filter((frame) => frame !== undefined)
    const newest = runningTask() === this ? runningLine() : this.#startLine(known[0])
    // Every coroutine but the newest stands where it called the next.
    return known.map(({ definedAt, name }, i) => ({ name, definedAt, line: i === 0 ? newest : lineOfCall(known, i) }))
  }

  protected override describeCoroutine(): {
    readonly text: () => string
    readonly createdAt: () => string | undefined
  } {
    const coroutine = this.#coroutine
    return {
      text: () => coroutineRepr(frameOfCoroutine(coroutine), { done: true, line: undefined }),
      createdAt: () => frameOfCoroutine(coroutine)?.calledAt
    }
  }
}

class Delivery implements Runnable {
  readonly #task: FiberTask

  constructor(task: FiberTask) {
    this.#task = task
  }

  run(): void {
    this.#task.deliver()
  }
}

/**
 * The task of a plain fiber that asked for one: it did not start the fiber and does not own its failure.
 */
export class AdoptedTask extends FiberTask {
  constructor(loop: EventLoopImpl, fiber: Fiber.Fiber<unknown, unknown>) {
    super(loop, fiber.context, Fiber.join(fiber), undefined)
    this.fiber = fiber
    loop.register(this)
    fiber.addObserver((exit) => {
      this.finish(exit)
      // Whoever runs the fiber sees how it ended.
      this.markRetrieved()
    })
  }
}
