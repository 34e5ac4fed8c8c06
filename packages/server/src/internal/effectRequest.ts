/**
 * A request of Effect's servers on its way, as a task that the request's fiber waits for:
 *
 *     waits for a place ──▶ is handled ──▶ its answer is sent ──▶ over
 *          │                    │                │
 *          └── its client is gone, its time is up, the service ends: the task is cancelled, or then the fiber is interrupted
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as Tracer from "effect/Tracer"
import type { RequestTaskOptions } from "../effect/requestTask.ts"
import type { RequestError } from "../RequestError.ts"
import { admission, enter, leave, Work } from "./inFlight.ts"
import { Limits, nextRequestId, statusWhenGone } from "./limits.ts"

type OnCancelled = NonNullable<RequestTaskOptions["onCancelled"]>

/** What requests share that have one set of options. */
export class EffectLimits extends Limits {
  readonly onCancelled: OnCancelled | undefined
  readonly #places: asyncio.Semaphore | undefined
  // How many have a place or wait for one: a task begins only after others have, so that the semaphore would be asked too early.
  #active = 0

  constructor(options: Omit<RequestTaskOptions, "respond">, by: string) {
    super(options, by)
    const { concurrency } = this
    const { onCancelled } = options
    if (onCancelled !== undefined) lowlevel.checkFunction(onCancelled, by, "{ onCancelled: (request) => ... }")
    this.onCancelled = onCancelled
    this.#places = concurrency === undefined ? undefined : Effect.runSync(asyncio.Semaphore.make(concurrency))
  }

  get isFull(): boolean {
    return this.#active >= this.most
  }

  /** Runs `body` when there is a place. */
  inPlace<A, E, R>(body: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    return this.#places === undefined ? body : this.#places.use(body)
  }

  /** Counts a task until it is done. */
  count(task: asyncio.Task<unknown, unknown>): void {
    this.#active++
    task.addDoneCallbackUnsafe(() => this.#active--)
  }
}

/** What a request is, and how it is answered that was not handled to its end. */
export interface EffectRequest<A, E> {
  readonly name: string
  readonly labels: Readonly<Record<string, string | number>>
  readonly limits: EffectLimits
  /** How long it may take until there is an answer, in milliseconds. */
  readonly timeout: number | undefined
  /** Whether the cause that its fiber was interrupted with says that the client is gone. */
  readonly isGone: (cause: Cause.Cause<unknown>) => boolean
  readonly refuse: (error: RequestError) => Effect.Effect<A, E>
}

/** Runs `body` in a task of its own and waits for it. What interrupts the fiber cancels the task, whose end is awaited. */
export const handle = <A, E, R, A2, E2>(
  body: Effect.Effect<A, E, R>,
  request: EffectRequest<A2, E2>
): Effect.Effect<A | A2, E | E2, R> =>
  Effect.withFiber((fiber) => {
    const { limits, name, refuse } = request
    if (admission() === "refused") return refuse(limits.tooLate())
    if (limits.isFull) return refuse(limits.tooMany())
    const labels = { id: nextRequestId(), ...request.labels }
    return Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(asyncio.createTask(restore(limits.inPlace(body)), { name, labels }), (task) => {
        limits.count(task)
        return new EffectHandling(task, request, fiber).answer(restore)
      })
    )
  })

class EffectHandling<A, E, A2, E2> extends Work {
  readonly task: asyncio.Task<A, E>
  readonly #request: EffectRequest<A2, E2>
  readonly #fiber: Fiber.Fiber<unknown, unknown>
  // Why we have ended it.
  #end: { readonly kind: asyncio.CancellationKind; readonly message: string } | undefined = undefined
  // Has the answer wait for the task no longer.
  #giveUp = (): void => {}
  #timer: asyncio.TimerHandle | undefined = undefined

  constructor(task: asyncio.Task<A, E>, request: EffectRequest<A2, E2>, fiber: Fiber.Fiber<unknown, unknown>) {
    super()
    this.task = task
    this.#request = request
    this.#fiber = fiber
    this.#enter()
    this.#annotate({ task: request.name })
  }

