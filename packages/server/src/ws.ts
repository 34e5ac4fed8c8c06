/**
 * Connections of `ws` as tasks.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/compat"
import type { IncomingMessage } from "node:http"
import type { WebSocket } from "ws"
import { admission, enter, leave, Work } from "./internal/inFlight.ts"
import { textOf } from "./internal/exchange.ts"

/**
 * Options of {@link socketTasks}.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface SocketTasksOptions {
  /** The pattern of the path, for the name of the task; by default the path itself. */
  readonly route?: ((request: IncomingMessage) => string) | undefined
  /** Is told what a handler has failed with; by default the process is, on stderr. */
  readonly onError?: ((error: unknown, request: IncomingMessage) => void) | undefined
}

/**
 * A listener for the event `connection` of a `WebSocketServer`: each connection is a task, `WS /chat`, that ends with its socket.
 *
 * **Details**
 *
 * The handler is given the messages as an async iterable, in order; messages that come before it asks are kept. It may return, and the
 * task goes on until the socket is closed. What it fails with closes the socket with 1011.
 *
 * **Cancellation**
 *
 * A handler whose socket is closed by the client is cancelled with the kind `"disconnect"`. At a shutdown the socket is closed with 1001,
 * "going away", at once: a connection has no end of its own to wait for. The handler may clean up.
 *
 * **asyncio**
 *
 * No such thing: asyncio has no WebSockets, only connections, of which
 * [`asyncio.start_server`](https://docs.python.org/3/library/asyncio-stream.html#asyncio.start_server) makes tasks. With
 * [websockets](https://websockets.readthedocs.io/en/stable/reference/asyncio/server.html) a connection is a task as well.
 *
 * **Example** (An echo)
 *
 * ```ts import.meta.vitest
 * import { socketTasks } from "@effect-asyncio/server/ws"
 * import { once } from "node:events"
 * import { WebSocket, WebSocketServer } from "ws"
 *
 * const server = new WebSocketServer({ port: 0 })
 * server.on("connection", socketTasks(async (socket, messages) => {
 *   for await (const message of messages) socket.send(`${message} back`)
 * }))
 *
 * const { port } = server.address() as { port: number }
 * const client = new WebSocket(`ws://127.0.0.1:${port}/echo`)
 * await once(client, "open")
 * client.send("there and")
 * const [answer] = await once(client, "message")
 * client.close()
 * server.close()
 * const text = String(answer)
 * text // => "there and back"
 * ```
 *
 * @category requests
 * @stability unstable
 * @since 0.1.0
 */
export const socketTasks = (
  handler: (socket: WebSocket, messages: AsyncIterable<WebSocket.RawData>, request: IncomingMessage) => unknown,
  options: SocketTasksOptions = {}
): ((socket: WebSocket, request: IncomingMessage) => void) => {
  const { onError = (error: unknown) => console.error(error), route = pathOf } = options
  return (socket, request) => {
    if (admission() !== "open") return socket.close(goingAway, "shutting down")
    new Connection(socket).begin(
      (messages) => handler(socket, messages, request),
      { method: "WS", route: route(request), id: textOf(request.headers["x-request-id"]) ?? ++lastId },
      (error) => onError(error, request)
    )
  }
}

const goingAway = 1001
const internalError = 1011

let lastId = 0

const pathOf = ({ url = "/" }: IncomingMessage): string => url.split("?", 1)[0]!

class Connection extends Work {
  readonly #socket: WebSocket
  #task!: asyncio.Task<unknown>
  #closed: asyncio.Future<void> | undefined = undefined

  constructor(socket: WebSocket) {
    super()
    this.#socket = socket
  }

  get task(): asyncio.Task<unknown>["core"] {
    return this.#task.core
  }

  begin(
    handler: (messages: AsyncIterable<WebSocket.RawData>) => unknown,
    labels: { readonly method: string; readonly route: string; readonly id: string | number },
    onError: (error: unknown) => void
  ): void {
    const socket = this.#socket
    enter(this)
    const name = `${labels.method} ${labels.route}`
    this.#task = asyncio.createTask(() => this.#run(handler, onError), { name, labels, eagerStart: true })
    this.#task.addDoneCallback(() => {
      leave(this)
      // A task that was cancelled, by whomever, ends its socket.
      if (socket.readyState !== socket.CLOSED) socket.close(goingAway)
    })
    socket.on("close", () => {
      if (this.#closed?.done() === false) this.#closed.setResult()
      this.#task.cancel("the client is gone", { kind: "disconnect" })
    })
    // The event `close` follows.
    socket.on("error", () => {})
  }

  async #run(handler: (messages: AsyncIterable<WebSocket.RawData>) => unknown, onError: (error: unknown) => void) {
    const socket = this.#socket
    const messages = new asyncio.Queue<WebSocket.RawData>()
    socket.on("message", (message) => messages.putNowait(message))
    try {
      await handler(each(messages))
      if (socket.readyState === socket.CLOSED) return
      this.#closed = asyncio.getRunningLoop().createFuture<void>()
      await this.#closed
    } catch (error) {
      if (asyncio.isCancelled(error)) throw error
      onError(error)
      socket.close(internalError)
    }
  }

  stop(message: string): void {
    this.#task.cancel(message, { kind: "shutdown" })
    this.#socket.close(goingAway, "shutting down")
  }

  /** A connection has no end of its own to wait for. */
  override get endless(): boolean {
    return true
  }
}

async function* each<A>(queue: asyncio.Queue<A>): AsyncIterable<A> {
  for (;;) yield await queue.get()
}
