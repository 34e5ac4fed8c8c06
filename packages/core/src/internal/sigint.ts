/**
 * Ctrl-C: the first one is handed to the programs that are running, the second one has the host's own effect.
 */

interface Process {
  readonly pid: number
  on(signal: "SIGINT", listener: () => void): unknown
  off(signal: "SIGINT", listener: () => void): unknown
  listenerCount(signal: "SIGINT"): number
  kill(pid: number, signal: "SIGINT"): unknown
}

interface Program {
  readonly interrupt: () => void
  interrupted: boolean
}

/** A program's ear for Ctrl-C. */
export interface Listening {
  stop(): void
  /** Whether Ctrl-C came. */
  interrupted(): boolean
}

const programs = new Set<Program>()
const { process } = globalThis as { readonly process?: Partial<Process> }

// Workers and other hosts without signals have no usable `process.on`.
const signals: Process | undefined =
  typeof process?.on === "function" && typeof process.kill === "function" ? (process as Process) : undefined

const listener = (): void => {
  const second = [...programs].some((program) => program.interrupted)
  if (second) {
    // Nobody listens any more, so that the signal ends the process as it would have without us.
    signals!.off("SIGINT", listener)
    signals!.kill(signals!.pid, "SIGINT")
    return
  }
  for (const program of programs) {
    program.interrupted = true
    program.interrupt()
  }
}

/** Calls `interrupt` at the first Ctrl-C. A program that listens to SIGINT itself is left alone, as in asyncio. */
export const onSigint = (interrupt: () => void): Listening | undefined => {
  if (signals === undefined) return undefined
  if (programs.size === 0) {
    if (signals.listenerCount("SIGINT") > 0) return undefined
    signals.on("SIGINT", listener)
  }
  const program: Program = { interrupt, interrupted: false }
  programs.add(program)
  const stop = () => {
    programs.delete(program)
    if (programs.size === 0) signals.off("SIGINT", listener)
  }
  return { stop, interrupted: () => program.interrupted }
}
