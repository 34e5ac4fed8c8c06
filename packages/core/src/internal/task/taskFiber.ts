/**
 * The fiber of a task's coroutine: Effect's, and it knows its task.
 *
 * Every operation of ours asks a fiber first in whose task it runs. Of a task's own fiber that is no question, and three things
 * need not be made for each task and each await:
 *
 *     its context     Made when it is first read. Most coroutines only ask for the loop, the clock and the task.
 *     its finalizer   What cancels the awaited when the fiber is interrupted is pushed by the interrupt that finds it waiting.
 *     its stores      Those of AsyncLocalStorage are kept as a frame, where the host has frames, and not in a resource.
 *
 * The class is a subclass of Effect's own, whose members types do not promise. So it is tried out once, and where anything is
 * missing or does otherwise, tasks run on plain fibers of Effect.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { AnyFiber } from "../model/AnyFiber.ts"
import { CurrentTask, RunningLoop } from "../model/references.ts"
import { type AsyncContext, type Frames, frames } from "../host/asyncContext.ts"
import { fiberClass, type FiberInside, makeFiber, runFiber } from "./fiberInside.ts"
import { interruptedInWait, parked, resumeFiber, suspend } from "./suspend.ts"
import type { Knowing } from "./current.ts"
import type { FiberScope } from "./fiberScope.ts"

/** Makes the fiber of a task's own fiber scope, which has not begun. Only if the fibers of Effect can be suspended. */
export const makeTaskFiber = (scope: FiberScope): AnyFiber => make(scope)

let make = (scope: FiberScope): AnyFiber => {
  make = chooseClass()
  return make(scope)
}

type FiberClass = ReturnType<typeof fiberClass>
type TaskFiberClass = new (scope: FiberScope) => FiberInside

const chooseClass = (): typeof make => {
  const Framed = frames && attempt(() => makeClass(makeFramedClass(frames!)))
  const Chosen = Framed ?? attempt(() => makeClass(fiberClass()))
  return Chosen === undefined
    ? (scope) => makeFiber(scope.enteredContext())
    : (scope) => new Chosen(scope) as unknown as AnyFiber
}

/** The class, if it does what it is used for. */
const attempt = (makeClass: () => TaskFiberClass): TaskFiberClass | undefined => {
  try {
    const Class = makeClass()
    return knowsItsTask(Class) && waits(Class) && ends(Class) ? Class : undefined
  } catch {
    return undefined
  }
}

// ---- a fiber that keeps the stores as a frame --------------------------------------------------------------------

const noContext = Context.empty()

/** Stands for the frame of the code that is running. */
const frameHere = Symbol("frameHere")

/** Without a constructor, whose call would be the dearest part of it: {@link makeClass} has one. */
const makeFramedClass = (stores: Frames): FiberClass => {
  const suspended = suspendedMark()
  const Base = fiberClass()
  // V8 looks a member of `super` up anew at each call.
  // oxlint-disable-next-line typescript/unbound-method -- called on fibers of the class below
  const { evaluate, runLoop } = Base.prototype as FiberInside
  return class extends Base {
    /** The stores that it goes on with. */
    declare frame: AsyncContext

    override evaluate(effect: Effect.Effect<unknown, unknown>): void {
      if (this._exit !== undefined) return
      const outer = stores.current()
      const { frame } = this
      // Often it is the same frame, and to look is cheaper than to set.
      if (frame !== frameHere && frame !== outer) stores.set(frame)
      let left: AsyncContext = frameHere
      try {
        left = this.goOn(effect)
      } finally {
        if (left !== outer) stores.set(outer)
      }
    }

    /** Goes on, and says which frame was left. */
    goOn(effect: Effect.Effect<unknown, unknown>): AsyncContext {
      const onResumed = this._yielded as (() => void) | undefined
      if (onResumed !== undefined) {
        this._yielded = undefined
        onResumed()
      }
      const result = runLoop.call(this, effect)
      if (result === suspended) return (this.frame = stores.current())
      if (this.endsUnseen()) this.end(result as Exit.Exit<unknown, unknown>)
      else evaluate.call(this, result as Exit.Exit<unknown, unknown>)
      return stores.current()
    }

    /** Whether no observer is to be told of the end, and nothing is left to do after it. */
    endsUnseen(): boolean {
      return (
        this._observers === undefined &&
        this._children === undefined &&
        this._parent === undefined &&
        this._stack.length === 0 &&
        this.cache.runtimeMetrics === undefined
      )
    }

    /** Does what is left then of the end of Effect's `evaluate`, which as a whole costs as much as a step. */
    end(exit: Exit.Exit<unknown, unknown>): void {
      this._exit = exit
      this.context = noContext
    }

    /** For Effect's `evaluate`, which does any other end of the fiber: nothing is left to run, `exit` is how the fiber has ended. */
    override runLoop(exit: Effect.Effect<unknown, unknown>): unknown {
      return exit
    }

    adoptStores(): void {
      this.frame = frameHere
    }
  }
}

/** What Effect's run loop returns when the fiber is suspended. */
const suspendedMark = (): unknown => (makeFiber(Context.empty()) as unknown as FiberInside).yieldWith(parked)

