/**
 * Requests over the loopback, for programs that wait for a network: a server in a thread of its own, and as little of an HTTP
 * client as it takes, so that what is measured is not the client. Connections are kept, one for each request in flight.
 */
import { once } from "node:events"
import { connect, type Socket } from "node:net"
import { Worker } from "node:worker_threads"

const server = `
  const { createServer } = require("node:net")
  const { parentPort } = require("node:worker_threads")
  const answer = Buffer.from("HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok")
  const end = Buffer.from("\\r\\n\\r\\n")
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on("error", () => {})
    socket.on("data", (data) => { for (let at = 0; (at = data.indexOf(end, at) + 1) > 0;) socket.write(answer) })
  })
  server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port))
`

const question = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"

type Done = (error: Error | undefined) => void

class Connection {
  readonly #socket: Socket
  #done: Done | undefined = undefined

  constructor(port: number, idle: Array<Connection>) {
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true })
    this.#socket.on("data", (data) => {
      if (!data.toString("latin1").endsWith("\r\n\r\nok")) throw new Error("an answer in parts")
      const done = this.#done
      this.#done = undefined
      idle.push(this)
      done?.(undefined)
    })
    this.#socket.on("error", (error) => this.#done?.(error))
  }

  send(done: Done): void {
    this.#done = done
    this.#socket.write(question, "latin1")
  }

  end(): void {
    this.#done = undefined
    this.#socket.destroy()
  }
}

export class Client {
  readonly #port: number
  readonly #idle: Array<Connection> = []

  constructor(port: number) {
    this.#port = port
  }

  /** Sends a request; `done` is called with its end. The result gives it up, with its connection. */
  get(done: Done): () => void {
    const connection = this.#idle.pop() ?? new Connection(this.#port, this.#idle)
    connection.send(done)
    return () => connection.end()
  }

  close(): void {
    for (const connection of this.#idle) connection.end()
  }
}

let port: Promise<number> | undefined

const startServer = async (): Promise<number> => {
  const worker = new Worker(server, { eval: true })
  worker.unref()
  const [port] = (await once(worker, "message")) as [number]
  return port
}

/** Runs `body` with a client; the server is there for all runs of the process. */
export const withClient = async <A>(body: (client: Client) => Promise<A>): Promise<A> => {
  port ??= startServer()
  const client = new Client(await port)
  try {
    return await body(client)
  } finally {
    client.close()
  }
}
