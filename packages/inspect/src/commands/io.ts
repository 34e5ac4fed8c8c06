/**
 * Where a command prints, and what it needs of its surroundings.
 */
import type { TalkOptions } from "../client/talking.ts"
import { printableJson } from "../text/printable.ts"

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
  /** Whether the process is looked into by its inspector, which a signal opens. */
  readonly attach?: boolean
}

/** How to talk to processes, with a word to the user where one takes its time. */
export const connectOptions = (io: Io, { timeout }: CommonOptions): TalkOptions => ({
  timeout,
  onBusy: () => io.err("waiting: the process is busy\n")
})

/** Text that stands out, where colours can be seen. */
export const bold = (io: Io, text: string): string => (io.colors ? `\u001B[1m${text}\u001B[22m` : text)

// Many lines are written as few texts, and as several where one would be longer than a string may be.
const linesPerText = 2000
const longestText = 1024 * 1024

/** Prints lines as they come. */
export const printLines = async (io: Io, lines: Iterable<string>): Promise<void> => {
  let some: Array<string> = []
  let length = 0
  for (const line of lines) {
    length += line.length
    if (some.push(line) < linesPerText && length < longestText) continue
    await io.out(`${some.join("\n")}\n`)
    some = []
    length = 0
  }
  if (some.length > 0) await io.out(`${some.join("\n")}\n`)
}

/** Prints lines, the first of which is a title. */
export const printTable = async (io: Io, lines: Iterable<string>): Promise<void> => {
  await printLines(io, titled(io, lines))
}

function* titled(io: Io, lines: Iterable<string>): Generator<string> {
  let isTitle = true
  for (const line of lines) {
    yield isTitle ? bold(io, line) : line
    isTitle = false
  }
}

/** Prints data; a list element by element. */
export const printJson = async (io: Io, data: unknown): Promise<void> => {
  if (isList(data)) await printLines(io, jsonLines(data))
  else await io.out(`${printableJson(data, 2)}\n`)
}

const isList = (data: unknown): data is Iterable<unknown> =>
  typeof data === "object" && data !== null && Symbol.iterator in data

/** As `JSON.stringify` writes an array with two spaces. */
function* jsonLines(elements: Iterable<unknown>): Generator<string> {
  let last: string | undefined
  for (const element of elements) {
    yield last === undefined ? "[" : `${last},`
    last = `  ${printableJson(element, 2).replaceAll("\n", "\n  ")}`
  }
  if (last === undefined) yield "[]"
  else {
    yield last
    yield "]"
  }
}
