/**
 * Asking what can be looked into, by any way that leads there.
 */
import { hello as helloShape, pieceOf } from "../border/answers.ts"
import { answerLine } from "../border/line.ts"
import { trusted } from "../border/trusted.ts"
import { InspectError } from "../errors.ts"
import { type Hello, protocolVersion, type Request } from "../protocol.ts"
import { printable } from "../text/printable.ts"

/** How is asked. */
export interface TalkOptions {
  /** How long to wait for each answer, in milliseconds; 10,000 by default. */
  readonly timeout?: number | undefined
  /** Told when the answer takes its time. */
  readonly onBusy?: (() => void) | undefined
  /** Whether pieces are only passed on, by {@link Talking.texts}: then no code reads them here. */
  readonly passesOn?: boolean | undefined
}

/** A piece of an answer as it came. */
export class Unread {
  readonly id: number
  readonly json: string

  constructor(id: number, json: string) {
    this.id = id
    this.json = json
  }
}

/** The target of a client. */
export interface Talk {
  readonly hello: Hello
  /** Asks something, and gives the answer piece by piece. */
  request(request: Request, timeout?: number): AsyncGenerator
  /** The one piece of an answer. */
  ask<T>(request: Request, timeout?: number): Promise<T>
  /** Wants no more of what was asked for last than there is by now: what takes its time is answered at once. */
  enough(): void
  close(): Promise<void> | void
}

/** The way there. */
export interface Channel {
  send(request: object): void
  /** A line has come, which makes so many that were not asked for yet. */
  came(waiting: number): void
  /** One was read, which leaves so many. */
  taken(waiting: number): void
  close(): void
}

/** What is told of the target, when something goes wrong. */
export interface Subject {
  /** What stands before `has not answered`. */
  readonly name: string
  /** Why it may not answer. */
  readonly silence: string
  /** What is said where something else is there, and by what that was seen. */
  readonly notOurs: (why?: string) => InspectError
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

/** Requests and their answers, one after the other. */
export class Talking implements Talk {
  readonly #channel: Channel
  readonly #subject: Subject
  readonly #options: TalkOptions
  // Lines that have come and were not asked for yet, or the read that waits for the next one; the end of all.
  readonly #lines: Array<Given> = []
  #waiting: Waiting | undefined = undefined
  #ended: Error | true | undefined = undefined
  #lastId = 0
  #timeout: number
  hello!: Hello

  constructor(channel: Channel, subject: Subject, options: TalkOptions) {
    this.#channel = channel
    this.#subject = subject
    this.#options = options
    this.#timeout = options.timeout ?? defaultTimeout
  }

  /** Hears what the target is, and refuses one that speaks another version, or is not `pid`. */
  async begin(pid?: number): Promise<this> {
    try {
      const first = await this.#next()
      if (first === undefined) throw this.#gone()
      const greeting = (first.value as { readonly hello?: Partial<Hello> }).hello
      const version = greeting?.protocol
      if (typeof version !== "number") throw this.#nonsense()
      if (version !== protocolVersion) {
        throw new InspectError(
          `${this.#subject.name} speaks version ${version} of the protocol, and this end version ${protocolVersion}: use the same version of @effect-asyncio/inspect on both ends (${printable(greeting?.version)} there)`
        )
      }
      const hello = this.#trusted(() => helloShape(greeting, "hello"))
      if (pid !== undefined && hello.pid !== pid) throw this.#nonsense()
      this.hello = hello
      return this
    } catch (error) {
      this.close()
      throw error
    }
  }

  /** Asks something, and gives the answer piece by piece, each of which may take so long. One after the other. */
  async *request(request: Request, timeout?: number): AsyncGenerator {
    for await (const piece of this.#pieces(request, timeout)) yield this.#trusted(() => pieceOf(request.request, piece))
  }

  /** The same as JSON, of which it is not known what it is. */
  async *texts(request: Request, timeout?: number): AsyncGenerator<string> {
    for await (const piece of this.#pieces(request, timeout)) {
      if (!(piece instanceof Unread)) throw this.#nonsense()
      yield piece.json
    }
  }

  async *#pieces(request: Request, timeout = this.#options.timeout ?? defaultTimeout): AsyncGenerator {
    this.#timeout = timeout
    const id = ++this.#lastId
    this.#channel.send({ id, protocol: protocolVersion, ...request })
    let length = 0
    let notes = 0
    for (;;) {
      const line = await this.#next()
      if (line === undefined) throw this.#gone()
      if (line.value instanceof Unread && line.value.id === id) {
        yield line.value
        continue
      }
      const { end, error, id: answered, note, piece } = this.#trusted(() => answerLine(line.value, "a line"))
      if (answered !== id) throw this.#nonsense()
      if (error !== undefined) throw new InspectError(`${this.#subject.name}: ${printable(error)}`)
      if (end === true) return
      length += line.length
      if (length > longestAnswer && request.request !== "live") throw this.#nonsense()
      if (note === undefined) yield piece
      else if (notes++ === 0) this.#options.onBusy?.()
      else if (notes > mostNotes) throw this.#nonsense()
    }
  }

  async ask<T>(request: Request, timeout?: number): Promise<T> {
    // To the end: what follows is the answer to the next question.
    const answer: Array<unknown> = []
    for await (const piece of this.request(request, timeout)) answer.push(piece)
    if (answer.length !== 1) throw this.#nonsense()
    return answer[0] as T
  }

  enough(): void {
    this.#channel.send({ id: this.#lastId, protocol: protocolVersion, enough: true })
  }

  close(): void {
    this.#channel.close()
  }

  /** A line has come, of so many characters. */
  protected received(value: unknown, length = 0): void {
    if (typeof value !== "object" || value === null) return this.ends(this.#nonsense())
    const line = { value, length }
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting === undefined) this.#channel.came(this.#lines.push(line))
    else {
      this.#channel.taken(0)
      waiting.resolve(line)
    }
  }

  /** Nothing more comes: because of an error, or of the end of the target. */
  protected ends(why: Error | true): void {
    this.#ended ??= why
    this.#channel.close()
    const waiting = this.#waiting
    this.#waiting = undefined
    if (this.#ended === true) waiting?.resolve(undefined)
    else waiting?.reject(this.#ended)
  }

  /** The next line; undefined behind the last one. */
  #next(): Promise<Given | undefined> {
    const line = this.#lines.shift()
    if (line !== undefined) {
      this.#channel.taken(this.#lines.length)
      return Promise.resolve(line)
    }
    if (this.#ended === true) return Promise.resolve(undefined)
    if (this.#ended !== undefined) return Promise.reject(this.#ended)
    const timeout = this.#timeout
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.ends(this.#silent(timeout)), timeout)
      const done = () => clearTimeout(timer)
      this.#waiting = {
        resolve: (next) => (done(), resolve(next)),
        reject: (error) => (done(), reject(error))
      }
    })
  }

  #gone(): InspectError {
    return new InspectError(`${this.#subject.name} has ended meanwhile`)
  }

  /** What was read of something that a process of ours may have sent, or any other. */
  #trusted<T>(read: () => T): T {
    return trusted(this.#subject.notOurs, read)
  }

  #nonsense(): InspectError {
    return this.#subject.notOurs()
  }

  #silent(timeout: number): InspectError {
    const { name, silence } = this.#subject
    return new InspectError(`${name} has not answered for ${timeout / 1000} s: ${silence}`, 3)
  }
}
