/**
 * A server that is closed with its service: it takes no more connections, its idle ones end, and at last the others.
 */
import { once } from "node:events"
import type { AddressInfo, Socket } from "node:net"
import type { ListenTarget, TrackedServer } from "../Service.ts"

export class ClosingServer {
  readonly #server: TrackedServer
  // Also those that were upgraded, of which an HTTP server knows no more.
  readonly #sockets = new Set<Socket>()

  constructor(server: TrackedServer) {
    this.#server = server
    server.on("connection", (socket) => {
      this.#sockets.add(socket)
      socket.once("close", () => this.#sockets.delete(socket))
    })
  }

  /** Whether it is answering something. */
  get isBusy(): boolean {
    // The answer that Node.js has assigned to the connection: it is there from the head of a request on, before any handler is called, and
    // costs no request a listener. Without it only what has a task is waited for.
    for (const socket of this.#sockets) if ((socket as Answering)._httpMessage) return true
    return false
  }

  /** Takes no more connections. */
  close(): void {
    if (!this.#server.listening) return
    this.#server.close()
    this.closeIdle()
  }

  /** Ends connections on which nothing is asked: those that were kept alive. */
  closeIdle(): void {
    this.#server.closeIdleConnections?.()
  }

  /** Ends all connections. */
  destroy(): void {
    for (const socket of this.#sockets) socket.destroy()
  }
}

type Answering = Socket & { readonly _httpMessage?: unknown }

interface Listening extends TrackedServer {
  listen(target: ListenTarget): unknown
  address(): AddressInfo | string | null
}

/** Has a server listen; fails with what it fails with. */
export const listen = async (server: Listening, target: ListenTarget): Promise<AddressInfo | string | null> => {
  const listening = once(server as never, "listening")
  server.listen(target)
  await listening
  return server.address()
}
