/**
 * A connection to a process.
 */
import { connect, type Socket } from "node:net"
import { longestLine, valueOf } from "../border/line.ts"
import { notOurs } from "../errors.ts"
import { Lines } from "../lines.ts"
import { type Place, subjectOf } from "../place.ts"
import { type Channel, type TalkOptions, Talking, Unread } from "./talking.ts"

const silence =
  "it is stopped (by a debugger, or SIGSTOP), or waits in a call of the system that blocks (execFileSync for one). On Bun and Deno it does not answer while it computes"
// No thread of its own answers for them.
const silenceOfParts = "the process that tells of it computes, is stopped, or has ended"

/** A slow reader lets the process wait, and not its own memory grow. */
const mostWaiting = 8

export class Connection extends Talking {
  readonly place: Place

  private constructor(socket: Socket, place: Place, options: TalkOptions) {
    const name = subjectOf(place)
    super(
      new SocketChannel(socket),
      { name, silence: place.part === 0 ? silence : silenceOfParts, notOurs: (why) => notOurs(name, why) },
      options
    )
    this.place = place
    socket.setEncoding("utf8")
    const read = options.passesOn === true ? unread : parsed
    const lines = new Lines((text) => this.received(read(text), text.length), longestLine)
    socket.on("data", (text: string) => {
      try {
        lines.add(text)
      } catch {
        this.received(undefined)
      }
    })
    // A process that is killed resets its connections, in the middle of what it reads or writes.
    socket.on("error", (error: NodeJS.ErrnoException) => this.ends(isBroken(error) ? true : error))
    socket.on("close", () => this.ends(true))
  }

  /** Connects to the socket of a process, and hears what that is. */
  static async open(path: string, place: Place, options: TalkOptions = {}): Promise<Connection> {
    return await new Connection(connect(path), place, options).begin(place.pid)
  }
}

const isBroken = ({ code }: NodeJS.ErrnoException): boolean => code === "ECONNRESET" || code === "EPIPE"

const parsed = (text: string): unknown => {
  try {
    return valueOf(text)
  } catch {
    return undefined
  }
}

/** A piece as it came; what else comes is short. */
const unread = (text: string): unknown => {
  const [start, id] = /^\{"id":(\d+),"piece":/.exec(text) ?? []
  return start === undefined ? parsed(text) : new Unread(Number(id), text.slice(start.length, -1))
}

class SocketChannel implements Channel {
  readonly #socket: Socket

  constructor(socket: Socket) {
    this.#socket = socket
  }

  send(request: object): void {
    this.#socket.write(`${JSON.stringify(request)}\n`)
  }

  came(waiting: number): void {
    if (waiting > mostWaiting) this.#socket.pause()
  }

  taken(waiting: number): void {
    if (waiting <= 1) this.#socket.resume()
  }

  close(): void {
    this.#socket.destroy()
  }
}
