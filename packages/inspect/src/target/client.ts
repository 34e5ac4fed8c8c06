/**
 * A client, by any way that leads here: requests are answered one after the other, no faster than the answers are read.
 */
import { type Hello, protocolVersion, type Request } from "../protocol.ts"
import { answers, type Way } from "./answers.ts"

/** A client that has not read anything for so long is let go. */
export const patience = 30_000
/** So many clients at a time. */
export const mostClients = 16
/** So long an answer may take before the client is told that it does. */
const untilNote = 1000

/** What a client is told. */
export type Line =
  | { readonly hello: Hello }
  | { readonly id: number; readonly piece: unknown }
  | { readonly id: number; readonly note: string }
  | { readonly id: number; readonly end: true }
  | { readonly id: number; readonly error: string }

/** The way back to a client. */
export interface Outlet {
  /** Whether the client is gone. */
  readonly isClosed: boolean
  /** Sends a line, and waits until the client has read enough for the next one. */
  write(line: Line): Promise<void>
  close(): void
}

type Given = Request & { readonly id: number; readonly protocol: number }

export class Client {
  readonly #outlet: Outlet
  readonly #way: Way
  // What is to be answered, one after the other.
  #last: Promise<void> = Promise.resolve()
  // The request of which no more is wanted than there is by now.
  #enough: number | undefined = undefined

  constructor(outlet: Outlet, hello: Hello, way: Way) {
    this.#outlet = outlet
    this.#way = way
    void outlet.write({ hello })
  }

  /** Takes what should be a request. */
  received(given: unknown): void {
    if (typeof (given as Given | null | undefined)?.id !== "number") return this.#outlet.close()
    // Not behind the others: it is about the one that is being answered.
    if ((given as { readonly enough?: unknown }).enough === true) return void (this.#enough = (given as Given).id)
    this.#last = this.#last.then(() => this.#answer(given as Given)).catch(() => this.#outlet.close())
  }

  async #answer(given: Given): Promise<void> {
    const { id, protocol } = given
    const outlet = this.#outlet
    if (protocol !== protocolVersion) {
      const error = `this process speaks version ${protocolVersion} of the protocol, and not ${protocol}`
      return await outlet.write({ id, error })
    }
    const isHeard = () => !outlet.isClosed
    const isWanted = () => isHeard() && this.#enough !== id
    const note = setTimeout(() => {
      void outlet.write({ id, note: "busy" })
    }, untilNote)
    try {
      for await (const piece of answers(given, this.#way, { isHeard, isWanted })) {
        clearTimeout(note)
        if (outlet.isClosed) return
        await outlet.write({ id, piece })
      }
      await outlet.write({ id, end: true })
    } catch (error) {
      await outlet.write({ id, error: error instanceof Error ? error.message : String(error) })
    } finally {
      clearTimeout(note)
    }
  }
}
