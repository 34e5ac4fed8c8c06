/**
 * A connection to a process.
 */
import { connect, type Socket } from "node:net"
import { InspectError, notOurs } from "../errors.ts"
import { Lines } from "../lines.ts"
import { hello as helloShape, pieceOf } from "../border/answers.ts"
import { answerLine, longestLine, valueOf } from "../border/line.ts"
import { trusted } from "../border/trusted.ts"
import { type Hello, protocolVersion, type Request } from "../protocol.ts"
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
/** What an answer may be long, in characters, but for `live`, which has no end; and how often it may be said that it takes its time. */
const longestAnswer = 1024 ** 3
const mostNotes = 100

/** A line, read but not looked at, and how long it was. */
interface Given {
  readonly value: unknown
  readonly length: number
}

type Waiting = { readonly resolve: (line: Given | undefined) => void; readonly reject: (error: Error) => void }

export class Connection implements Talk {
  readonly #socket: Socket
  readonly #pid: number
  readonly #options: ConnectOptions
  // Lines that have come and were not asked for yet, or who asks for the next one; the end of all.
  readonly #lines: Array<Given> = []
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
    const lines = new Lines((text) => this.#received(text), longestLine)
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
      const greeting = (first.value as { readonly hello?: Partial<Hello> }).hello
      const version = greeting?.protocol
      if (typeof version !== "number") throw connection.#nonsense()
      if (version !== protocolVersion) {
        throw new InspectError(
          `process ${pid} speaks version ${version} of the protocol, and this command version ${protocolVersion}: use the same version of @effect-asyncio/inspect on both ends (${printable(greeting?.version)} there)`
        )
      }
      const hello = connection.#trusted(() => helloShape(greeting, "hello"))
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
    let length = 0
    let notes = 0
    for (;;) {
      const line = await this.#next()
      if (line === undefined) throw this.#gone()
      const { end, error, id: answered, note, piece } = this.#trusted(() => answerLine(line.value, "a line"))
      if (answered !== id) throw this.#nonsense()
      if (error !== undefined) throw new InspectError(`process ${this.#pid}: ${printable(error)}`)
      if (end === true) return
      length += line.length
      if (length > longestAnswer && request.request !== "live") throw this.#nonsense()
      if (note === undefined) yield this.#trusted(() => pieceOf(request.request, piece))
      else if (notes++ === 0) this.#options.onBusy?.()
      else if (notes > mostNotes) throw this.#nonsense()
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
    let value: unknown
    try {
      value = valueOf(text)
    } catch {
      value = undefined
    }
    if (typeof value !== "object" || value === null) return this.#end(this.#nonsense())
    const line = { value, length: text.length }
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting === undefined) this.#lines.push(line)
    else waiting.resolve(line)
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
  #next(): Promise<Given | undefined> {
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

  /** What was read of something that this process may have sent, or anybody. */
  #trusted<T>(read: () => T): T {
    return trusted(this.#pid, read)
  }

  #nonsense(): InspectError {
    return notOurs(this.#pid)
  }

  #silent(timeout: number): InspectError {
    return new InspectError(
      `process ${this.#pid} has not answered for ${timeout / 1000} s: it is stopped (by a debugger, or SIGSTOP), or waits in a call of the system that blocks (execFileSync for one). On Bun and Deno it does not answer while it computes`,
      3
    )
  }
}
