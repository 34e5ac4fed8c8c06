/**
 * Listens on the socket, and answers each connection.
 */
import { once } from "node:events"
import { createServer, type Socket } from "node:net"
import { socketsHere } from "../sockets.ts"
import { Lines } from "../lines.ts"
import type { Hello } from "../protocol.ts"
import { PieceText, type Way } from "./answers.ts"
import { Client, type Line, mostClients, type Outlet, patience } from "./client.ts"

/** A request is a few words. */
const longestRequest = 1024 * 1024

/** Listens until the process ends, which it does not hold up. */
export const listen = async (path: string, hello: Hello, way: Way): Promise<{ readonly close: () => void }> => {
  const clients = new Set<Socket>()
  const server = createServer((socket) => {
    clients.add(socket)
    socket.on("close", () => clients.delete(socket))
    connect(socket, hello, way)
  })
  server.maxConnections = mostClients
  // What is there is of a process that has had this number before.
  const sockets = socketsHere()
  sockets.remove(path)
  server.listen(path)
  await once(server, "listening")
  sockets.protect(path)
  server.unref()
  // No code waits for the end: what keeps no process alive may never tell of it.
  const close = () => {
    server.close()
    for (const socket of clients) socket.destroy()
  }
  return { close }
}

const connect = (socket: Socket, hello: Hello, way: Way): void => {
  socket.unref()
  socket.setEncoding("utf8")
  // A client may go at any time.
  socket.on("error", () => {})
  const client = new Client(new SocketOutlet(socket), hello, way)
  const lines = new Lines((line) => client.received(JSON.parse(line)), longestRequest)
  socket.on("data", (text: string) => {
    try {
      lines.add(text)
    } catch {
      socket.destroy()
    }
  })
}

const textOf = (line: Line): string =>
  "piece" in line && line.piece instanceof PieceText
    ? `{"id":${line.id},"piece":${line.piece.json}}`
    : JSON.stringify(line)

class SocketOutlet implements Outlet {
  readonly #socket: Socket

  constructor(socket: Socket) {
    this.#socket = socket
  }

  get isClosed(): boolean {
    return this.#socket.destroyed
  }

  async write(line: Line): Promise<void> {
    const socket = this.#socket
    if (socket.destroyed || socket.write(`${textOf(line)}\n`)) return
    // Not by `once` of node:events, which throws when the client is gone.
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => socket.destroy(), patience)
      const goOn = () => {
        clearTimeout(timer)
        socket.off("drain", goOn)
        socket.off("close", goOn)
        resolve()
      }
      socket.on("drain", goOn)
      socket.on("close", goOn)
    })
  }

  close(): void {
    this.#socket.destroy()
  }
}