  /** Counts as in flight until its task is done, and its scope has closed, which is behind its answer. */
  #enter(): void {
    enter(this)
    const scope = Context.getOrUndefined(this.#fiber.context, Scope.Scope)
    let open = scope === undefined ? 1 : 2
    const close = (): void => {
      if (--open === 0) leave(this)
    }
    if (scope !== undefined) Effect.runSync(Scope.addFinalizer(scope, Effect.sync(close)))
    this.task.addDoneCallbackUnsafe(() => {
      this.#timer?.cancelUnsafe()
      close()
    })
  }

  stop(message: string): void {
    // Its answer is a stream that is being sent.
    if (this.task.done()) this.#fiber.interruptUnsafe()
    else this.#cancel("shutdown", message)
  }

  /** Waits for the task, and gives its answer. */
  answer(restore: <B>(effect: Effect.Effect<B>) => Effect.Effect<B>): Effect.Effect<A | A2, E | E2> {
    const { task } = this
    const { timeout } = this.#request
    const ended = Effect.callback<void>((resume) => {
      this.#giveUp = () => resume(Effect.void)
      task.addDoneCallbackUnsafe(this.#giveUp)
    })
    if (timeout !== undefined && !task.done()) {
      this.#timer = task.loop.callLaterUnsafe(timeout, () => this.#cancel("timeout", "the request has timed out"))
    }
    return restore(ended).pipe(
      Effect.onExit((exit) => (Exit.isSuccess(exit) ? Effect.void : this.#interrupted(exit.cause))),
      Effect.andThen(Effect.suspend(() => this.#result()))
    )
  }

  #result(): Effect.Effect<A | A2, E | E2> {
    const { task } = this
    if (task.done() && !task.cancelled()) return task.exitUnsafe() as Effect.Effect<A, E>
    const { limits, refuse } = this.#request
    const { kind, message = "the request was cancelled" } = this.#end ?? this.#cancellation
    const refusal = limits.refusal(message, kind as asyncio.CancellationKind)
    return Effect.andThen(this.#note(refusal.status), refuse(refusal))
  }

  /** Asks the task to end. The client is not held up for longer than the patience. */
  #cancel(kind: asyncio.CancellationKind, message: string): void {
    const { task } = this
    this.#end ??= { kind, message }
    task.cancelUnsafe(message, { kind })
    this.#timer?.cancelUnsafe()
    this.#timer = task.loop.callLaterUnsafe(this.#request.limits.patience, () => this.#giveUp())
  }

  /** The fiber was interrupted: its client is gone, or its server ends. */
  #interrupted(cause: Cause.Cause<unknown>): Effect.Effect<void> {
    const { task } = this
    const isGone = this.#request.isGone(cause)
    if (isGone) this.#end ??= { kind: "disconnect", message: "the client is gone" }
    const other = admission() === "open" ? "requested" : "shutdown"
    const { kind, message } = (this.#end ??= { kind: other, message: "the fiber of the request was interrupted" })
    task.cancelUnsafe(message, { kind })
    const ended = Effect.callback<void>((resume) => task.addDoneCallbackUnsafe(() => resume(Effect.void)))
    return Effect.andThen(
      ended,
      Effect.suspend(() => (task.cancelled() ? this.#note(isGone ? statusWhenGone : 503) : Effect.void))
    )
  }

  get #cancellation(): asyncio.CancellationSnapshot & { readonly message?: undefined } {
    const { kind = "requested", message: reason } = this.#end ?? {}
    return this.task.snapshot().cancellation ?? { kind, reason, requestedBy: undefined }
  }

  /** Says in the trace, and to `onCancelled`, that it has ended cancelled. */
  #note(status: number): Effect.Effect<void> {
    const { labels } = this.task
    const { limits, name } = this.#request
    const cancellation = this.#cancellation
    this.#annotate({ "cancellation.kind": cancellation.kind, "cancellation.reason": cancellation.reason })
    return limits.onCancelled?.({ name, labels, status, cancellation }) ?? Effect.void
  }

  /** Notes something on the span of the request, where it has one. */
  #annotate(attributes: Readonly<Record<string, string | undefined>>): void {
    const span = Context.getOrUndefined(this.#fiber.context, Tracer.ParentSpan)
    if (span?._tag !== "Span" || span.kind !== "server") return
    for (const [name, value] of Object.entries(attributes)) if (value !== undefined) span.attribute(name, value)
  }
}
