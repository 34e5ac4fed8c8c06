/**
 * Requests as tasks.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/compat"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { type Exchange } from "./internal/exchange.ts"
import { Handling } from "./internal/handling.ts"
import { admission } from "./internal/inFlight.ts"
import { Limits } from "./internal/limits.ts"
import type { RequestLimits } from "./RequestLimits.ts"

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
export interface RequestTasksOptions extends RequestLimits {
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
 * answered 503, or 504, by a `RequestError`.
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
  /** @internal */
  readonly limits: Limits
  readonly #places: asyncio.Semaphore | undefined
  #size = 0

  constructor(options: RequestTasksOptions = {}) {
    this.limits = new Limits(options, "RequestTasks()")
    const { onCancelled } = options
    if (onCancelled !== undefined)
      lowlevel.checkFunction(onCancelled, "RequestTasks()", "{ onCancelled: (request) => ... }")
    this.options = options
    const { concurrency } = this.limits
    this.#places = concurrency === undefined ? undefined : new asyncio.Semaphore(concurrency)
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
    return this.limits.waiting
  }

  /** Handles a request in a task of its own; gives what `handler` gives, or rejects with what the client is to be told. @internal */
  handle<A>(exchange: Exchange, handler: () => A | PromiseLike<A>): A | PromiseLike<A> {
    if (exchange.closed) return exchange.abandon() as A
    const now = admission()
    if (now !== "open") exchange.closeAfterwards()
    if (now === "refused") return Promise.reject(this.limits.tooLate())
    if (this.#places?.locked() === true && this.limits.queueIsFull) return Promise.reject(this.limits.tooMany())
    return new Handling<A>(this, exchange).begin(handler)
  }

  /** Calls `handle` when there is a place. @internal */
  inPlace<A>(handle: () => A | PromiseLike<A>): A | PromiseLike<A> {
    return this.#places === undefined ? handle() : this.#whenAdmitted(this.#places, handle)
  }

  async #whenAdmitted<A>(places: asyncio.Semaphore, handle: () => A | PromiseLike<A>): Promise<A> {
    this.limits.waiting++
    try {
      await places.acquire()
    } finally {
      this.limits.waiting--
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
}