// ---- and knows its task ------------------------------------------------------------------------------------------

const makeClass = (Base: FiberClass): TaskFiberClass =>
  class extends Base implements Knowing {
    /** The fiber scope that the fiber began in; its `fiber` is the innermost one, perhaps another. */
    readonly scope: FiberScope
    /** Whether its context is that of its task and its loop: a service may have brought the context of another one. */
    insideTask = true
    // Undefined until the context is first read.
    made: Context.Context<never> | undefined
    /** The stores that it goes on with, where it keeps them. */
    frame: AsyncContext = frameHere

    constructor(scope: FiberScope) {
      // What Effect derives from a context is the same without the current task.
      super(scope.task.base, true)
      this.scope = scope
      this.made = undefined
    }

    override get context(): Context.Context<never> {
      // Effect's constructor reads it, too, when there is neither `made` nor `scope`.
      return (this.made ??= (this.scope as FiberScope | undefined)?.enteredContext()) as Context.Context<never>
    }

    override set context(context: Context.Context<never>) {
      this.made = context
    }

    override setContext(context: Context.Context<never>): void {
      super.setContext(context)
      const scope = this.scope as FiberScope | undefined
      // Effect's constructor sets the base.
      if (scope === undefined) return
      const { task } = scope
      this.insideTask = Context.get(context, CurrentTask) === task && Context.get(context, RunningLoop) === task.loop
    }

    override getRef<A>(reference: Context.Reference<A>): A {
      if (this.made !== undefined) return super.getRef(reference)
      const { task } = this.scope
      return (reference as unknown) === CurrentTask ? (task as A) : Context.get(task.base, reference)
    }

    override interruptUnsafe(fiberId?: number, annotations?: Context.Context<never>): void {
      if (this._yielded === parked && this.interruptible) interruptedInWait(this)
      super.interruptUnsafe(fiberId, annotations)
    }
  }

// ---- trying out --------------------------------------------------------------------------------------------------

/** Stands for the fiber scope of a task: with what a fiber asks of it. */
class TriedScope {
  fiber: unknown = undefined
  entered: Context.Context<never> | undefined = undefined
  /** Whether the finalizer of a wait has looked for the wait. */
  finalized = false
  readonly task: { readonly base: Context.Context<never> } = { base: Context.empty() }

  enteredContext(): Context.Context<never> {
    return (this.entered ??= Context.add(this.task.base, CurrentTask, this.task as never))
  }

  get wait(): undefined {
    this.finalized = true
    return undefined
  }
}

const begin = (Class: TaskFiberClass): { readonly scope: TriedScope; readonly fiber: AnyFiber & FiberInside } => {
  const scope = new TriedScope()
  const fiber = new Class(scope as unknown as FiberScope) as unknown as AnyFiber & FiberInside
  scope.fiber = fiber
  return { scope, fiber }
}

const knowsItsTask = (Class: TaskFiberClass): boolean => {
  const { scope, fiber } = begin(Class)
  const known = fiber.getRef(CurrentTask) as unknown
  const unread = scope.entered === undefined
  const cache = makeFiber(scope.enteredContext()).cache
  let seen: unknown
  runFiber(
    fiber,
    Effect.map(Effect.context(), (context) => (seen = context))
  )
  return known === scope.task && unread && fiber.cache === cache && seen === scope.entered
}

const waits = (Class: TaskFiberClass): boolean => {
  const waiting = Effect.withFiber<unknown>(suspend)
  const resumed = begin(Class)
  let ends = 0
  resumed.fiber.addObserver(() => ends++)
  runFiber(resumed.fiber, waiting)
  const bare = resumed.fiber._stack.length === 0 && resumed.fiber._yielded === parked && ends === 0
  resumeFiber(resumed.fiber, Exit.succeed(1) as Exit.Exit<never>)
  const exit = resumed.fiber.pollUnsafe()
  const interrupted = begin(Class)
  runFiber(interrupted.fiber, waiting)
  interrupted.fiber.interruptUnsafe()
  const interruptedBefore = begin(Class)
  runFiber(
    interruptedBefore.fiber,
    Effect.withFiber((fiber) => {
      fiber.interruptUnsafe()
      return suspend(fiber)
    })
  )
  const ended = [interrupted, interruptedBefore].every(
    ({ fiber, scope }) => scope.finalized && fiber.pollUnsafe()?._tag === "Failure"
  )
  return bare && ends === 1 && exit?._tag === "Success" && exit.value === 1 && ended
}

const kind = (value: unknown): number | string => (Array.isArray(value) ? value.length : typeof value)

/** Whether a fiber that has ended is left as Effect leaves one. */
const ends = (Class: TaskFiberClass): boolean => {
  const { fiber } = begin(Class)
  const model = makeFiber(fiber.context)
  for (const each of [fiber, model]) runFiber(each, Effect.succeed(1))
  const [ours, effects] = [fiber, model] as unknown as ReadonlyArray<Record<string, unknown>>
  return (
    Object.keys(effects!).every((key) => kind(ours![key]) === kind(effects![key])) && fiber.context === model.context
  )
}
