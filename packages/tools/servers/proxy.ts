/**
 * A line between two processes that can be cut: a TCP proxy on the loopback interface.
 */
import { once } from "node:events"
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net"

/** `silent`: nothing arrives, and nobody is told. `refusing`: connections are reset, and new ones as well. */
export type ProxyState = "open" | "silent" | "refusing"

export class Proxy {
  readonly port: number
  /** How many bytes it has passed on. */
  passed = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #state: ProxyState = "open"

  private constructor(server: Server) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
  }

  /** Passes on to a port of 127.0.0.1 what it is told. */
  static async start(to: number, host = "127.0.0.1"): Promise<Proxy> {
    const server = createServer().listen(0, host)
    await once(server, "listening")
    const proxy = new Proxy(server)
    server.on("connection", (socket) => proxy.#join(socket, connect(to, "127.0.0.1")))
    return proxy
  }

  /** What becomes of those that are connected, and of those that come. What was said into the silence arrives after it. */
  set(state: ProxyState): void {
    this.#state = state
    for (const socket of this.#sockets) this.#obey(socket)
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    if (!this.#server.listening) return
    this.#server.close()
    await once(this.#server, "close")
  }

  #join(near: Socket, far: Socket): void {
    for (const [from, to] of [
      [near, far],
      [far, near]
    ] as const) {
      this.#sockets.add(from)
      from.setNoDelay(true)
      from.on("data", (bytes) => {
        this.passed += bytes.length
        to.write(bytes)
      })
      from.on("end", () => void to.end())
      // The other side is told by the end of its own connection.
      from.on("error", () => {})
      from.on("close", () => {
        this.#sockets.delete(from)
        to.destroy()
      })
      this.#obey(from)
    }
  }

  #obey(socket: Socket): void {
    if (this.#state === "open") socket.resume()
    else if (this.#state === "silent") socket.pause()
    // One that is not connected yet cannot be reset.
    else if (socket.connecting) socket.destroy()
    else socket.resetAndDestroy()
  }
}
