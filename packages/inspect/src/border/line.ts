/**
 * A line from a process: JSON, of which nothing more is known than what kind of line it is.
 */
import { count, objectOf, oneOf, refuse, type Shape, text } from "./shapes.ts"

/** A line of an answer: a piece of it, of which nothing is known yet, or how it goes on or ends. */
export interface AnswerLine {
  readonly id: number
  readonly piece?: unknown
  readonly note?: string
  readonly end?: true
  readonly error?: string
}

/** No honest process sends a longer line: a million numbers are a tenth of it. */
export const longestLine = 64 * 1024 * 1024

/** A longer line is looked at before it is read: lists in lists take fifty times the memory of their text. */
const longText = 4 * 1024 * 1024
/** Deeper than this is nothing that a process of ours sends. */
const deepest = 100

/** What a line says. Throws where it is no JSON, or deeper than it may be. */
export const valueOf = (line: string): unknown =>
  line.length > longText && isDeep(line) ? refuse("a line", "line of ours") : (JSON.parse(line) as unknown)

const anything: Shape<unknown> = (value) => value

/** A line of an answer. */
export const answerLine: Shape<AnswerLine> = objectOf(
  { id: count },
  { piece: anything, note: text, end: oneOf(true), error: text }
)

const [quote, backslash, list, object, listEnd, objectEnd] = Array.from('"\\[{]}', (sign) => sign.charCodeAt(0))

const isDeep = (line: string): boolean => {
  let depth = 0
  let inText = false
  for (let i = 0; i < line.length; i++) {
    const sign = line.charCodeAt(i)
    if (inText) {
      if (sign === backslash) i++
      else if (sign === quote) inText = false
    } else if (sign === quote) inText = true
    else if (sign === list || sign === object) {
      if (++depth > deepest) return true
    } else if (sign === listEnd || sign === objectEnd) depth--
  }
  return false
}
