/**
 * One await in flight: a fiber, or an async function, that waits for a future or for its next turn.
 *
 * A Wait is at once the future's entry (put on the loop when the future is done) and the turn itself. Waits of a task's
 * own fiber belong to the task: `Task.cancel` finds them. Waits of plain fibers, such as a branch of `Effect.all`, belong to
 * nobody: they end natively, with their fiber.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type { CancelledError } from "../model/CancelledError.ts"
import { RuntimeError } from "../model/errors.ts"
import { withHint } from "../model/hints.ts"
import { CurrentTask, RunningLoop } from "../model/references.ts"
import { cancellationIn, fiberInterrupted, ownCancellation } from "./cancellation.ts"
import { checkCopy, isOfOtherCopy, twoCopies } from "../model/copy.ts"
import type { EventLoopImpl } from "../make/eventLoop.ts"
import type { DoneEntry } from "./doneEntries.ts"
import type { FutureImpl } from "./future.ts"
import type { Scope } from "./scope.ts"
import type { Linked } from "../data/linkedList.ts"
import { closedError } from "../loop/runs.ts"
import { nestedScopeOf, type FiberScope } from "./fiberScope.ts"
import type { TaskImpl } from "./task.ts"
import { knownScopeOf } from "./taskFiber.ts"

/** Receives the outcome of an await. What it is typed as, the one who awaits knows. */
export type Resume = ((exit: Outcome) => void) | Resumed

/** The same as an object, which needs no closure. */
export interface Resumed {
  resumed(exit: Outcome): void
}

export const resumeWith = (resume: Resume, exit: Outcome): void => {
  if (typeof resume === "function") resume(exit)
  else resume.resumed(exit)
}

type Outcome = Exit.Exit<never>

export class Wait implements DoneEntry {
  dead = false
  // The cancellation of our task that was passed on to the future: if the future ends cancelled, it is the task's own.
  forwarded: CancelledError | undefined = undefined
  /** Whose await it is; undefined in a plain fiber. Another one's when that scope is over, see aftermath.ts. */
  scope: Scope | undefined
  /** What is awaited; undefined when only the next turn is. */
  readonly future: FutureImpl | undefined
  /** Who is to be told of the end; undefined where that is the fiber of a fiber scope. */
  readonly receiver: Resume | undefined

  constructor(scope: Scope | undefined, future: FutureImpl | undefined, receiver: Resume | undefined) {
    this.scope = scope
    this.future = future
    this.receiver = receiver
  }

  /** Hands over how the await ended. */
  resume(exit: Outcome): void {
    if (this.receiver === undefined) (this.scope as FiberScope).resume(exit)
    else resumeWith(this.receiver, exit)
  }

  get task(): TaskImpl | undefined {
    return this.scope?.task
  }

  get awaiter(): TaskImpl | undefined {
    return this.task
  }

  get label(): string {
    return this.scope === undefined ? "Fiber.wakeup()" : "Task.task_wakeup()"
  }

  run(): void {
    if (this.dead) return
    this.dead = true
    const { scope } = this
    if (scope === undefined) this.resume(this.outcome())
    else scope.task.wakeUp(scope, this)
  }

  /** Its fiber was interrupted, and what is awaited cancelled. */
  abandoned(): void {}

  /** How the await ends if its task is not cancelled. */
  outcome(): Outcome {
    return (this.future?.retrieve() ?? Exit.void) as Outcome
  }
}

/** An await of what belongs to another loop: its end comes in a turn of that one, and is put on the task's own. */
export class WaitAcross extends Wait {
  #arrived = false
  readonly #over: (() => void) | undefined

  constructor(scope: Scope, future: FutureImpl, receiver: Resume | undefined) {
    super(scope, future, receiver)
    this.#over = scope.task.loop.noteOutsideUnsafe("promise")
  }

  override run(): void {
    if (this.#arrived) return super.run()
    this.#arrived = true
    this.#over?.()
    this.scope!.task.loop.enqueue(this)
  }

  override abandoned(): void {
    this.#over?.()
  }
}

/** An await of a plain fiber, which its loop knows, to end it at its own end. */
export class PlainWait extends Wait implements Linked<PlainWait> {
  previous: PlainWait | undefined = undefined
  next: PlainWait | undefined = undefined
  linked = false
  readonly fiber: Fiber.Fiber<unknown, unknown>
  readonly #loop: EventLoopImpl

  constructor(loop: EventLoopImpl, future: FutureImpl | undefined, receiver: Resume) {
    loop.checkOpen()
    super(undefined, future, receiver)
    this.#loop = loop
    this.fiber = Fiber.getCurrent()!
    loop.plainWaits.add(this)
    loop.noteForeign()
  }

  /** Inside of a task, as in a branch of `Effect.all`, the task waits by way of it; but it is no wait of the task's. */
  override get awaiter(): TaskImpl | undefined {
    return taskOf(this.fiber)
  }

