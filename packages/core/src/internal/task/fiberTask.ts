/**
 * A task whose coroutine is an Effect, run on a fiber of its own.
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type { AnyFiber } from "../model/AnyFiber.ts"
import { CurrentTask } from "../model/references.ts"
import type { Birth } from "./ancestry.ts"
import type { TaskLoop } from "./taskLoop.ts"
import { runFiber } from "./fiberInside.ts"
import { FiberScope } from "./fiberScope.ts"
import { canSuspend } from "./suspend.ts"
import { TaskImpl } from "./task.ts"
import { makeTaskFiber } from "./taskFiber.ts"

// For where a fiber cannot be made before it runs. The same for all tasks, which find themselves in their fiber's context:
// nothing is allocated for it.
const enter: Effect.Effect<never> = Effect.withFiber(
  (fiber) => (fiber.getRef(CurrentTask) as unknown as FiberTask).enter(fiber) as Effect.Effect<never>
)

export class FiberTask<A = unknown, E = unknown> extends TaskImpl<A, E> {
  readonly coroutine: Effect.Effect<A, E>
  declare root: FiberScope | undefined

  constructor(
    loop: TaskLoop,
    base: Context.Context<never>,
    coroutine: Effect.Effect<A, E>,
    name: string | undefined,
    birth: Birth
  ) {
    super(loop, base, name, birth)
    this.coroutine = coroutine
  }

  override begin(): void {
    if (!canSuspend())
      return this.stepped(this.loop.lineage.asPart(() => Effect.runForkWith(this.makeContext())(enter)))
    const scope = (this.root ??= this.makeRoot())
    const fiber = makeTaskFiber(scope)
    scope.moveTo(fiber)
    const { lineage } = this.loop
    lineage.expected = true
    runFiber(fiber, this.coroutine)
    lineage.expected = false
    this.stepped(fiber)
  }

  /** The task's own fiber begins. */
  enter(fiber: AnyFiber): Effect.Effect<unknown, unknown> {
    const scope = (this.root ??= this.makeRoot())
    scope.entered = fiber.context
    scope.moveTo(fiber)
    return this.coroutine
  }

  /**
   * A step of the task's own fiber is over. An await of ours resumes the fiber in a step, so that its end is seen here; from
   * anywhere else it may go on by itself, and has to be watched.
   */
  stepped(fiber: AnyFiber): void {
    const scope = this.root
    // Over already, as an observer of the fiber has told, or will tell.
    if (scope === undefined || scope.watched) return
    const exit = fiber.pollUnsafe()
    if (exit !== undefined) this.finish(exit as Exit.Exit<A, E>)
    else if (!scope.suspendedByUs()) {
      this.loop.noteForeign()
      scope.watch(fiber)
    }
  }

  protected override makeRoot(): FiberScope {
    return new FiberScope(this, undefined)
  }

  override finish(exit: Exit.Exit<A, E>): void {
    super.finish(exit)
    this.root?.moveTo(undefined)
    this.root = undefined
  }
}
