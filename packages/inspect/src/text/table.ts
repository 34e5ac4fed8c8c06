/** A table for a terminal: columns as wide as what is in them. */

/** The last column is not filled up. */
export const table = (
  titles: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>
): ReadonlyArray<string> => {
  const all = [titles, ...rows]
  const widths = titles.map((_, i) => all.reduce((width, row) => Math.max(width, row[i]?.length ?? 0), 0))
  return all.map((row) => row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i]!))).join("  "))
}
