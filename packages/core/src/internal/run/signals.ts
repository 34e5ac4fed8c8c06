/**
 * Signals that end a program: the first one is handed to the programs that are running, the second one has the host's own
 * effect.
 */
import type { CancellationKind } from "../model/cancellationKinds.ts"
import { KeyboardInterrupt, Terminated } from "../model/errors.ts"
import { unexpectedValue } from "../model/hints.ts"
import type { RunOptions, StopSignal } from "../model/RunOptions.ts"

interface Process {
  readonly pid: number
  exitCode?: number
  on(event: string, listener: (error: unknown) => void): unknown
  once(event: string, listener: (error: unknown) => void): unknown
  off(event: string, listener: (error: unknown) => void): unknown
  listenerCount(event: string): number
  kill(pid: number, signal: string): unknown
}

interface Program {
  readonly interrupt: (signal: StopSignal) => void
  interruptedBy: StopSignal | undefined
}

/** A program's ear for signals. */
export interface Listening {
  stop(): void
  /** The signal that came. */
  interruptedBy(): StopSignal | undefined
}

/** The signals and their numbers: a shell, and a container, expects 128 more as the exit status. */
const numbers: Record<StopSignal, number> = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGTERM: 15, SIGBREAK: 21 }

const { process } = globalThis as { readonly process?: Partial<Process> }

// Workers and other hosts without signals have no usable `process.on`.
const host: Process | undefined =
  typeof process?.on === "function" && typeof process.kill === "function" ? (process as Process) : undefined

/** A signal, and the programs that listen to it. */
class Ear {
  readonly #signal: StopSignal
  readonly #programs = new Set<Program>()

  constructor(signal: StopSignal) {
    this.#signal = signal
  }

  /** A program that listens to the signal itself is left alone, as in asyncio. */
  add(program: Program): void {
    if (this.#programs.size === 0) {
      if (host!.listenerCount(this.#signal) > 0) return
      host!.on(this.#signal, this.#listener)
    }
    this.#programs.add(program)
  }

  remove(program: Program): void {
    if (this.#programs.delete(program) && this.#programs.size === 0) host!.off(this.#signal, this.#listener)
  }

  readonly #listener = (): void => {
    const second = [...this.#programs].some((program) => program.interruptedBy !== undefined)
    if (second) {
      // Without a listener the signal ends the process, as it would have without us.
      host!.off(this.#signal, this.#listener)
      host!.kill(host!.pid, this.#signal)
      return
    }
    for (const program of this.#programs) {
      program.interruptedBy = this.#signal
      program.interrupt(this.#signal)
    }
  }
}

const ears = new Map<StopSignal, Ear>()

const earFor = (signal: StopSignal): Ear => {
  let ear = ears.get(signal)
  if (ear === undefined) ears.set(signal, (ear = new Ear(signal)))
  return ear
}

/** The signals that cancel the main task of a run. */
export const signalsOf = ({ handleSigint = true, signals = [] }: RunOptions): ReadonlyArray<StopSignal> => {
  const known = Array.isArray(signals) && signals.every((signal) => Object.hasOwn(numbers, signal as string))
  if (!known) {
    // When: the option `signals` of `run` or `Runner` is no list of signals that can be listened to.
    throw unexpectedValue(
      `a list of signals was expected (${Object.keys(numbers).join(", ")})`,
      signals,
      'Name them, as in `{ signals: ["SIGTERM"] }`; nothing can listen to SIGKILL.'
    )
  }
  return handleSigint ? ["SIGINT", ...signals] : signals
}

// Those that a keyboard sends.
const ofKeyboard: ReadonlyArray<StopSignal> = ["SIGINT", "SIGQUIT", "SIGBREAK"]

/** The kind of the cancellation that a signal makes. */
export const kindOf = (signal: StopSignal): CancellationKind => (ofKeyboard.includes(signal) ? "interrupt" : "shutdown")

/** Calls `interrupt` at the first of `signals`. */
export const onSignals = (
  signals: ReadonlyArray<StopSignal>,
  interrupt: (signal: StopSignal) => void
): Listening | undefined => {
  if (host === undefined) return undefined
  const program: Program = { interrupt, interruptedBy: undefined }
  for (const signal of signals) earFor(signal).add(program)
  return {
    stop: () => {
      for (const signal of signals) earFor(signal).remove(program)
    },
    interruptedBy: () => program.interruptedBy
  }
}

// Errors that end the process with a status of their own where the program does not catch them.
const ends = new WeakSet<object>()
let watching = false

const onUncaught = (error: unknown): void => {
  if (typeof error !== "object" || error === null || !ends.has(error)) return
  const { exitCode } = error as Terminated
  host!.once("exit", () => void (host!.exitCode = exitCode))
}

/** What a run rejects with that a signal has ended. */
export const endedBy = (signal: StopSignal): KeyboardInterrupt | Terminated => {
  const error = signal === "SIGINT" ? new KeyboardInterrupt() : new Terminated(signal, 128 + numbers[signal])
  ends.add(error)
  if (!watching) host!.on("uncaughtExceptionMonitor", onUncaught)
  watching = true
  return error
}
