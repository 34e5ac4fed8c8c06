/**
 * A process that writes down by itself what it does, when something is wrong with it.
 *
 * @since 0.1.0
 */
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs"
import { constants } from "node:os"
import { join } from "node:path"
import { setImmediate as nextMacrotask } from "node:timers/promises"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { UnsafePath } from "../folder.ts"
import type { Hello, Piece } from "../protocol.ts"
import { DumpText } from "../text/dumpText.ts"
import type { Agent } from "./agent.ts"

/**
 * When a process writes down what it does: a dump of all its tasks, and what the flight recorder has, if one runs.
 *
 * @category models
 * @since 0.1.0
 */
export interface WriteOptions {
  /** When the loop was kept waiting for so many milliseconds. */
  readonly slow?: number | undefined
  /** When a failure was not retrieved, or something else is reported to an exception handler. */
  readonly failure?: boolean | undefined
  /** When a run ends and leaves tasks behind: before they are cancelled. */
  readonly leftovers?: boolean | undefined
  /** When this signal comes, such as `"SIGUSR2"`. It does nothing else then. */
  readonly signal?: NodeJS.Signals | undefined
  /** Into which folder; the working directory by default. It is made if it is not there. */
  readonly folder?: string | undefined
  /** How many times at most, so that no disk gets full: 10 by default. A signal is not counted. */
  readonly most?: number | undefined
}

/** After what was slow, or a failure, nothing is written for so long: one thing often brings others. */
const quiet = 1000
/** How often is looked whether the loop comes to it. */
const betweenLooks = 50

export class Writing {
  readonly #agent: Agent
  readonly #hello: Hello
  readonly #options: WriteOptions
  readonly #stops: Array<() => void> = []
  #written = 0
  #counted = 0
  #quietUntil = 0

  constructor(agent: Agent, hello: Hello, options: WriteOptions) {
    this.#agent = agent
    this.#hello = hello
    this.#options = options
    const { failure, leftovers, signal, slow } = options
    if (signal !== undefined && !(signal in constants.signals)) {
      throw new UnsafePath(`cannot write on ${signal}: there is no such signal here`)
    }
    if (slow !== undefined) this.#watchLoop(slow)
    if (failure === true) {
      this.#stops.push(lowlevel.onReportUnsafe((_, { message }) => this.#soon("failure", { message })))
    }
    if (leftovers === true) {
      this.#stops.push(
        lowlevel.onLeftoversUnsafe((_, tasks) => this.#now("leftovers", { tasks: tasks.map(({ id }) => id) }))
      )
    }
    if (signal !== undefined) {
      const write = () => void this.#write("signal", { signal })
      try {
        process.on(signal, write)
      } catch (error) {
        throw new UnsafePath(`cannot write on ${signal}: ${error instanceof Error ? error.message : String(error)}`)
      }
      this.#stops.push(() => process.off(signal, write))
    }
  }

  readonly stop = (): void => {
    for (const stop of this.#stops.splice(0)) stop()
  }

  #watchLoop(slow: number): void {
    let due = performance.now() + betweenLooks
    const timer = setInterval(() => {
      const late = performance.now() - due
      if (late >= slow) this.#soon("slow", { millis: Math.round(late) })
      due = performance.now() + betweenLooks
    }, betweenLooks)
    timer.unref()
    this.#stops.push(() => clearInterval(timer))
  }

  /** Not in the middle of what is reported, and not again at once. */
  #soon(why: string, facts: object): void {
    const now = performance.now()
    if (now < this.#quietUntil || !this.#mayWrite()) return
    this.#quietUntil = now + quiet
    void this.#write(why, facts)
  }

