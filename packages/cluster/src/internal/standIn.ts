/**
 * The coroutine of a task that stands for one of the cluster. What it does is wait; what is asked of it, it asks of the other.
 *
 *     created ──▶ waiting ──outcome──▶ ended as the other has
 *                   │  ▲
 *     a cancellation│  │the request is on its way; the end is still the other's to tell
 *                   └──┘
 *
 * An onlooker ends when it is asked to, and asks nothing of the other.
 */
import * as asyncio from "@effect-asyncio/core"
import type * as lowlevel from "@effect-asyncio/core/lowlevel"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type { Definition } from "../Definition.ts"
import type { ClusterImpl } from "./cluster.ts"
import { exitOfOutcome } from "./outcomes.ts"
import { type Outcome, toWire, type WireCancellation } from "./wire.ts"

/** What is found of a task that is to be waited for: how it has ended, where that is known, or that it was created just now. */
export type Found = Outcome | "new" | undefined

/** What is waited for. */
export interface Awaited {
  readonly definition: Definition<any, any, any, any>
  readonly name: string
  /** Whether the end of this process leaves it alone. */
  readonly outlives: boolean
  /** Milliseconds in which it has to begin. */
  readonly startWithin: number | undefined
  /** Only looks on: what is asked of it is not passed on, and a failure that is not retrieved here is seen elsewhere. */
  readonly onlooker: boolean
  /** Creates the task, or finds it, where that is not done yet. Fails where it cannot be. */
  readonly create: Effect.Effect<Found, unknown> | { readonly done: Found }
  /** Told of the end, for code that waits until the task is created: that may never have begun. */
  readonly ends?: ((exit: Exit.Exit<unknown, unknown>) => void) | undefined
}

export class StandIn implements lowlevel.Coroutine<unknown, unknown> {
  /** The process that runs it, as far as is known. */
  runner: string | undefined
  readonly awaited: Awaited
  readonly #cluster: ClusterImpl
  readonly #loop: asyncio.EventLoop
  #control: lowlevel.CoroutineControl<unknown, unknown> | undefined
  #wake: asyncio.Future<void> | undefined
  #end: Exit.Exit<unknown, unknown> | undefined
  /** The last request that the task has passed on. */
  #asked: asyncio.CancelledError | undefined
  #join: Fiber.Fiber<void> | undefined
  /** How many requests were passed on and not withdrawn. */
  #passed = 0
  /** What is on its way to the other: one after the other, so that a withdrawal does not come before the request. */
  #sending: Fiber.Fiber<unknown> | undefined
  /** Whether the other is known to be there. Until then one of this name may be another definition's, or not be what was asked for. */
  #isThere = false
  #isMissing = false
  /** Requests that wait until there is a task to ask. */
  #early: Array<WireCancellation> | undefined

  constructor(cluster: ClusterImpl, loop: asyncio.EventLoop, awaited: Awaited) {
    this.awaited = awaited
    this.#cluster = cluster
    this.#loop = loop
    this.#early = "done" in awaited.create ? undefined : []
  }

