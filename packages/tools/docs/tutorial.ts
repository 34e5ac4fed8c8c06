// Comparing what a program printed with what CPython printed. File names, lines and the spelling of booleans are each
// language's own; everything else has to be equal.

/** One line of CPython's output beside the line of ours. */
export interface ComparedLine {
  readonly expected: string | undefined
  readonly printed: string | undefined
  readonly same: boolean
}

export const normalize = (text: string): string =>
  text
    // running at FILE:LINE, defined at FILE:LINE
    .replace(/ at (?:[A-Za-z]:)?[^\s>\]]+:\d+(?=[>\]])/g, " at FILE:LINE")
    // Where CPython's own callbacks are defined.
    .replace(/cb=\[(\w+)\(\) at FILE:LINE\]/g, "cb=[$1()]")
    .replace(/\bTrue\b/g, "true")
    .replace(/\bFalse\b/g, "false")
    .trimEnd()

/** A line with files for paths: what is not compared need not fill the screen. */
export const readable = (line: string): string =>
  line.replace(/ at (?:[A-Za-z]:)?[^\s>\]]*[\\/]([^\s>\]\\/]+:\d+)/g, " at $1")

const linesOf = (text: string) => text.trimEnd().split("\n")

const sameLine = (theirs: string | undefined, ours: string | undefined) =>
  theirs !== undefined && ours !== undefined && normalize(theirs) === normalize(ours)

export const compare = (expected: string, printed: string): ReadonlyArray<ComparedLine> => {
  const [theirs, ours] = [linesOf(expected), linesOf(printed)]
  return Array.from({ length: Math.max(theirs.length, ours.length) }, (_, i) => ({
    expected: theirs[i],
    printed: ours[i],
    same: sameLine(theirs[i], ours[i])
  }))
}

export const agree = (lines: ReadonlyArray<ComparedLine>): boolean => lines.every((line) => line.same)
