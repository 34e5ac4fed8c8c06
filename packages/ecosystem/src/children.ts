/**
 * The commands that this one runs, and what a Ctrl-C does: it ends the command that runs, then the servers, then this one.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { constants } from "node:os"

/** How long a command may take to end by itself, in milliseconds. A terminal interrupts it as well as this process. */
const patience = { untilAsked: 1000, untilForced: 10_000 }

let running: ChildProcess | undefined = undefined
let received: NodeJS.Signals | undefined = undefined

const onSignal = (signal: NodeJS.Signals): void => {
  received ??= signal
  const child = running
  if (child === undefined) return
  setTimeout(() => child.kill(signal), patience.untilAsked).unref()
  setTimeout(() => child.kill("SIGKILL"), patience.untilForced).unref()
}

/** From here on a signal ends commands, and not this process: its servers have to end before. */
export const takeSignals = (): void => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal)
}

/** The exit code of a command that a signal has ended, as shells count; undefined as long as there was none. */
export const interrupted = (): number | undefined =>
  received === undefined ? undefined : 128 + constants.signals[received]

/** Runs a command to its end, and gives its exit code. After a signal nothing is begun any more. */
export const run = (command: string, args: ReadonlyArray<string>, options: RunOptions): Promise<number> =>
  new Promise((resolve, reject) => {
    const before = interrupted()
    if (before !== undefined) return resolve(before)
    const env = { ...process.env, ...options.env }
    const child = spawn(command, args, { cwd: options.cwd, stdio: "inherit", env })
    running = child
    child.on("error", reject)
    child.on("exit", (code, signal) => {
      running = undefined
      resolve(interrupted() ?? code ?? 128 + (signal === null ? 0 : constants.signals[signal]))
    })
  })

export interface RunOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
}
