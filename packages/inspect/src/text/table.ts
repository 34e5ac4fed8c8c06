/** A table for a terminal: columns as wide as what is in them. */
import { padded, widthOf } from "./padded.ts"

/** The last column is not filled up. */
export const table = (
  titles: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>
): ReadonlyArray<string> => {
  const all = [titles, ...rows]
  const widths = titles.map((_, i) => all.reduce((width, row) => Math.max(width, widthOf(row[i] ?? "")), 0))
  return all.map((row) => row.map((cell, i) => (i === row.length - 1 ? cell : padded(cell, widths[i]!))).join("  "))
}
