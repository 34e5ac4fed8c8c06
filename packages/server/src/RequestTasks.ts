/**
 * Requests as tasks.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/compat"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type * as Duration from "effect/Duration"
import { type Exchange } from "./internal/exchange.ts"
import { Handling } from "./internal/handling.ts"
import { admission } from "./internal/inFlight.ts"
import { RequestError } from "./RequestError.ts"

/**
 * A request whose task has ended cancelled, for a log.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface CancelledRequest {
  /** The name of its task: `GET /users/:id`. */
  readonly name: string
  readonly labels: asyncio.Labels
  /** 499 where the client is gone; else what it was answered. */
  readonly status: number
  readonly error: asyncio.CancelledError
}

/**
 * Options of the entries for frameworks.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface RequestTasksOptions {
  /** How many requests are handled at a time; as many as come by default. */
  readonly concurrency?: number | undefined
  /** How many wait for a place beyond these; the next one is answered 503. As many as come by default. */
  readonly queue?: number | undefined
  /** What such a client is told as `Retry-After`; one second by default. */
  readonly retryAfter?: Duration.Input | undefined
  /** How long until the answer begins, the time in the queue included; then the task is cancelled, with the kind `"timeout"`. */
  readonly timeout?: Duration.Input | undefined
  /** A header of the request with a number of milliseconds: the client's own limit, which counts where it is the shorter one. */
  readonly timeoutHeader?: string | undefined
  /** What a request is answered whose time is up; 503 by default, 504 for who asks others. */
  readonly timeoutStatus?: 503 | 504 | undefined
  /** How long a handler may clean up after its time before the client is answered without it; one second by default. */
  readonly patience?: Duration.Input | undefined
  /** Is told of each request that has ended cancelled. Fastify's log is told anyway. */
  readonly onCancelled?: ((request: CancelledRequest) => void) | undefined
}

/**
 * What the requests of a server, or of some of its routes, share: their limits. The entries for frameworks take it in place of the options, so
 * that several routes can have one limit.
 *
 * **Details**
 *
 * Each request is a task, named by its method and route, `GET /users/:id`, with these and an id as labels. Its handler has `currentTask()`,
 * `currentSignal()` and context variables of its own. The task ends when the handler has, and the answer was handed over; a stream counts
 * until its end.
 *
 * Throws a TypeError or a ValueError for options that cannot be meant.
 *
 * **Cancellation**
 *
 * The disconnect of the client cancels the task with the kind `"disconnect"`, a deadline with `"timeout"`, the end of the service with
 * `"shutdown"`; each arrives at the await that the handler hangs on. A client that is gone gets no answer and is no error; else it is
 * answered 503, or 504, by a {@link RequestError}.
 *
 * **asyncio**
 *
 * No such thing in asyncio itself; `asyncio.start_server` makes a task of each
 * [connection](https://docs.python.org/3/library/asyncio-stream.html#asyncio.start_server), without a name.
 *
 * **Example** (Two at a time)
 *
 * ```ts import.meta.vitest
 * import { RequestTasks } from "@effect-asyncio/server"
 *
 * const tasks = new RequestTasks({ concurrency: 2, queue: 10, timeout: "30 seconds" })
 * const seen = [tasks.size, tasks.waiting]
 * seen // => [0, 0]
 * ```
 *
 * @category requests
 * @stability unstable
 * @since 0.1.0
 */
export class RequestTasks {
  readonly options: RequestTasksOptions
  readonly #places: asyncio.Semaphore | undefined
  readonly #queue: number
  readonly #timeout: number | undefined
  readonly #patience: number
  #size = 0
  #waiting = 0

  constructor(options: RequestTasksOptions = {}) {
    lowlevel.checkOptions(options, "RequestTasks()", '{ concurrency: 100, timeout: "30 seconds" }')
    const { concurrency, onCancelled, patience = 1000, queue = Infinity, timeout } = options
    if (concurrency !== undefined) checkCount(concurrency, 1, "concurrency")
    checkCount(queue, 0, "queue")
    if (onCancelled !== undefined)
      lowlevel.checkFunction(onCancelled, "RequestTasks()", "{ onCancelled: (request) => ... }")
    this.options = options
    this.#places = concurrency === undefined ? undefined : new asyncio.Semaphore(concurrency)
    this.#queue = queue
    this.#timeout = timeout === undefined ? undefined : lowlevel.toMillis(timeout)
    this.#patience = lowlevel.toMillis(patience)
  }

  /** These, or those of options. */
  static of(given: RequestTasks | RequestTasksOptions | undefined): RequestTasks {
    return given instanceof RequestTasks ? given : new RequestTasks(given)
  }

  /** How many requests are not over, those that wait for a place included. */
  get size(): number {
    return this.#size
  }

  /** How many requests wait for a place. */
  get waiting(): number {
    return this.#waiting
  }

  /** Handles a request in a task of its own; gives what `handler` gives, or rejects with what the client is to be told. @internal */
  handle<A>(exchange: Exchange, handler: () => A | PromiseLike<A>): A | PromiseLike<A> {
    if (exchange.closed) return exchange.abandon() as A
    const now = admission()
    if (now !== "open") exchange.closeAfterwards()
    if (now === "refused") return Promise.reject(this.refusal("the service is shutting down", "shutdown"))
    const isFull = this.#places?.locked() === true && this.#waiting >= this.#queue
    if (isFull) return Promise.reject(this.refusal("too many requests are waiting", undefined))
    return new Handling<A>(this, exchange).begin(handler)
  }

  /** Calls `handle` when there is a place. @internal */
  inPlace<A>(handle: () => A | PromiseLike<A>): A | PromiseLike<A> {
    return this.#places === undefined ? handle() : this.#whenAdmitted(this.#places, handle)
  }

  async #whenAdmitted<A>(places: asyncio.Semaphore, handle: () => A | PromiseLike<A>): Promise<A> {
    this.#waiting++
    try {
      await places.acquire()
    } finally {
      this.#waiting--
    }
    try {
      return await handle()
    } finally {
      places.release()
    }
  }

  /** A request has come, or is over. @internal */
  count(change: 1 | -1): void {
    this.#size += change
  }

  /** How long a request may take until its answer begins, in milliseconds. @internal */
  timeoutFor(exchange: Exchange): number | undefined {
    const { timeoutHeader } = this.options
    if (timeoutHeader === undefined) return this.#timeout
    const asked = Number(exchange.header(timeoutHeader) ?? "none")
    // What is no number is no limit: a client that sends nonsense is handled as one that sends nothing.
    return asked >= 0 ? Math.min(asked, this.#timeout ?? Infinity) : this.#timeout
  }

  /** How long a handler may clean up before the client is answered without it. @internal */
  get patience(): number {
    return this.#patience
  }

  /** What a client is told whose request was ended. @internal */
  refusal(message: string, kind: asyncio.CancelledError["kind"] | undefined): RequestError {
    const { retryAfter = 1000, timeoutStatus = 503 } = this.options
    if (kind === "timeout") return new RequestError(message, timeoutStatus, kind, {})
    const seconds = String(Math.max(1, Math.ceil(lowlevel.toMillis(retryAfter) / 1000)))
    const closing = kind === "shutdown" ? { connection: "close" } : {}
    return new RequestError(message, 503, kind, { "retry-after": seconds, ...closing })
  }
}

const checkCount = (value: unknown, least: number, name: string): void => {
  if (typeof value === "number" && value >= least && (Number.isInteger(value) || value === Infinity)) return
  throw new asyncio.ValueError(`${name} must be a whole number from ${least} on, not ${String(value)}`)
}
