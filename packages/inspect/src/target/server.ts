/**
 * Listens on the socket, and answers each connection: one request after the other, no faster than it reads.
 */
import { once } from "node:events"
import { createServer, type Socket } from "node:net"
import { protect, removeSocket } from "../folder.ts"
import { Lines } from "../lines.ts"
import { type Hello, protocolVersion, type Request } from "../protocol.ts"
import { answers, type Way } from "./answers.ts"

/** A request is a few words. */
const longestRequest = 1024 * 1024
/** A client that has not read anything for so long is let go. */
const patience = 30_000
/** So long an answer may take before the client is told that it does. */
const untilNote = 1000
/** So many clients at a time. */
const mostClients = 16

/** Listens until the process ends, which it does not hold up. */
export const listen = async (path: string, hello: Hello, way: Way): Promise<{ readonly close: () => void }> => {
  const clients = new Set<Socket>()
  const server = createServer((socket) => {
    clients.add(socket)
    socket.on("close", () => clients.delete(socket))
    return new Client(socket, hello, way)
  })
  server.maxConnections = mostClients
  // What is there is of a process that has had this number before.
  removeSocket(path)
  server.listen(path)
  await once(server, "listening")
  protect(path)
  server.unref()
  // Nobody waits for the end: what keeps no process alive may never tell of it.
  const close = () => {
    server.close()
    for (const socket of clients) socket.destroy()
  }
  return { close }
}

type Given = Request & { readonly id: number; readonly protocol: number }

class Client {
  readonly #socket: Socket
  readonly #way: Way
  // What is to be answered, one after the other.
  #last: Promise<void> = Promise.resolve()

  constructor(socket: Socket, hello: Hello, way: Way) {
    this.#socket = socket
    this.#way = way
    socket.unref()
    socket.setEncoding("utf8")
    // Whoever is gone is gone.
    socket.on("error", () => {})
    const lines = new Lines((line) => this.#received(line), longestRequest)
    socket.on("data", (text: string) => {
      try {
        lines.add(text)
      } catch {
        socket.destroy()
      }
    })
    void this.#write({ hello })
  }

  #received(line: string): void {
    let given: Given
    try {
      given = JSON.parse(line) as Given
      if (typeof given.id !== "number") throw new Error("no id")
    } catch {
      this.#socket.destroy()
      return
    }
    this.#last = this.#last.then(() => this.#answer(given)).catch(() => void this.#socket.destroy())
  }

  async #answer(given: Given): Promise<void> {
    const { id, protocol } = given
    if (protocol !== protocolVersion) {
      const error = `this process speaks version ${protocolVersion} of the protocol, and not ${protocol}`
      return await this.#write({ id, error })
    }
    const note = setTimeout(() => {
      void this.#write({ id, note: "busy" })
    }, untilNote)
    try {
      for await (const piece of answers(given, this.#way, () => !this.#socket.destroyed)) {
        clearTimeout(note)
        if (this.#socket.destroyed) return
        await this.#write({ id, piece })
      }
      await this.#write({ id, end: true })
    } catch (error) {
      await this.#write({ id, error: error instanceof Error ? error.message : String(error) })
    } finally {
      clearTimeout(note)
    }
  }

  /** Writes a line, and waits until the client has read enough for the next one. */
  async #write(line: object): Promise<void> {
    const socket = this.#socket
    if (socket.destroyed || socket.write(`${JSON.stringify(line)}\n`)) return
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
}