  /** The tasks of now, which are about to be cancelled. */
  #now(why: string, facts: object): void {
    if (!this.#mayWrite()) return
    this.#saying(() => {
      const file = this.#open(why)
      for (const text of this.#texts(why, facts)) writeSync(file.number, text)
      closeSync(file.number)
      return this.#trace(file.path)
    })
  }

  /** Piece by piece, between which the program goes on. */
  async #write(why: string, facts: object): Promise<void> {
    // What happened is in the trace now, and perhaps no more behind the dump.
    this.#saying(() => {
      const file = this.#open(why)
      const traced = this.#trace(file.path)
      const texts = this.#texts(why, facts)
      const writeNext = (): boolean => {
        try {
          const { done, value } = texts.next()
          if (done !== true) writeSync(file.number, value)
          return done !== true
        } catch (error) {
          failed(error)
          return false
        }
      }
      // Where the process ends meanwhile, by what has gone wrong perhaps, the rest is written at once.
      const finish = () => {
        while (writeNext());
        closeSync(file.number)
      }
      process.once("exit", finish)
      const goOn = async () => {
        while (writeNext()) await nextMacrotask()
        process.off("exit", finish)
        closeSync(file.number)
      }
      void goOn()
      return traced
    })
  }

  *#texts(why: string, facts: object): Generator<string> {
    const text = new DumpText()
    yield text.head(this.#hello)
    const first = this.#agent.begin()
    for (let part: { readonly pieces: ReadonlyArray<unknown>; readonly more: boolean } = first; ;) {
      for (const piece of part.pieces) yield text.piece(piece as Piece)
      if (!part.more) break
      part = this.#agent.next(first.dump)
    }
    yield text.end({ because: { why, ...facts } })
  }

  #trace(path: string): string {
    const recorder = this.#agent.running()
    if (recorder === undefined) return path
    const traced = path.replace(/dump\.json$/, "trace.json")
    writeFileSync(traced, `${JSON.stringify(recorder.trace())}\n`, { mode: 0o600, flag: "wx" })
    return `${path} and ${traced}`
  }

  #open(why: string): { readonly number: number; readonly path: string } {
    const { folder = process.cwd() } = this.#options
    mkdirSync(folder, { recursive: true })
    const path = join(
      folder,
      `${this.#hello.name.replace(/[^\w.-]/g, "_")}-${process.pid}-${++this.#written}-${why}.dump.json`
    )
    // A file of its own, that no other user can read: names and labels are in it.
    return { path, number: openSync(path, "wx", 0o600) }
  }

  #mayWrite(): boolean {
    return this.#counted++ < (this.#options.most ?? 10)
  }

  #saying(write: () => string): void {
    try {
      process.stderr.write(`effect-asyncio inspect: wrote ${write()}\n`)
    } catch (error) {
      failed(error)
    }
  }
}

/** It is no business of the program's. */
const failed = (error: unknown): void => {
  process.stderr.write(`effect-asyncio inspect: ${error instanceof Error ? error.message : String(error)}\n`)
}

const numberOf = (text: string | undefined): number | undefined => {
  const number = Number(text)
  return text === undefined || text === "" || !(number > 0) ? undefined : number
}

/** What `EFFECT_ASYNCIO_INSPECT_WRITE` says: `slow:500,failure,leftovers,SIGUSR2`. */
export const writeOptionsOf = (text: string, folder: string | undefined): WriteOptions => {
  const options: { -readonly [Key in keyof WriteOptions]: WriteOptions[Key] } =
    folder === undefined || folder === "" ? {} : { folder }
  for (const word of text.split(",").map((each) => each.trim())) {
    const [name, value] = word.split(":")
    if (name === "slow" && (value === undefined || numberOf(value) !== undefined)) options.slow = numberOf(value) ?? 500
    else if (name === "most" && numberOf(value) !== undefined) options.most = numberOf(value)
    else if (word === "failure" || word === "leftovers") options[word] = true
    else if (/^SIG[A-Z0-9]+$/.test(word)) options.signal = word as NodeJS.Signals
    else
      throw new UnsafePath(
        `EFFECT_ASYNCIO_INSPECT_WRITE has ${JSON.stringify(word)}: give it slow:MILLISECONDS, failure, leftovers, a signal, or most:TIMES`
      )
  }
  return options
}
