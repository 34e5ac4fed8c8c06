/**
 * What a client is told whose request was not handled to its end.
 *
 * @since 0.1.0
 */
import type { CancellationKind } from "@effect-asyncio/core"

/**
 * A request was not handled to its end: its time was up, too many others were there, the service ends, or other code has cancelled its task.
 *
 * **Details**
 *
 * Frameworks make an answer of it, or their error handlers do: Express and Koa read `status`, Fastify `statusCode`, and all of them `headers`.
 * The message names no details and may be shown. A client that is gone gets no answer, and is no error.
 *
 * **asyncio**
 *
 * No such thing: asyncio has no requests, and what is cancelled fails with a
 * [`CancelledError`](https://docs.python.org/3/library/asyncio-exceptions.html#asyncio.CancelledError). Frameworks on top of it, such as
 * [aiohttp](https://docs.aiohttp.org/en/stable/web_advanced.html#web-handler-cancellation), cancel the handler.
 *
 * @category errors
 * @stability unstable
 * @since 0.1.0
 */
export class RequestError extends Error {
  override readonly name = "RequestError"
  /** 503 or 504. */
  readonly status: number
  /** The kind of the cancellation that has ended it; undefined where it never began, because too many others were there. */
  readonly kind: CancellationKind | undefined
  /** What the answer has beside the status: `Retry-After`, and `Connection` where the service ends. */
  readonly headers: Readonly<Record<string, string>>
  /** That the message may be shown, for Koa. */
  readonly expose = true

  constructor(
    message: string,
    status: number,
    kind: CancellationKind | undefined,
    headers: Readonly<Record<string, string>>
  ) {
    super(message)
    this.status = status
    this.kind = kind
    this.headers = headers
  }

  /** {@link status}, for Fastify. */
  get statusCode(): number {
    return this.status
  }
}
