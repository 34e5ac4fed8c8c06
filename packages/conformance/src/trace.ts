/**
 * Comparing traces.
 */

export type Trace = ReadonlyArray<string>

/** The index of the first line in which two traces differ, `undefined` when they are equal. */
export const firstDifference = (expected: Trace, actual: Trace): number | undefined => {
  const length = Math.max(expected.length, actual.length)
  for (let index = 0; index < length; index++) if (expected[index] !== actual[index]) return index
  return undefined
}

/**
 * What kind of difference it is: the two lines without what is particular to their scripts. Divergences of one kind
 * often have one cause, so one of each kind is worth looking at.
 */
export const kindOfDifference = (expected: Trace, actual: Trace, index: number): string => {
  const [left, right] = [expected[index], actual[index]]
  const late = left !== undefined && right !== undefined && timeOf(left) !== timeOf(right)
  return `${general(left)} <> ${general(right)}${late ? " (at another time)" : ""}`
}

const timeOf = (line: string): string => line.slice(0, line.indexOf(" "))

const general = (line: string | undefined): string => {
  if (line === undefined) return "(end)"
  const text = line.replace(/^\S+ \S+ /, "")
  return text
    .replace(/'[^']*'/g, "'")
    .replace(/\b[a-zA-Z]+\d+b?\b|Task-\d+|\d+(\.\d+)?/g, "#")
    .slice(0, 60)
}