  begin(control: lowlevel.CoroutineControl<unknown, unknown>): void {
    this.#control = control
    this.#cluster.add(this)
    this.#wait()
    // In a callback of the loop: what the engine does in the same step must not be the work of the task that creates this one.
    this.#loop.callSoonUnsafe(() => {
      if (this.#end === undefined) this.#join = this.#cluster.fork(this.#follow())
    })
  }

  /** Nothing to do: an await is always in flight, and takes the request. */
  cancelRequested(): void {}

  cancelWithdrawn(): void {
    this.#withdraw()
  }

  describe(): ReturnType<lowlevel.Coroutine<unknown, unknown>["describe"]> {
    const { name } = this.awaited.definition
    return { name, definedAt: undefined, calledAt: undefined, runningAt: this.runner }
  }

  /** Ends with an outcome that was learned otherwise than from the engine, of the task that has its name. */
  learn(outcome: Outcome): void {
    if (this.#isThere) this.#settle(outcome)
  }

  /** Ends, where the other is not there any more, at the second time: the first may be from before it was, or its end be on the way. */
  miss(outcome: Outcome): void {
    if (!this.#isThere) return
    if (this.#isMissing) this.#settle(outcome)
    this.#isMissing = true
  }

  #settle(outcome: Outcome): void {
    this.#ends(exitOfOutcome(this.awaited, outcome, this.#asked))
  }

  /** Cancels the task that stands for the other, and by it the other. */
  cancel(reason: string, by: string): void {
    this.#control?.task.cancelUnsafe(reason, { kind: "shutdown" }, by)
  }

  /** Ends without the other, which goes on. */
  letGo(error: asyncio.CancelledError): void {
    this.#ends(Exit.fail(error))
  }

  /** @internal */
  resumed(exit: Exit.Exit<void, asyncio.CancelledError>): void {
    if (this.#end !== undefined) return this.#control!.end(this.#end)
    const error = Exit.isFailure(exit) ? exit.cause.reasons.find((reason) => "error" in reason)?.error : undefined
    if (error !== undefined) this.#passOn(error)
    // Having let go, there is nothing to wait for.
    if (this.#end !== undefined) this.#control!.end(this.#end)
    else this.#wait()
  }

  #wait(): void {
    this.#wake = this.#loop.createFutureUnsafe<void>()
    this.#control!.await(this.#wake, this)
  }

  #follow(): Effect.Effect<void> {
    const { create } = this.awaited
    if ("done" in create) return this.#go(create.done)
    return Effect.matchCauseEffect(create, {
      onSuccess: (found) => this.#go(found),
      onFailure: (cause) => Effect.sync(() => this.#ends(Exit.failCause(cause)))
    })
  }

  #go(found: Found): Effect.Effect<void> {
    if (typeof found === "object") return Effect.sync(() => this.#settle(found))
    return Effect.suspend(() => {
      this.#isThere = true
      for (const request of this.#early ?? []) this.#send(request)
      this.#early = undefined
      this.#watchStart()
      const { definition, name } = this.awaited
      return Effect.map(this.#cluster.follow(definition, name, found === "new"), (outcome) => {
        if (outcome !== undefined) this.#settle(outcome)
      })
    })
  }

  #watchStart(): void {
    const { definition, name, startWithin } = this.awaited
    if (startWithin === undefined) return
    const task = { definition: definition.name, name }
    const expire = Effect.map(this.#cluster.expireStart(task), (outcome) => {
      if (outcome !== undefined) this.#settle(outcome)
    })
    // The row says it too: every process looks at the rows each second, so that the time ends also where this one is gone.
    this.#loop.callLaterUnsafe(startWithin, () => {
      if (this.#end === undefined) this.#cluster.fork(expire)
    })
  }

  #passOn(error: asyncio.CancelledError): void {
    this.#asked = error
    const isShutdown = error.kind === "shutdown" || error.kind === "interrupt"
    const { onlooker, outlives } = this.awaited
    if (this.#cluster.closed || onlooker || (isShutdown && outlives)) return this.letGo(error)
    const request = toWire(error, this.#cluster.runner)
    this.#passed++
    if (this.#early !== undefined) this.#early.push(request)
    else this.#send(request)
    // It may have been withdrawn before it got here.
    this.#withdraw()
  }

  /** Withdraws from the other what the task here does not count any more. */
  #withdraw(): void {
    const left = this.#control?.task.cancelling() ?? 0
    while (this.#end === undefined && !this.#cluster.closed && this.#passed > left) {
      this.#passed--
      if (this.#early === undefined) this.#post(this.#cluster.withdraw(this.awaited.name))
      else this.#early.pop()
    }
  }

  #post(message: Effect.Effect<void>): void {
    const before = this.#sending
    this.#sending = this.#cluster.fork(before === undefined ? message : Effect.andThen(Fiber.await(before), message))
  }

  #send(request: WireCancellation): void {
    const asked = this.#cluster.cancel(this.awaited.name, request)
    this.#post(
      Effect.map(asked, (answer) => {
        // One that had not begun never will, also where no worker is there to say so.
        if (answer?.ended === true) this.#settle({ state: "cancelled", cancellation: request })
      })
    )
  }

  #ends(end: Exit.Exit<unknown, unknown>): void {
    if (this.#end !== undefined) return
    this.#end = end
    this.#cluster.remove(this)
    this.awaited.ends?.(end)
    this.#join?.interruptUnsafe()
    if (this.#wake?.done() === false) this.#wake.setResultUnsafe(undefined)
  }
}
