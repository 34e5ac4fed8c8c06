/**
 * What a server allows its requests.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"

/**
 * The limits of a server, or of some of its routes, in both packages.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface RequestLimits {
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
  /** What a request is answered whose time is up; 503 by default, 504 for a gateway, which asks other servers. */
  readonly timeoutStatus?: 503 | 504 | undefined
  /** How long a handler may clean up after its time before the client is answered without it; one second by default. */
  readonly patience?: Duration.Input | undefined
}
