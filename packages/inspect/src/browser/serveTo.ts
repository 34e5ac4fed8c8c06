/**
 * Lets this page, or this worker, be looked into.
 *
 * @since 0.1.0
 */
/// <reference lib="dom" />
import type { RecordOptions } from "../recorder/recorder.ts"
import type { CancellationKind } from "@effect-asyncio/core"
import { kindsWith } from "../kinds.ts"
import { type Hello, protocolVersion } from "../protocol.ts"
import { Agent } from "../target/agent.ts"
import type { Way } from "../target/answers.ts"
import { wayHere } from "../target/wayHere.ts"
import { listen } from "./ports.ts"
import { ownVersion } from "./version.ts"

/**
 * Options of {@link serveTo}.
 *
 * @category models
 * @since 0.1.0
 */
export interface ServeToOptions {
  /** What clients call the page: its title by default, and of a worker its name or its file. */
  readonly name?: string | undefined
  /** Whether a client may cancel tasks. By default that is refused. */
  readonly allowCancel?: boolean | undefined
  /** The program's own kinds of cancellation that may be asked for, beside those of core that tell nothing more. */
  readonly kinds?: ReadonlyArray<CancellationKind> | undefined
  /** Whether a flight recorder runs from the start: with its options in the place of `true`. */
  readonly record?: boolean | Omit<RecordOptions, "precise"> | undefined
}

/**
 * A page or a worker that answers.
 *
 * @category models
 * @since 0.1.0
 */
export interface ServingTo {
  /** Answers no more. */
  readonly close: () => void
}

/** What only a process can be asked for. */
const noProfiler = async (): Promise<never> => {
  throw new Error("a page cannot ask for a profile: take one in the developer tools of the browser")
}

/**
 * Answers the client that has the other end of `port`: the page's own panel, another window, or the page that has made this worker. What is
 * not handed over cannot be looked into.
 *
 * **Details**
 *
 * It speaks the protocol of `npx @effect-asyncio/inspect`, on the thread of the program: while that computes nothing answers. It runs no code
 * of the program, unless `allowCancel` is set. Without a client it costs nothing.
 *
 * **Example** (A worker whose tasks the page shows)
 *
 * ```ts
 * import { serveTo } from "@effect-asyncio/inspect/browser"
 *
 * addEventListener("message", ({ data }) => {
 *   if (data.inspect instanceof MessagePort) serveTo(data.inspect)
 * })
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const serveTo = (port: MessagePort, options: ServeToOptions = {}): ServingTo => {
  const served = new Served(options)
  served.to(port)
  return served
}

/** What answers through one port or several. */
export class Served implements ServingTo {
  readonly #agent: Agent
  readonly #hello: Hello
  readonly #way: Way
  readonly #stops: Array<() => void> = []

  constructor({ allowCancel = false, kinds, name = ownName(), record }: ServeToOptions) {
    this.#agent = new Agent({ name, record, kinds })
    this.#hello = { ...helloOf(name), ...(allowCancel ? { kinds: kindsWith(kinds) } : { readOnly: true }) }
    const way = wayHere(this.#agent, noProfiler)
    this.#way = allowCancel ? way : { ...way, order: refused }
  }

  to(port: MessagePort): void {
    this.#stops.push(listen(port, this.#hello, this.#way))
  }

  readonly close = (): void => {
    for (const stop of this.#stops.splice(0)) stop()
    this.#agent.stop()
  }
}

const refused = async (): Promise<never> => {
  throw new Error("who looks here may not cancel tasks: serveTo(port, { allowCancel: true }) lets it")
}

/** What is there of a page, and of a worker. */
interface Here {
  readonly document?: { readonly title: string }
  readonly location?: { readonly pathname: string }
  readonly name?: string
  readonly navigator?: { readonly userAgent: string }
}

const ownName = (): string => {
  const { document, location, name } = globalThis as Here
  const path = location?.pathname ?? ""
  return document?.title || (document === undefined && name) || path.split("/").at(-1) || path || "page"
}

const helloOf = (name: string): Hello => ({
  protocol: protocolVersion,
  // It has no number of its own.
  pid: 1,
  name,
  host: (globalThis as Here).navigator?.userAgent ?? "",
  version: ownVersion(),
  thread: "main",
  startedAt: Math.round(performance.timeOrigin)
})
