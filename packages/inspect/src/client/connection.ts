/**
 * A connection to a process.
 */
import { connect, type Socket } from "node:net"
import { InspectError } from "../errors.ts"
import { Lines } from "../lines.ts"
import { type Hello, type Line, protocolVersion, type Request } from "../protocol.ts"
import { printable } from "../text/printable.ts"

/** How a process is talked to. */
export interface ConnectOptions {
  /** How long to wait for each answer, in milliseconds; 10,000 by default. */
  readonly timeout?: number | undefined
  /** Told when the process takes its time. */
  readonly onBusy?: (() => void) | undefined
}

/** A process that is asked, whatever way leads to it. */
export interface Talk {
  readonly hello: Hello
  /** Asks something, and gives the answer piece by piece. */
  request(request: Request, timeout?: number): AsyncGenerator
  /** The one piece of an answer. */
  ask<T>(request: Request, timeout?: number): Promise<T>
  close(): Promise<void> | void
}

const defaultTimeout = 10_000

type Waiting = { readonly resolve: (line: Line | undefined) => void; readonly reject: (error: Error) => void }

export class Connection implements Talk {
  readonly #socket: Socket
  readonly #pid: number
  readonly #options: ConnectOptions
  // Lines that have come and were not asked for yet, or who asks for the next one; the end of all.
  readonly #lines: Array<Line> = []
  #waiting: Waiting | undefined = undefined
  #ended: Error | true | undefined = undefined
  #lastId = 0
  #timeout: number
  hello!: Hello

  private constructor(socket: Socket, pid: number, options: ConnectOptions) {
    this.#socket = socket
    this.#pid = pid
    this.#options = options
    this.#timeout = options.timeout ?? defaultTimeout
    socket.setEncoding("utf8")
    const lines = new Lines((text) => this.#received(text))
    socket.on("data", (text: string) => {
      try {
        lines.add(text)
      } catch {
        this.#end(this.#nonsense())
      }
    })
    socket.on("error", (error) => this.#end(error))
    socket.on("close", () => this.#end(true))
  }

  /** Connects to the socket of a process, and hears what that is. */
  static async open(path: string, pid: number, options: ConnectOptions = {}): Promise<Connection> {
    const connection = new Connection(connect(path), pid, options)
    try {
      const first = await connection.#next()
      if (first === undefined) throw connection.#gone()
      if (!("hello" in first) || typeof first.hello?.protocol !== "number") throw connection.#nonsense()
      const { hello } = first
      if (hello.protocol !== protocolVersion) {
        throw new InspectError(
          `process ${pid} speaks version ${hello.protocol} of the protocol, and this command version ${protocolVersion}: use the same version of @effect-asyncio/inspect on both ends (${printable(hello.version)} there)`
        )
      }
      if (hello.pid !== pid) throw connection.#nonsense()
      connection.hello = hello
      return connection
    } catch (error) {
      connection.close()
      throw error
    }
  }

  /** Asks something, and gives the answer piece by piece, each of which may take so long. One after the other. */
  async *request(request: Request, timeout = this.#options.timeout ?? defaultTimeout): AsyncGenerator {
    this.#timeout = timeout
    const id = ++this.#lastId
    this.#socket.write(`${JSON.stringify({ id, protocol: protocolVersion, ...request })}\n`)
    for (;;) {
      const line = await this.#next()
      if (line === undefined) throw this.#gone()
      if (!("id" in line) || line.id !== id) throw this.#nonsense()
      if ("error" in line) throw new InspectError(`process ${this.#pid}: ${printable(line.error)}`)
      if ("end" in line) return
      if ("note" in line) this.#options.onBusy?.()
      else yield line.piece
    }
  }

  /** The one piece of an answer. */
  async ask<T>(request: Request, timeout?: number): Promise<T> {
    // To the end: what follows is the answer to the next question.
    const answer: Array<unknown> = []
    for await (const piece of this.request(request, timeout)) answer.push(piece)
    if (answer.length !== 1) throw this.#nonsense()
    return answer[0] as T
  }

  close(): void {
    this.#socket.destroy()
  }

  #received(text: string): void {
    let line: unknown
    try {
      line = JSON.parse(text)
    } catch {
      line = undefined
    }
    if (typeof line !== "object" || line === null) return this.#end(this.#nonsense())
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting === undefined) this.#lines.push(line as Line)
    else waiting.resolve(line as Line)
    // Whoever reads slowly lets the process wait, and not this one's memory grow.
    if (this.#lines.length > 8) this.#socket.pause()
  }

  #end(why: Error | true): void {
    this.#ended ??= why
    this.#socket.destroy()
    const waiting = this.#waiting
    this.#waiting = undefined
    if (this.#ended === true) waiting?.resolve(undefined)
    else waiting?.reject(this.#ended)
  }

  /** The next line; undefined behind the last one. */
  #next(): Promise<Line | undefined> {
    const line = this.#lines.shift()
    if (this.#lines.length <= 1) this.#socket.resume()
    if (line !== undefined) return Promise.resolve(line)
    if (this.#ended === true) return Promise.resolve(undefined)
    if (this.#ended !== undefined) return Promise.reject(this.#ended)
    const timeout = this.#timeout
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#end(this.#silent(timeout)), timeout)
      const done = () => clearTimeout(timer)
      this.#waiting = {
        resolve: (next) => (done(), resolve(next)),
        reject: (error) => (done(), reject(error))
      }
    })
  }

  #gone(): InspectError {
    return new InspectError(`process ${this.#pid} has ended meanwhile`)
  }

  #nonsense(): InspectError {
    return new InspectError(`what listens for process ${this.#pid} is no process of @effect-asyncio/inspect`)
  }

  #silent(timeout: number): InspectError {
    return new InspectError(
      `process ${this.#pid} has not answered for ${timeout / 1000} s: it is stopped (by a debugger, or SIGSTOP), or waits in a call of the system that blocks (execFileSync, Atomics.wait). On Bun and Deno it does not answer while it computes`,
      3
    )
  }
}
