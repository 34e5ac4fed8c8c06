// Comparing what a program printed with what CPython printed. File names, lines and the spelling of booleans are each
// language's own; everything else has to be equal.

/** @param {string} text */
export const normalize = (text) =>
  text
    // running at FILE:LINE, defined at FILE:LINE
    .replace(/ at (?:[A-Za-z]:)?[^\s>\]]+:\d+(?=[>\]])/g, " at FILE:LINE")
    // Where CPython's own callbacks are defined.
    .replace(/cb=\[(\w+)\(\) at FILE:LINE\]/g, "cb=[$1()]")
    .replace(/\bTrue\b/g, "true")
    .replace(/\bFalse\b/g, "false")
    .trimEnd()

/**
 * @param {string} expected
 * @param {string} printed
 */
export const compare = (expected, printed) => {
  const [theirs, ours] = [expected, printed].map((text) => text.trimEnd().split("\n"))
  return Array.from({ length: Math.max(theirs.length, ours.length) }, (_, i) => ({
    expected: theirs[i],
    printed: ours[i],
    same: theirs[i] !== undefined && ours[i] !== undefined && normalize(theirs[i]) === normalize(ours[i])
  }))
}

/** @param {ReadonlyArray<{ same: boolean }>} lines */
export const agree = (lines) => lines.every((line) => line.same)
