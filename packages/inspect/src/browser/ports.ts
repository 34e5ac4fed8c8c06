/**
 * The protocol over ports: what are lines on a socket are messages here, and each is answered by `read` when it was read.
 *
 *     client ──connect, with a port of its own──▶ the port that was handed over
 *     target ──hello──▶ the port of the connection ◀──request, read, close── client
 */
/// <reference lib="dom" />
import { type Channel, type Subject, type TalkOptions, Talking } from "../client/talking.ts"
import { InspectError } from "../errors.ts"
import type { Hello } from "../protocol.ts"
import type { Way } from "../target/answers.ts"
import { Client, type Line, mostClients, type Outlet, patience } from "../target/client.ts"

/** To the port that was handed over. */
interface Connect {
  readonly connect: MessagePort
}

/** From one end of a connection to the other, beside lines and requests. */
type Sign = { readonly read: true } | { readonly close: true }

const isSign = (data: unknown, sign: "read" | "close"): boolean =>
  (data as { readonly [sign: string]: unknown } | null | undefined)?.[sign] === true

const send = (port: MessagePort, data: Line | Sign | object): void => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port, not a window
  port.postMessage(data)
}

/** Hears what comes, until what this gives is called. In Node.js a port that is listened to keeps the process. */
const hear = (port: MessagePort, listener: (data: unknown) => void, onGone: () => void): (() => void) => {
  const onMessage = ({ data }: MessageEvent<unknown>) => listener(data)
  port.addEventListener("message", onMessage)
  // Browsers that are older do not tell that the other end is gone: it stops reading.
  port.addEventListener("close", onGone)
  port.start()
  ;(port as { unref?: () => void }).unref?.()
  return () => {
    port.removeEventListener("message", onMessage)
    port.removeEventListener("close", onGone)
  }
}

// ---- the target ----------------------------------------------------------------------------------------------------

/** Answers every client that connects through a port. */
export const listen = (port: MessagePort, hello: Hello, way: Way): (() => void) => {
  const outlets = new Set<PortOutlet>()
  const stop = hear(
    port,
    (data) => {
      const own = (data as Partial<Connect> | null | undefined)?.connect
      if (!(own instanceof MessagePort)) return
      if (outlets.size >= mostClients) return own.close()
      const outlet: PortOutlet = new PortOutlet(own, () => outlets.delete(outlet))
      outlets.add(outlet)
      const client = new Client(outlet, hello, way)
      outlet.onRequest = (request) => client.received(request)
    },
    () => {}
  )
  return () => {
    stop()
    port.close()
    for (const outlet of outlets) outlet.close()
  }
}

/** So many lines are on their way at most. */
const mostUnread = 4

class PortOutlet implements Outlet {
  onRequest: (request: unknown) => void = () => {}
  isClosed = false
  readonly #port: MessagePort
  readonly #onClosed: () => void
  readonly #stop: () => void
  #unread = 0
  // The writes that wait until something was read.
  readonly #waiting = new Set<() => void>()

  constructor(port: MessagePort, onClosed: () => void) {
    this.#port = port
    this.#onClosed = onClosed
    this.#stop = hear(
      port,
      (data) => {
        if (isSign(data, "read")) this.#read()
        else if (isSign(data, "close")) this.close()
        else this.onRequest(data)
      },
      () => this.close()
    )
  }

  async write(line: Line): Promise<void> {
    if (this.isClosed) return
    send(this.#port, line)
    if (++this.#unread < mostUnread) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => this.close(), patience)
      this.#waiting.add(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  #read(): void {
    if (--this.#unread < mostUnread) this.#goOn()
  }

  #goOn(): void {
    for (const goOn of this.#waiting) goOn()
    this.#waiting.clear()
  }

  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.#stop()
    send(this.#port, { close: true })
    this.#port.close()
    this.#goOn()
    this.#onClosed()
  }
}

// ---- the client ----------------------------------------------------------------------------------------------------

const subject: Subject = {
  name: "what is looked at",
  silence: "it computes, is stopped by a debugger, or has been closed",
  notOurs: (why) =>
    new InspectError(
      `what answers on that port is nothing of @effect-asyncio/inspect${why === undefined ? "" : `: ${why}`}`
    )
}

/** Connects through a port that the target has handed over. */
export class PortTalking extends Talking {
  private constructor(port: MessagePort, options: TalkOptions) {
    super(new PortChannel(port, () => stop()), subject, options)
    const stop = hear(
      port,
      (data) => {
        if (isSign(data, "close")) this.ends(true)
        else this.received(data)
      },
      () => this.ends(true)
    )
  }

  static async open(door: MessagePort, options: TalkOptions = {}): Promise<PortTalking> {
    const { port1, port2 } = new MessageChannel()
    const talking = new PortTalking(port1, options)
    const connect: Connect = { connect: port2 }
    door.postMessage(connect, [port2])
    return await talking.begin()
  }
}

class PortChannel implements Channel {
  readonly #port: MessagePort
  readonly #stop: () => void
  #isClosed = false

  constructor(port: MessagePort, stop: () => void) {
    this.#port = port
    this.#stop = stop
  }

  send(request: object): void {
    send(this.#port, request)
  }

  came(): void {}

  taken(): void {
    if (!this.#isClosed) send(this.#port, { read: true })
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#stop()
    send(this.#port, { close: true })
    this.#port.close()
  }
}
