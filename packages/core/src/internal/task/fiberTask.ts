/**
 * A task whose coroutine is an Effect, run on a fiber of its own.
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { CurrentTask } from "../model/references.ts"
import type { Birth } from "./ancestry.ts"
import type { TaskLoop } from "./taskLoop.ts"
import { frameOfCoroutine, framesOf, locationOfCall, runningLine, suspendedLine } from "./frames.ts"
import { coroutineRepr } from "../model/repr.ts"
import type { StackEntry } from "../model/Task.ts"
import { FiberScope } from "./fiberScope.ts"
import { canSuspend, runFiber } from "./suspend.ts"
import { TaskImpl } from "./task.ts"
import { makeTaskFiber } from "./taskFiber.ts"
import { runningTask } from "./current.ts"

// Where a fiber cannot be had before it runs. The same for all tasks, which find themselves in their fiber's context:
// nothing is allocated for it.
const enter: Effect.Effect<never> = Effect.withFiber(
  (fiber) => (fiber.getRef(CurrentTask) as unknown as FiberTask).enter(fiber) as Effect.Effect<never>
)

export class FiberTask<A = unknown, E = unknown> extends TaskImpl<A, E> {
  readonly #coroutine: Effect.Effect<A, E>
  declare root: FiberScope | undefined

  constructor(
    loop: TaskLoop,
    base: Context.Context<never>,
    coroutine: Effect.Effect<A, E>,
    name: string | undefined,
    birth: Birth
  ) {
    super(loop, base, name, birth)
    this.#coroutine = coroutine
  }

  override begin(): void {
    if (!canSuspend())
      return this.stepped(this.loop.lineage.asPart(() => Effect.runForkWith(this.makeContext())(enter)))
    const scope = (this.root ??= this.makeRoot())
    const fiber = makeTaskFiber(scope)
    scope.moveTo(fiber)
    const { lineage } = this.loop
    lineage.expected = true
    runFiber(fiber, this.#coroutine)
    lineage.expected = false
    this.stepped(fiber)
  }

  /** The task's own fiber begins. */
  enter(fiber: Fiber.Fiber<unknown, unknown>): Effect.Effect<unknown, unknown> {
    const scope = (this.root ??= this.makeRoot())
    scope.entered = fiber.context
    scope.moveTo(fiber)
    return this.#coroutine
  }

  /**
   * A step of the task's own fiber is over. An await of ours resumes the fiber in a step, so that its end is seen here; from
   * anywhere else it may go on by itself, and has to be watched.
   */
  stepped(fiber: Fiber.Fiber<unknown, unknown>): void {
    const scope = this.root
    // Over already, which whoever watched has told.
    if (scope === undefined || scope.watched) return
    const exit = fiber.pollUnsafe()
    if (exit !== undefined) this.finish(exit as Exit.Exit<A, E>)
    else if (!scope.suspendedByUs()) {
      this.loop.noteForeign()
      this.watch(fiber)
    }
  }

  /** Has the fiber, which may go on without a step of ours, tell its end. */
  watch(fiber: Fiber.Fiber<unknown, unknown>): void {
    this.root!.watched = true
    fiber.addObserver((exit) => this.finish(exit as Exit.Exit<A, E>))
  }

  protected override makeRoot(): FiberScope {
    return new FiberScope(this, undefined)
  }

  override finish(exit: Exit.Exit<A, E>): void {
    super.finish(exit)
    this.root?.moveTo(undefined)
    this.root = undefined
  }

  override ownScopeOf(fiber: Fiber.Fiber<unknown, unknown>): FiberScope | undefined {
    return this.root?.fiber === fiber ? this.root : undefined
  }

  get #fiber(): Fiber.Fiber<unknown, unknown> | undefined {
    return this.root?.fiber
  }

  // ---- printing --------------------------------------------------------------------------------------------------

  override getCoro(): Effect.Effect<A, E> {
    return this.#coroutine
  }

  override coroutineText(): string {
    const done = this.exit !== undefined
    // The second tells where the first, the task's own, stands.
    const frames = this.#fiber === undefined ? [] : framesOf(this.#fiber, this.base, 2)
    const frame = frames[frames.length - 1] ?? frameOfCoroutine(this.#coroutine)
    return coroutineRepr(frame, {
      done,
      location: done ? undefined : (this.#location(frames) ?? this.#startLocation(frame))
    })
  }

  #location(frames: ReturnType<typeof framesOf>): string | undefined {
    // While an inner coroutine runs, ours stands at the call of it.
    if (frames.length > 1) return suspendedLine(frames)
    return runningTask() === this ? runningLine() : undefined
  }

  /** A coroutine that has not started stands at its definition, as in CPython. */
  #startLocation(frame: ReturnType<typeof frameOfCoroutine>): string | undefined {
    return this.#fiber === undefined ? frame?.definedAt : undefined
  }

  override stackFrames(): ReadonlyArray<StackEntry> {
    const frames = this.#fiber === undefined ? [] : framesOf(this.#fiber, this.base)
    const known =
      frames.length > 0 ? frames : [frameOfCoroutine(this.#coroutine)].filter((frame) => frame !== undefined)
    const newest = runningTask() === this ? runningLine() : this.#startLocation(known[0])
    // Every coroutine but the newest stands where it called the next.
    return known.map(({ definedAt, name }, i) => ({
      name,
      definedAt,
      location: i === 0 ? newest : locationOfCall(known, i)
    }))
  }

  override describeCoroutine(): {
    readonly text: () => string
    readonly createdAt: () => string | undefined
  } {
    const coroutine = this.#coroutine
    return {
      text: () => coroutineRepr(frameOfCoroutine(coroutine), { done: true, location: undefined }),
      createdAt: () => frameOfCoroutine(coroutine)?.calledAt
    }
  }
}

/**
 * The task of a plain fiber that asked for one: it did not start the fiber and does not own its failure.
 */
export class AdoptedTask extends FiberTask {
  override get outlivesLoop(): boolean {
    return true
  }

  constructor(loop: TaskLoop, fiber: Fiber.Fiber<unknown, unknown>) {
    super(loop, fiber.context, Fiber.join(fiber), undefined, loop.births.by(undefined))
    void this.enter(fiber)
    this.ownScopeOf(fiber)!.watched = true
    loop.register(this)
    fiber.addObserver((exit) => {
      this.finish(exit)
      // Whoever runs the fiber sees how it ended.
      this.markRetrieved()
    })
  }
}
