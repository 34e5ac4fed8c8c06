/**
 * Signals of the host. Those that end a program: the first one is handed to the programs that are running, the second one has the host's own
 * effect. A program can handle any signal itself, on its loop, and then nothing else is done about it. Bundlers put signals.browser.ts in place of
 * this file where they make a program for browsers.
 */
import { withStackOf } from "../host/stack.ts"
import type { CancellationKind } from "../model/cancellationKinds.ts"
import { describe } from "../model/repr.ts"
import { KeyboardInterrupt, RuntimeError, Terminated, ValueError } from "../model/errors.ts"
import { unexpectedValue, withHint } from "../model/hints.ts"
import type { RunOptions, StopSignal } from "../model/RunOptions.ts"
import { noSignals } from "./noSignals.ts"

interface Process {
  readonly pid: number
  readonly stderr?: { write(text: string): unknown }
  exitCode?: number
  on(event: string, listener: (error: unknown) => void): unknown
  once(event: string, listener: (error: unknown) => void): unknown
  off(event: string, listener: (error: unknown) => void): unknown
  listenerCount(event: string): number
  kill(pid: number, signal: string): unknown
  exit?(code: number): never
  hasUncaughtExceptionCaptureCallback?(): boolean
  getBuiltinModule?(name: "node:os"): { readonly constants: { readonly signals: Readonly<Record<string, number>> } }
}

/** Ends a program with a cancellation. */
export type Interrupt = (kind: CancellationKind, message: string) => void

interface Program {
  /** The loop that it runs on. */
  readonly loop: object
  readonly interrupt: Interrupt
  interruptedBy: StopSignal | undefined
}

/** A program's ear for signals. */
export interface Listening {
  stop(): void
  isInterrupted(): boolean
  /** What a program rejects with that a signal has ended. */
  end(): KeyboardInterrupt | Terminated
}

/** The signals and their numbers: a shell, and a container, expects 128 more as the exit status. */
const numbers: Record<StopSignal, number> = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGTERM: 15, SIGBREAK: 21 }

const { process } = globalThis as { readonly process?: Partial<Process> }

// Browsers and web workers have no `process.on`. A worker thread of Node.js has it, and so counts as a host, though no signal reaches it.
const host: Process | undefined =
  typeof process?.on === "function" && typeof process.kill === "function" ? (process as Process) : undefined

/** A signal, and its listeners: the programs that it ends, and the handlers of loops. */
class Ear {
  readonly #signal: string
  readonly #programs = new Set<Program>()
  /** What is called for a loop; a program on it is let alone. */
  readonly #handlers = new Map<object, () => void>()

  constructor(signal: string) {
    this.#signal = signal
  }

  /** A program that listens to the signal itself is left alone, as in asyncio. */
  add(program: Program): void {
    if (!this.#listens && host!.listenerCount(this.#signal) > 0) return
    this.#change(() => this.#programs.add(program))
  }

  remove(program: Program): void {
    this.#change(() => this.#programs.delete(program))
  }

  /** Replaces the handler of a loop. */
  handle(loop: object, handler: () => void): void {
    this.#change(() => this.#handlers.set(loop, handler))
  }

  /** Whether there was a handler of the loop. */
  unhandle(loop: object): boolean {
    return this.#change(() => this.#handlers.delete(loop))
  }

  /** Whether all that listens to the signal is a program of ours, which it would end. */
  get isOnlyForPrograms(): boolean {
    return this.#handlers.size === 0 && this.#programs.size > 0 && host!.listenerCount(this.#signal) === 1
  }

  get #listens(): boolean {
    return this.#programs.size > 0 || this.#handlers.size > 0
  }

  #change<A>(change: () => A): A {
    const before = this.#listens
    const result = change()
    if (this.#listens !== before) host![before ? "off" : "on"](this.#signal, this.#listener)
    return result
  }

