/**
 * A request on its way, as a task:
 *
 *     waits for a place ──▶ is handled ──▶ its answer is sent ──▶ over
 *          │                    │                │
 *          └── its client is gone, its time is up, the service ends: the task is cancelled
 *
 * The framework is given a promise of what the handler gives. It rejects with what the client is to be told, and a handler that takes no
 * notice of its cancellation cannot hold that up for longer than the patience.
 */
import * as asyncio from "@effect-asyncio/compat"
import type { RequestTasks } from "../RequestTasks.ts"
import type { Client, Exchange } from "./exchange.ts"
import { isAbort, isHangUp } from "./hangUps.ts"
import { enter, leave, Work } from "./inFlight.ts"
import { nextRequestId, statusWhenGone } from "./limits.ts"

interface End {
  readonly kind: asyncio.CancelledError["kind"]
  readonly message: string
}

export class Handling<A> extends Work implements Client {
  readonly #tasks: RequestTasks
  readonly #exchange: Exchange
  #task: asyncio.Task<unknown> | undefined = undefined
  #answer: A | Promise<A> | undefined = undefined
  // Settle the answer; what comes second is ignored. Undefined where the handler has given no promise.
  #resolve: ((value: A) => void) | undefined = undefined
  #reject: ((error: unknown) => void) | undefined = undefined
  // Nothing goes to the client any more.
  #closed = false
  // The task has nothing more to do.
  #over = false
  #watched = false
  // Why we have ended it.
  #end: End | undefined = undefined
  // The client was told that the request was ended, or is gone.
  #told = false
  // Done when nothing goes to the client any more; made when the task waits for that.
  #sent: asyncio.Future<void> | undefined = undefined
  #deadline: asyncio.TimerHandle | undefined = undefined

  constructor(tasks: RequestTasks, exchange: Exchange) {
    super()
    this.#tasks = tasks
    this.#exchange = exchange
  }

  get task(): asyncio.Task<unknown>["core"] {
    return this.#task!.core
  }

