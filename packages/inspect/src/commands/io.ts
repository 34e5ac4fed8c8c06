/**
 * Where a command prints, and what it needs of its surroundings.
 */
import type { ConnectOptions } from "../client/connection.ts"

/** What a command prints to, and whether colours can be seen there. */
export interface Io {
  readonly out: (text: string) => Promise<void> | void
  readonly err: (text: string) => void
  readonly colors: boolean
}

/** What all commands take. */
export interface CommonOptions {
  readonly json?: boolean
  readonly timeout?: number
}

/** How to talk to processes, with a word to whoever waits where one takes its time. */
export const connectOptions = (io: Io, { timeout }: CommonOptions): ConnectOptions => ({
  timeout,
  onBusy: () => io.err("waiting: the process is busy\n")
})

/** Text that stands out, where colours can be seen. */
export const bold = (io: Io, text: string): string => (io.colors ? `\u001B[1m${text}\u001B[22m` : text)

/** Prints lines, the first of which is a title. */
export const printTable = async (io: Io, lines: ReadonlyArray<string>): Promise<void> => {
  const [title = "", ...rest] = lines
  await io.out(`${[bold(io, title), ...rest].join("\n")}\n`)
}

/** Prints data. */
export const printJson = async (io: Io, data: unknown): Promise<void> => {
  await io.out(`${JSON.stringify(data, undefined, 2)}\n`)
}