  readonly #listener = (): void => {
    for (const handler of this.#handlers.values()) handler()
    const programs = [...this.#programs].filter(({ loop }) => !this.#handlers.has(loop))
    const second = programs.some((program) => program.interruptedBy !== undefined)
    if (second) {
      // Without a listener the signal ends the process, as it would have without us.
      host!.off(this.#signal, this.#listener)
      host!.kill(host!.pid, this.#signal)
      return
    }
    for (const program of programs) {
      program.interruptedBy = this.#signal as StopSignal
      program.interrupt(kindOf(program.interruptedBy), this.#signal === "SIGINT" ? "Ctrl-C" : this.#signal)
    }
  }
}

const ears = new Map<string, Ear>()

const earFor = (signal: string): Ear => {
  let ear = ears.get(signal)
  if (ear === undefined) ears.set(signal, (ear = new Ear(signal)))
  return ear
}

const lettersOf = (name: string) => Array.from(name.toUpperCase().replace(/^SIG/, "")).toSorted().join("")

/** The signal that has the letters of a misspelt one: in another order, or in small letters, or without its beginning. */
const nearestSignal = (name: unknown): string | undefined =>
  typeof name === "string" ? Object.keys(numbers).find((known) => lettersOf(known) === lettersOf(name)) : undefined

/** Whether nothing listens to a signal but what would end programs of ours. */
export const listensOnly = (signal: string | undefined): boolean =>
  signal !== undefined && ears.get(signal)?.isOnlyForPrograms === true

/** The signals that cancel the main task of a run. */
export const signalsOf = ({ handleSigint = true, signals = [] }: RunOptions): ReadonlyArray<StopSignal> => {
  const unknown = Array.isArray(signals)
    ? signals.find((signal) => !Object.hasOwn(numbers, signal as string))
    : (signals as unknown)
  if (unknown !== undefined) {
    const meant = nearestSignal(unknown) ?? "SIGTERM"
    // When: the option `signals` of `run` or `Runner` is no list of signals that can be listened to.
    throw unexpectedValue(
      `a list of signals was expected (${Object.keys(numbers).join(", ")})`,
      signals,
      `Name them, as in \`{ signals: ["${meant}"] }\`; nothing can listen to SIGKILL.`
    )
  }
  return handleSigint ? ["SIGINT", ...signals] : signals
}

// Those that a keyboard sends.
const ofKeyboard: ReadonlyArray<StopSignal> = ["SIGINT", "SIGQUIT", "SIGBREAK"]

/** The kind of the cancellation that a signal makes. */
const kindOf = (signal: StopSignal): CancellationKind => (ofKeyboard.includes(signal) ? "interrupt" : "shutdown")

/** Calls `interrupt` at the first of `signals`, for the program on `loop`. */
export const onSignals = (
  loop: object,
  signals: ReadonlyArray<StopSignal>,
  interrupt: Interrupt
): Listening | undefined => {
  if (host === undefined) return undefined
  const program: Program = { loop, interrupt, interruptedBy: undefined }
  for (const signal of signals) earFor(signal).add(program)
  return {
    stop: () => {
      for (const signal of signals) earFor(signal).remove(program)
    },
    isInterrupted: () => program.interruptedBy !== undefined,
    end: () => endedBy(program.interruptedBy!)
  }
}

/** Has `handler` called at each `signal`, in place of what a run on `loop` would do about it, and of the last handler. */
export const handleSignal = (loop: object, signal: unknown, handler: () => void): void => {
  const known = checkSignal(signal, "addSignalHandler()")
  if (host === undefined) throw noSignals()
  earFor(known).handle(loop, handler)
}

/** Ends {@link handleSignal}; whether there was a handler. */
export const unhandleSignal = (loop: object, signal: unknown): boolean => {
  const known = checkSignal(signal, "removeSignalHandler()")
  return ears.get(known)?.unhandle(loop) ?? false
}

const checkSignal = (signal: unknown, operation: string): string => {
  if (typeof signal !== "string") {
    // When: `addSignalHandler` or `removeSignalHandler` got something else than the name of a signal.
    throw unexpectedValue(`the name of a signal was expected by ${operation}`, signal, 'Name it, as in `"SIGTERM"`.')
  }
  if (signal === "SIGKILL" || signal === "SIGSTOP") {
    // When: `addSignalHandler` for a signal that nothing can listen to.
    throw withHint(new RuntimeError(`sig ${signal} cannot be caught`), "Listen to SIGTERM, which comes before.")
  }
  if (!Object.hasOwn(numbers, signal) && host?.getBuiltinModule?.("node:os").constants.signals[signal] === undefined) {
    // When: `addSignalHandler` or `removeSignalHandler` got a name that is no signal of this host.
    throw withHint(new ValueError(`invalid signal: ${describe(signal)}`), 'Write it as in `"SIGTERM"`, in capitals.')
  }
  return signal
}

// Errors that end the process with a status of their own where the program does not catch them.
const ends = new WeakSet<object>()
let watching = false

const onUncaught = (error: unknown): void => {
  if (typeof error !== "object" || error === null || !ends.has(error)) return
  const { exitCode } = error as Terminated
  if (error instanceof Terminated && nobodyCatches()) {
    // All is cleaned up, as the container asked for: a stack would look like a crash.
    host!.stderr?.write(`${error}\n`)
    host!.exit?.(exitCode)
  }
  host!.once("exit", () => void (host!.exitCode = exitCode))
}

// Whether the host is about to print an uncaught error, and to end the process.
const nobodyCatches = (): boolean =>
  host!.listenerCount("uncaughtException") === 0 && host!.hasUncaughtExceptionCaptureCallback?.() !== true

/** What a run rejects with that a signal has ended. */
const endedBy = (signal: StopSignal): KeyboardInterrupt | Terminated => {
  // The host's code for signals would be all that is on the stack.
  const error = withStackOf(0, () =>
    signal === "SIGINT" ? new KeyboardInterrupt() : new Terminated(signal, 128 + numbers[signal])
  )
  ends.add(error)
  if (!watching) host!.on("uncaughtExceptionMonitor", onUncaught)
  watching = true
  return error
}
