/**
 * Parts of a task that a program can nest at will: each runs inside of the one around it, and takes a part of JavaScript's stack. Where
 * they are deep (host/nesting.ts) a part begins, is interrupted, or has the fiber around it go on in an iteration of the loop.
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import { isDeep, nested, nestedOrNext } from "../host/nesting.ts"
import type { FiberScope } from "./fiberScope.ts"
import { nextIterationOn } from "./nextIteration.ts"
import type { TaskLoop } from "./taskLoop.ts"
import { Wait } from "./wait.ts"

/** `body`, which is about to begin inside of others: in the next iteration, where it would be too deep for JavaScript's stack. */
export const unlessDeep = <A, E, R>(loop: TaskLoop, body: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  isDeep()
    ? Effect.andThen(
        nextIterationOn(() => loop),
        body
      )
    : body

/** Begins `part` on a fiber that is a part of a task. */
export const beginPart = <A, E>(
  loop: TaskLoop,
  context: Context.Context<never>,
  part: Effect.Effect<A, E>,
  options?: { readonly uninterruptible: boolean }
): Fiber.Fiber<A, E> => {
  const begin = Effect.runForkWith(context)
  return nested(() => loop.lineage.asPart(() => begin(part, options)))
}

/** `Fiber.interrupt` of a fiber that may have been interrupted to interrupt another one, and so on. */
export const interruptNested = (loop: TaskLoop, inner: Fiber.Fiber<unknown, unknown>): Effect.Effect<void> =>
  Effect.withFiber((fiber) => {
    const { stackFrame } = fiber.cache
    const annotations = stackFrame === undefined ? undefined : Context.make(Cause.InterruptorStackTrace, stackFrame)
    const interrupt = () => inner.interruptUnsafe(fiber.id, annotations)
    nestedOrNext(loop, interrupt)
    return Effect.callback<void>((resume) => {
      inner.addObserver(() => nestedOrNext(loop, () => resume(Effect.void)))
    })
  })

/**
 * The end of a part of a task, which has the fiber around go on in the loop's next iteration: too many end at once. For the
 * fiber scope it is an await that was woken, so that nothing interrupts the fiber before it has seen how the part ended.
 */
export class Unwinding extends Wait {
  readonly #goOn: () => void

  constructor(loop: TaskLoop, scope: FiberScope | undefined, goOn: () => void) {
    super(scope, undefined, () => {})
    this.#goOn = goOn
    scope?.addWait(this)
    loop.enqueue(this)
  }

  override run(): void {
    if (this.dead) return
    this.giveUp()
    if (this.task === undefined) this.#goOn()
    else this.task.loop.runStep(this.task, { resume: this.#goOn }, Exit.void as Exit.Exit<never>)
  }

  /** The fiber goes on without it. */
  giveUp(): void {
    this.dead = true
    this.scope?.removeWait(this)
  }
}

/** Has the fiber that waited for a part go on with how the part ended: at once, unless too many do. */
export const unwind = <E>(
  loop: TaskLoop,
  scope: FiberScope | undefined,
  exit: E,
  resume: (exit: E) => void
): Unwinding | undefined => {
  if (isDeep()) return new Unwinding(loop, scope, () => nested(() => resume(exit)))
  nested(() => resume(exit))
  return undefined
}
