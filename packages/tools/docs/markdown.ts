// Tables of the pages that are written from the sources.

/** Text as it can stand in a cell. */
const cell = (text: string): string => text.replaceAll("|", "\\|")

/** Text as code: a backtick inside asks for two around. */
export const code = (text: string): string => (text.includes("`") ? `\`\` ${text} \`\`` : `\`${text}\``)

export const row = (cells: ReadonlyArray<string>): string => `| ${cells.map(cell).join(" | ")} |`

/** The lines of a table. */
export const table = (
  head: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>
): ReadonlyArray<string> => [row(head), `|${head.map(() => "---|").join("")}`, ...rows.map(row)]