  begin(handler: () => A | PromiseLike<A>): A | PromiseLike<A> {
    const exchange = this.#exchange
    const { method, route } = exchange
    enter(this)
    this.#tasks.count(1)
    // Its first step is now: a task that is cancelled before that would never run.
    this.#task = asyncio.createTask(() => this.#run(handler), {
      name: `${method} ${route}`,
      labels: { method, route, id: exchange.id ?? nextRequestId() },
      eagerStart: true
    })
    exchange.watch(this)
    if (!this.#over) this.#limit()
    return this.#answer as A | Promise<A>
  }

  stop(message: string): void {
    this.#cancel({ kind: "shutdown", message })
  }

  #limit(): void {
    const timeout = this.#tasks.limits.timeoutFor((name) => this.#exchange.header(name))
    if (timeout === undefined) return
    const expire = () => {
      // An answer that has begun, a stream of events for one, has no limit.
      if (!this.#exchange.answered) this.#cancel({ kind: "timeout", message: "the request has timed out" })
    }
    this.#deadline = asyncio.getRunningLoop().callLater(timeout, expire)
  }

  #run(handler: () => A | PromiseLike<A>): unknown {
    const answer = this.#call(handler)
    if (isThenable(answer)) {
      this.#answer = new Promise<A>((resolve, reject) => {
        this.#resolve = resolve
        this.#reject = reject
      })
      return this.#follow(answer)
    }
    this.#answer = answer
    if (this.#exchange.ended) return this.#finish()
    return this.#untilSent()
  }

  /** What the handler gives; what it throws is a promise that rejects, as if it were async. */
  #call(handler: () => A | PromiseLike<A>): A | PromiseLike<A> {
    try {
      return this.#tasks.inPlace(handler)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  async #follow(answer: PromiseLike<A>): Promise<void> {
    try {
      this.#resolve!(await answer)
    } catch (error) {
      throw this.#failed(error)
    }
    // A framework that sends what the handler has given does so in a microtask that stands before this one.
    if (!this.#exchange.ended) await Promise.resolve()
    if (this.#closed || this.#exchange.ended) return this.#finish()
    await this.#untilSent()
  }

  /** Tells the framework, and gives what the task ends with. */
  #failed(failure: unknown): unknown {
    const task = asyncio.currentTask()!
    const end = this.#end
    const isEnd = end?.kind === "disconnect" && (isHangUp(failure) || isAbort(failure))
    const error = isEnd ? cancelledBy(end, failure) : failure
    if (asyncio.isCancelled(error) && task.cancelling() > 0) {
      this.#watch(task)
      this.#tell(error instanceof asyncio.CancelledError ? error.kind : undefined)
    } else {
      this.#reject!(error)
      // The framework reports the failure.
      task.addDoneCallback(() => void (task.cancelled() || task.exception()))
    }
    this.#finish()
    return error
  }

  /** Until nothing goes to the client any more. */
  async #untilSent(): Promise<void> {
    try {
      this.#sent = asyncio.getRunningLoop().createFuture<void>()
      await this.#sent
    } catch (error) {
      this.#watch(asyncio.currentTask()!)
      this.#tell(error instanceof asyncio.CancelledError ? error.kind : undefined)
      throw error
    } finally {
      this.#finish()
    }
  }

  #finish(): void {
    this.#over = true
    this.#deadline?.cancel()
    if (this.#closed) this.#leave()
  }

  #leave(): void {
    leave(this)
    this.#tasks.count(-1)
  }

  /** Nothing goes to the client any more: all was sent, or it is gone. */
  closed(gone: boolean): void {
    if (this.#closed) return
    this.#closed = true
    if (this.#over) return this.#leave()
    if (gone) this.#cancel({ kind: "disconnect", message: "the client is gone" })
    else if (this.#sent?.done() === false) this.#sent.setResult()
  }

  #cancel(end: End): void {
    if (this.#over) return
    this.#end ??= end
    const task = this.#task!
    this.#watch(task)
    task.cancel(end.message, { kind: end.kind })
    const late = () => this.#tell(end.kind)
    if (end.kind !== "disconnect") task.core.loop.callLaterUnsafe(this.#tasks.limits.patience, late)
  }

  /** Tells the client, if there is one, that the request was ended. */
  #tell(kind: asyncio.CancelledError["kind"] = "requested"): void {
    if (this.#told) return
    this.#told = true
    const exchange = this.#exchange
    const { kind: why, message } = this.#end ?? { kind, message: "the request was cancelled" }
    if (this.#closed || exchange.answered) {
      if (!this.#closed) exchange.hangUp()
      return this.#resolve?.(exchange.abandon() as A)
    }
    const refusal = this.#tasks.limits.refusal(message, why)
    // A handler that has returned without an answer has left the framework nothing to wait for.
    if (this.#reject === undefined || this.#sent !== undefined) exchange.fail(refusal)
    else this.#reject(refusal)
  }

  /** Has the end of the task be told to `onCancelled`. */
  #watch(task: asyncio.Task<unknown>): void {
    const { onCancelled } = this.#tasks.options
    if (this.#watched || (onCancelled === undefined && this.#exchange.noteCancelled === undefined)) return
    this.#watched = true
    task.addDoneCallback(() => {
      if (!task.cancelled()) return
      const error = cancellationOf(task)
      const status = error.kind === "disconnect" ? statusWhenGone : this.#tasks.limits.refusal("", error.kind).status
      const request = { name: task.getName(), labels: task.labels, status, error }
      this.#exchange.noteCancelled?.(request)
      onCancelled?.(request)
    })
  }
}

const cancelledBy = ({ kind, message }: End, cause: unknown): asyncio.CancelledError =>
  new asyncio.CancelledError(message, { kind, cause })

const cancellationOf = (task: asyncio.Task<unknown>): asyncio.CancelledError => {
  try {
    task.result()
  } catch (error) {
    return error as asyncio.CancelledError
  }
  return new asyncio.CancelledError()
}

const isThenable = <A>(value: A | PromiseLike<A>): value is PromiseLike<A> =>
  typeof (value as PromiseLike<A> | undefined | null)?.then === "function"