  /** Whether the fiber runs on the loop, and ends with it. One from outside may wait for something of the loop, too. */
  get inside(): boolean {
    return this.fiber.getRef(RunningLoop) === this.#loop
  }

  override run(): void {
    this.abandoned()
    super.run()
  }

  /** It is over, and only its turn was due. */
  dropped(): void {
    this.run()
  }

  override abandoned(): void {
    this.#loop.plainWaits.remove(this)
  }

  /** The loop is closed: what is awaited will never be done. */
  fail(): void {
    this.abandoned()
    if (this.dead) return
    this.dead = true
    this.resume(Exit.die(closedError()))
  }
}

/** A wait that ends with a bug in the program, on the next turn as in CPython. */
class FailedWait extends Wait {
  readonly #error: RuntimeError

  constructor(scope: Scope, receiver: Resume | undefined, error: RuntimeError) {
    super(scope, undefined, receiver)
    this.#error = error
  }

  override outcome(): Outcome {
    return Exit.die(this.#error)
  }
}

/** A wait that ends cancelled, on the next turn. */
class CancelledTurn extends Wait {
  readonly #error: CancelledError

  constructor(scope: Scope, receiver: Resume, error: CancelledError) {
    super(scope, undefined, receiver)
    this.#error = error
  }

  override outcome(): Outcome {
    return ownCancellation(this.#error)
  }
}

/** The fiber scope of a task that the fiber is running, undefined in a plain fiber, even in one that runs inside a task. */
export const scopeOf = (fiber: Fiber.Fiber<unknown, unknown>): FiberScope | undefined =>
  knownScopeOf(fiber) ??
  // A service may have brought the context of another task. The loop knows whose step it runs.
  taskInContext(fiber)?.ownScopeOf(fiber) ??
  runningOn(fiber)?.ownScopeOf(fiber) ??
  nestedScopeOf(fiber)

/** {@link scopeOf}, for what is to be a part of it. Throws on a loop of another copy of the package. */
export const checkedScopeOf = (fiber: Fiber.Fiber<unknown, unknown>): FiberScope | undefined => {
  const loop = fiber.getRef(RunningLoop)
  if (loop !== undefined) checkCopy(loop)
  return scopeOf(fiber)
}

/** The task whose own fiber is on the JavaScript stack, however it got there. */
export const runningTask = (): TaskImpl | undefined => {
  const fiber = Fiber.getCurrent()
  return fiber === undefined ? undefined : scopeOf(fiber)?.task
}

/** The task that a fiber runs in. */
export const taskOf = (fiber: Fiber.Fiber<unknown, unknown>): TaskImpl | undefined =>
  scopeOf(fiber)?.task ?? taskInContext(fiber)

const taskInContext = (fiber: Fiber.Fiber<unknown, unknown>): TaskImpl | undefined => {
  const task = fiber.getRef(CurrentTask) as TaskImpl | undefined
  if (task !== undefined && task.exit === undefined) return task
  // Who outlives the task that it was forked in is no part of it any more, but for what an async function left in flight.
  return adoptedTaskOf(fiber) ?? nestedScopeOf(fiber)?.task
}

/** The task whose step the fiber's loop runs. */
const runningOn = (fiber: Fiber.Fiber<unknown, unknown>): TaskImpl | undefined =>
  (fiber.getRef(RunningLoop) as EventLoopImpl | undefined)?.running

/** A fiber can be given a task on each loop that it enters. */
const adoptedTaskOf = (fiber: Fiber.Fiber<unknown, unknown>): TaskImpl | undefined => {
  const task = adopted.get(fiber)
  return task !== undefined && Context.get(task.base, RunningLoop) === fiber.getRef(RunningLoop) ? task : undefined
}

/** The tasks of plain fibers that asked for one. */
export const adopted = new WeakMap<Fiber.Fiber<unknown, unknown>, TaskImpl>()

/** The task in whose code we are: that of the running fiber, the one whose step the loop runs, or the ambient one. */
export const currentTaskOf = (loop: EventLoopImpl): TaskImpl | undefined => {
  const fiber = Fiber.getCurrent()
  // The fiber around the step, not one that the step runs: an eager task of another kind begins inside its creator's.
  const ofFiber = fiber === undefined || fiber === loop.aroundStep ? undefined : taskOf(fiber)
  return ofFiber ?? loop.running ?? (loop.ambientTask?.(loop) as TaskImpl | undefined)
}

/**
 * Suspends the running fiber until `future` is done. Registered with `Effect.callback`; the returned finalizer runs when
 * the fiber is interrupted natively, and then does what a cancelled await does: cancel what is awaited, and wait for it.
 */
export const beginWait = (future: FutureImpl, resume: (exit: Outcome) => void): Effect.Effect<void> => {
  const fiber = Fiber.getCurrent()!
  const task = taskOf(fiber)
  const scope = scopeOf(fiber)
  if (scope !== undefined) {
    scope.task.beginWait(scope, future, resume)
    return abandonOwnWait
  }
  if (task === future) {
    // When: a plain fiber that was given a task awaits that task.
    const error = new RuntimeError(`Task cannot await on itself: ${future}`)
    resume(Exit.die(withHint(error, "Look at who hands this task to its own code.", task)))
    return Effect.void
  }
  const loop = fiber.getRef(RunningLoop)
  if (loop !== undefined && isOfOtherCopy(loop)) {
    resume(Exit.die(twoCopies(loop)))
    return Effect.void
  }
  const wait = new PlainWait(future.loop, future, resume)
  future.addEntry(wait)
  return Effect.withFiber((fiber) => abandon(wait, fiber))
}

/** Suspends the running fiber until its next turn. */
export const beginYield = (loop: EventLoopImpl, resume: Resume): Effect.Effect<void> => {
  const scope = scopeOf(Fiber.getCurrent()!)
  if (scope !== undefined) {
    beginYieldOf(scope, resume)
    return abandonOwnWait
  }
  const wait = new PlainWait(loop, undefined, resume)
  loop.enqueue(wait)
  return Effect.withFiber((fiber) => abandon(wait, fiber))
}

/** Suspends a scope of a task until its next turn. */
export const beginYieldOf = (scope: Scope, receiver?: Resume): void => {
  const wait = new Wait(scope, undefined, receiver)
  scope.addWait(wait)
  scope.task.loop.enqueue(wait)
}

/** Ends an await that is cancelled before it has begun. */
export const cancelledTurn = (scope: Scope, receiver: Resume, error: CancelledError): Wait => {
  const wait = new CancelledTurn(scope, receiver, error)
  scope.task.loop.enqueue(wait)
  return wait
}

/** Ends an await that fails for a reason of its own, on the task's next turn. */
export const failWait = (scope: Scope, receiver: Resume | undefined, error: RuntimeError): Wait => {
  const wait = new FailedWait(scope, receiver, error)
  scope.task.loop.enqueue(wait)
  return wait
}

/** Ends a wait of `fiber`, which was interrupted: what it waited for is cancelled, and its end waited for. */
const abandon = (wait: Wait, fiber: Fiber.Fiber<unknown, unknown>): Effect.Effect<void> => {
  wait.scope?.removeWait(wait)
  const { future } = wait
  if (future === undefined) {
    wait.dead = true
    wait.abandoned()
    return Effect.void
  }
  future.removeEntry(wait)
  future.cancelWith(fiberInterrupted(currentTaskOf(future.loop)?.getName()))
  wait.abandoned()
  if (future.done()) return Effect.void
  const task = wait.task ?? taskOf(fiber)
  if (task === undefined) return untilDone(future)
  // It waits for the task that waits for it: then this one ends first.
  if (waitsFor(future, task)) return Effect.sync(() => forgetCancellation(future))
  let abandoned = abandonedBy.get(task)
  if (abandoned === undefined) abandonedBy.set(task, (abandoned = new Set()))
  abandoned.add(future)
  return Effect.map(untilDone(future), () => void abandoned.delete(future))
}

// What interrupted fibers of a task, its own or branches of Effect.all in it, have cancelled and wait for.
const abandonedBy = new WeakMap<FutureImpl, Set<FutureImpl>>()

/** Whether `future` cannot end before `task` does, as far as can be known. */
const waitsFor = (future: FutureImpl, task: TaskImpl): boolean => {
  const seen = new Set([future])
  for (const at of seen) {
    if (at === task) return true
    for (const next of at.awaiting()) seen.add(next)
    for (const next of abandonedBy.get(at) ?? []) seen.add(next)
  }
  return false
}

// One effect for all tasks: an await that ends normally, by far the most common case, then allocates nothing for it.
export const abandonOwnWait: Effect.Effect<void> = Effect.withFiber((fiber) => {
  const scope = scopeOf(fiber)
  if (scope?.wait === undefined) return Effect.void
  scope.watch(fiber)
  return abandon(scope.wait, fiber)
})

/** Waits until `future` is done, whatever its outcome. No error is retrieved. Only for uninterruptible places. */
export const untilDone = (future: FutureImpl): Effect.Effect<void> =>
  Effect.callback<void>((resume) => {
    forgetCancellation(future, () => resume(Effect.void))
  })

/** Nobody waits any more for `future`, of which a cancellation was asked; `ended` is told when it is done. */
export const forgetCancellation = (future: FutureImpl, ended: () => void = () => {}): void =>
  future.addEntry(
    new Done(() => {
      // A gather that is cancelled fails, with the CancelledError that we asked for.
      if (cancellationIn(future.exit!) !== undefined) future.markRetrieved()
      ended()
    })
  )

class Done implements DoneEntry {
  dead = false
  readonly label = "Fiber.wakeup()"
  readonly awaiter = undefined
  readonly run: () => void

  constructor(run: () => void) {
    this.run = run
  }
}
