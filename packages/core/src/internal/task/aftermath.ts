/**
 * What comes after the end of a scope: what was in flight, and what its code goes on with although no code waits for it.
 *
 *     scope ──over──▶ waits in a queue, sleeps: the last step is on the loop, and delivers a cancellation
 *                  ▶ Effects: interrupted, with finalizers
 *                  ▶ its child scopes, cancelled, and what its code begins from now on: of the scope around
 *
 * Around a child scope is the scope it is in. Around a root is nothing: then its code goes on in an aftermath too, which the loop knows
 * as long as something is in flight there, and cancels when the run ends.
 */
import { withoutStack } from "../host/stack.ts"
import { CancelledError } from "../model/CancelledError.ts"
import { withHint } from "../model/hints.ts"
import { CallbackScope, type Part } from "./callbackScope.ts"
import { type Ending, hearsOfTheEnd, noteEnd, tellsOfAnEnd } from "./ending.ts"
import type { TaskLoop } from "./taskLoop.ts"
import { FutureImpl } from "./future.ts"
import { cancelOnly } from "./scope.ts"
import { FiberScope } from "./fiberScope.ts"
import { Wait } from "./wait.ts"

const nobody = { cancelRequested(): void {} }

class Aftermath extends CallbackScope {
  // With an error every await here ends with that, whatever its future gives. Without, code goes on here.
  constructor(scope: CallbackScope, error: CancelledError | undefined) {
    super(scope.task, nobody, undefined, scope.entered)
    this.due = error
    this.isGivenUp = error !== undefined
    this.task.scopesKeep = true
  }

  override get isRoot(): boolean {
    return false
  }

  override addPart(part: Part): void {
    super.addPart(part)
    this.#note()
  }

  override removePart(part: Part): boolean {
    const removed = super.removePart(part)
    this.#note()
    return removed
  }

  #note(): void {
    const leftovers = (this.loop.leftovers ??= new Leftovers(this.loop))
    leftovers.note(this, this.inFlight())
  }
}

const leftBehind = (): CancelledError =>
  withHint(
    withoutStack(CancelledError, "the code that began it is over", { kind: "parent" }),
    "Await what you begin, or make a task of it with `createTask`: that one goes on by itself."
  )

const runIsOver = (): CancelledError => withoutStack(CancelledError, "the run is over", { kind: "shutdown" })

const hand = (part: Part, from: CallbackScope, to: CallbackScope): void => {
  if (part instanceof Wait) {
    from.removeWait(part)
    part.scope = to
    to.addWait(part)
  } else {
    from.removePart(part)
    part.outer = to
    to.addPart(part)
  }
}

const handOver = (scope: CallbackScope, around: CallbackScope): void => {
  for (const part of scope.parts()) hand(part, scope, around)
}

// No code is left that would use what is in flight: it ends cancelled, and gives back what was on its way to it. A task or a
// future that is awaited is left alone: that holds no place in a queue, and other code may wait for it.
const cancelParts = (scope: CallbackScope, around: (() => CallbackScope) | undefined): CancelledError => {
  const error = leftBehind()
  noteEnd(scope, error)
  const parts = scope.parts()
  const ended = parts.filter(hearsOfTheEnd)
  const given = ended.filter((part) => part instanceof Wait)
  if (given.length > 0) {
    const left = new Aftermath(scope, error)
    for (const wait of given) hand(wait, scope, left)
    for (const wait of given) wait.future?.cancelWith(error)
  }
  // Each Effect in an aftermath of its own: a request that is due in one is not due in another.
  for (const part of parts) if (part instanceof FiberScope) hand(part, scope, new Aftermath(scope, undefined))
  if (around !== undefined && scope.inFlight()) handOver(scope, around())
  for (const part of ended) if (!(part instanceof Wait || tellsOfAnEnd(part.due))) cancelOnly(part, error)
  return error
}

export const aftermath: Ending = {
  aftermathOf: (scope) => new Aftermath(scope, undefined),
  cancelParts,
  handOver,
  error: leftBehind
}

/** The aftermaths of a loop in which something is in flight. */
export class Leftovers {
  readonly #loop: TaskLoop
  readonly #scopes = new Set<Aftermath>()
  #onSettled: (() => void) | undefined = undefined

  constructor(loop: TaskLoop) {
    this.#loop = loop
  }

  get size(): number {
    return this.#scopes.size
  }

  /** The names of their tasks. */
  names(): ReadonlyArray<string> {
    return [...new Set(Array.from(this.#scopes, (scope) => scope.task.getName()))]
  }

  note(scope: Aftermath, inFlight: boolean): void {
    if (inFlight) this.#scopes.add(scope)
    else if (this.#scopes.delete(scope) && this.#scopes.size === 0) this.#look()
  }

  /**
   * Cancels code that goes on, and gives the names of its tasks. Not the code of `main`: the end of that task has just cancelled
   * what is in flight.
   */
  cancel(main: FutureImpl | undefined): ReadonlyArray<string> {
    const scopes = Array.from(this.#scopes).filter((scope) => !scope.isGivenUp && scope.task !== main)
    const error = runIsOver()
    for (const scope of scopes) cancelOnly(scope, error)
    return scopes.map((scope) => scope.task.getName())
  }

  /**
   * Calls `onSettled` when nothing is in flight any more. To be called when no task is left that would complete a future which is
   * awaited here: that is cancelled.
   */
  whenSettled(onSettled: () => void): void {
    this.#onSettled = onSettled
    for (const part of Array.from(this.#scopes).flatMap((scope) => scope.parts())) {
      if (part instanceof Wait && part.future?.shared === true) part.future.cancelWith(runIsOver())
    }
    if (this.#scopes.size === 0) this.#look()
  }

  // In the next iteration: what has just ended may begin something, in the microtasks of this one.
  #look(): void {
    if (this.#onSettled === undefined) return
    const run = () => {
      if (this.#scopes.size > 0) return
      const onSettled = this.#onSettled
      this.#onSettled = undefined
      onSettled?.()
    }
    this.#loop.enqueue({ run })
  }
}

/** Cancels code that goes on although its task is over. */
export const cancelLeftovers = (loop: TaskLoop): void => {
  const names = loop.leftovers?.cancel(loop.lastRun as FutureImpl | undefined) ?? []
  if (names.length === 0) return
  loop.callExceptionHandlerUnsafe({
    // When: code that no task awaited went on after its task was over, until the run ended.
    message: `code that nobody awaits was under way at the end of the run, and was cancelled: of ${names.join(", ")}`,
    hint: "Await it before its function ends, or make a task of it."
  })
}

/** A future that is done when nothing of such code is in flight any more; undefined when nothing is in flight now. */
export const leftoversSettled = (loop: TaskLoop): FutureImpl<void, never> | undefined => {
  if (loop.leftovers === undefined || loop.leftovers.size === 0) return undefined
  const settled = new FutureImpl<void, never>(loop)
  loop.leftovers.whenSettled(() => settled.setResultUnsafe())
  return settled
}
