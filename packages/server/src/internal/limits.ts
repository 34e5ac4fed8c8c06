/**
 * The limits of requests, checked once and in milliseconds, and what a client is told that is beyond them.
 */
import { type CancellationKind, ValueError } from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { RequestError } from "../RequestError.ts"
import type { RequestLimits } from "../RequestLimits.ts"

export class Limits {
  /** How many are handled at a time; undefined for as many as come. */
  readonly concurrency: number | undefined
  readonly patience: number
  /** How many requests wait for a place. */
  waiting = 0
  readonly #queue: number
  readonly #retryAfter: number
  readonly #timeout: number | undefined
  readonly #timeoutHeader: string | undefined
  readonly #timeoutStatus: 503 | 504

  /** Throws for options that cannot be meant; `by` is the function that was given them. */
  constructor(options: RequestLimits, by: string) {
    lowlevel.checkOptions(options, by, '{ concurrency: 100, timeout: "30 seconds" }')
    const { concurrency, patience = 1000, queue = Infinity, retryAfter = 1000, timeout } = options
    if (concurrency !== undefined) checkCount(concurrency, 1, "concurrency")
    checkCount(queue, 0, "queue")
    this.concurrency = concurrency
    this.patience = lowlevel.toMillis(patience)
    this.#queue = queue
    this.#retryAfter = lowlevel.toMillis(retryAfter)
    this.#timeout = timeout === undefined ? undefined : lowlevel.toMillis(timeout)
    this.#timeoutHeader = options.timeoutHeader?.toLowerCase()
    this.#timeoutStatus = options.timeoutStatus ?? 503
  }

  /** Whether one that has to wait for a place would be one too many. */
  get queueIsFull(): boolean {
    return this.waiting >= this.#queue
  }

  /** How many have a place or wait for one, at most. */
  get most(): number {
    return this.concurrency === undefined ? Infinity : this.concurrency + this.#queue
  }

  /** How long a request may take until its answer begins; `header` gives one of its headers, by its name in small letters. */
  timeoutFor(header: (name: string) => string | undefined): number | undefined {
    if (this.#timeoutHeader === undefined) return this.#timeout
    const asked = Number(header(this.#timeoutHeader) ?? "none")
    // What is no number is no limit: a client that sends nonsense is handled as one that sends nothing.
    return asked >= 0 ? Math.min(asked, this.#timeout ?? Infinity) : this.#timeout
  }

  /** What a client is told whose request was ended. */
  refusal(message: string, kind: CancellationKind | undefined): RequestError {
    if (kind === "timeout") return new RequestError(message, this.#timeoutStatus, kind, {})
    const seconds = String(Math.max(1, Math.ceil(this.#retryAfter / 1000)))
    const closing = kind === "shutdown" ? { connection: "close" } : {}
    return new RequestError(message, 503, kind, { "retry-after": seconds, ...closing })
  }

  /** What a client is told whose request never begins, because too many others wait already. */
  tooMany(): RequestError {
    return this.refusal("too many requests are waiting", undefined)
  }

  /** What a client is told whose request comes when what is there is being cancelled. */
  tooLate(): RequestError {
    return this.refusal("the service is shutting down", "shutdown")
  }
}

const checkCount = (value: unknown, least: number, name: string): void => {
  if (typeof value === "number" && value >= least && (Number.isInteger(value) || value === Infinity)) return
  throw new ValueError(`${name} must be a whole number from ${least} on, not ${String(value)}`)
}

// For requests that have no id of their own.
let lastId = 0

/** A number for a request that has no id. */
export const nextRequestId = (): number => ++lastId

/** What proxies log where the client is gone. */
export const statusWhenGone = 499
