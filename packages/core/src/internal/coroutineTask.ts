/**
 * A task whose coroutine is driven from outside, such as an async function. Several of its awaits may be in flight.
 */
import type * as Exit from "effect/Exit"
import type { Coroutine, CoroutineControl, CoroutineTaskOptions } from "../Coroutine.ts"
import type { CancelledError } from "../errors.ts"
import type { EventLoop } from "../EventLoop.ts"
import type { Future } from "../Future.ts"
import type { StackEntry } from "../Task.ts"
import { asFailure } from "./cancellation.ts"
import type { EventLoopImpl } from "./eventLoop.ts"
import type { FutureImpl } from "./future.ts"
import { runningLineOf } from "./frames.ts"
import { coroutineRepr } from "./repr.ts"
import { TaskImpl } from "./task.ts"
import { beginYieldOf, type Wait } from "./wait.ts"

export class CoroutineTask<A = unknown, E = unknown> extends TaskImpl<A, E> implements CoroutineControl<A, E> {
  readonly #coroutine: Coroutine<A, E>
  #begun = false
  // One await, several, or none: most steps wait for one thing.
  #waits: Wait | Set<Wait> | undefined = undefined

  constructor(loop: EventLoopImpl, coroutine: Coroutine<A, E>, options: CoroutineTaskOptions) {
    super(loop, options.context === undefined ? loop.context : loop.contextFrom(options.context), options.name)
    this.#coroutine = coroutine
  }

  protected override begin(): void {
    this.#begun = true
    this.#coroutine.begin(this)
  }

  await<B, E2>(future: Future<B, E2>, resume: (exit: Exit.Exit<B, E2 | CancelledError>) => void): void {
    this.beginWait(future as unknown as FutureImpl, (exit) => resume(asFailure(exit)))
  }

  nextTurn(resume: (exit: Exit.Exit<void, CancelledError>) => void): void {
    beginYieldOf(this, (exit) => resume(asFailure(exit)))
  }

  end(exit: Exit.Exit<A, E>): void {
    if (this.exit === undefined) this.finish(exit)
  }

  override owns(): boolean {
    return false
  }

  override addWait(wait: Wait): void {
    if (this.#waits === undefined) this.#waits = wait
    else if (this.#waits instanceof Set) this.#waits.add(wait)
    else this.#waits = new Set([this.#waits, wait])
  }

  override removeWait(wait: Wait): void {
    if (this.#waits instanceof Set) this.#waits.delete(wait)
    else if (this.#waits === wait) this.#waits = undefined
  }

  override ownWait(): undefined {
    return undefined
  }

  #inFlight(): ReadonlyArray<Wait> {
    if (this.#waits === undefined) return []
    return this.#waits instanceof Set ? [...this.#waits] : [this.#waits]
  }

  // Every await in flight has to end cancelled. One that was woken already does not take the request any more: then it is
  // kept, and the woken one, which comes first in the queue, delivers it. Otherwise it would be lost where only an
  // await that nobody looks at, the loser of a race, was left to take it.
  protected override passOn(error: CancelledError): boolean {
    const waits = this.#inFlight()
    // Two awaits of one task are one request.
    const takers = new Map<FutureImpl | undefined, boolean>()
    for (const wait of waits) {
      const { future } = wait
      if (!takers.has(future)) takers.set(future, future !== undefined && this.passOnTo(wait, error))
      else if (takers.get(future) === true) wait.forwarded = error
    }
    return waits.length > 0 && [...takers.values()].every((taken) => taken)
  }

  override cancelWith(error: CancelledError): boolean {
    if (!super.cancelWith(error)) return false
    this.#coroutine.cancelRequested(error, this.mustCancel === undefined)
    return true
  }

  pendingCancellation(): CancelledError | undefined {
    return this.mustCancel
  }

  override takeCancellation(): CancelledError | undefined {
    return super.takeCancellation()
  }

  // ---- printing --------------------------------------------------------------------------------------------------

  override getCoro(): Coroutine<A, E> {
    return this.#coroutine
  }

  protected override coroutineText(): string {
    const frame = this.#coroutine.describe()
    const done = this.exit !== undefined
    const line = this.#begun ? runningLineOf(frame.name) : frame.definedAt
    return coroutineRepr(frame, { done, line: done ? undefined : line })
  }

  protected override awaited(): FutureImpl | undefined {
    return this.#inFlight().find(({ future }) => future !== undefined)?.future
  }

  protected override stackFrames(): ReadonlyArray<StackEntry> {
    const { definedAt, name } = this.#coroutine.describe()
    return [{ name, definedAt, line: this.#begun ? runningLineOf(name) : definedAt }]
  }

  protected override describeCoroutine(): {
    readonly text: () => string
    readonly createdAt: () => string | undefined
  } {
    const coroutine = this.#coroutine
    return {
      text: () => coroutineRepr(coroutine.describe(), { done: true, line: undefined }),
      createdAt: () => coroutine.describe().calledAt
    }
  }
}

export const createCoroutineTask = <A, E>(
  loop: EventLoop,
  coroutine: Coroutine<A, E>,
  options: CoroutineTaskOptions = {}
): CoroutineTask<A, E> => {
  const impl = loop as EventLoopImpl
  impl.checkOpen()
  const task = new CoroutineTask(impl, coroutine, options)
  if (options.eagerStart === true && loop.isRunning()) task.startEagerly()
  else task.schedule()
  return task
}
