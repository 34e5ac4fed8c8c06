/**
 * What the tests found, as rows: one for each way of using a library.
 */

/** How a task's cancellation gets into a library. */
export type Means =
  /** It takes an AbortSignal: `currentSignal()` stops it. */
  | "signal"
  /** It knows nothing of signals: `abortable` stops waiting, and `onCancel` stops the work where it can be stopped. */
  | "abortable"
  /** It calls our code: its functions wait for ours. */
  | "inside"

/** A way of using a library, as a test declares it. */
export interface Usage {
  readonly library: string
  readonly operation: string
  readonly means: Means
  /** What one has to know, in a sentence, where it is not right by itself. */
  readonly recipe?: string | undefined
}

/** What a test says of its usage. */
export interface Tried extends Usage {
  /** How often it is repeated in the last of the ways. */
  readonly rounds: number
}

export interface Row extends Tried {
  /** How each of the seven ways went. */
  readonly ways: Readonly<Record<string, "right" | "wrong" | "skipped">>
}

interface Report {
  readonly testResults: ReadonlyArray<{
    readonly assertionResults: ReadonlyArray<{
      readonly title: string
      readonly status: string
      readonly meta?: { readonly usage?: Tried }
    }>
  }>
}

/** What is kept of a run. */
export interface Results {
  readonly node: string
  readonly rounds: number
  readonly rows: ReadonlyArray<Row>
}

const byUsage = (a: Usage, b: Usage): number => (keyOf(a) < keyOf(b) ? -1 : 1)

const keyOf = ({ library, operation }: Usage): string => `${library}\0${operation}`

/** The libraries of some files in the place of what is kept of them; undefined where the two do not compare. */
export const merged = (kept: Results, found: Results): Results | undefined => {
  if (kept.node !== found.node || kept.rounds !== found.rounds) return undefined
  const tried = new Set(found.rows.map(({ library }) => library))
  const rows = [...kept.rows.filter(({ library }) => !tried.has(library)), ...found.rows]
  return { ...found, rows: rows.toSorted(byUsage) }
}

const outcomes: Readonly<Record<string, "right" | "wrong">> = { passed: "right", failed: "wrong" }

/** The rows in a report of vitest's JSON reporter, by library. */
export const rowsOf = (json: string): ReadonlyArray<Row> => {
  const rows = new Map<string, { usage: Tried; ways: Record<string, "right" | "wrong" | "skipped"> }>()
  const report = JSON.parse(json) as Report
  for (const { assertionResults } of report.testResults) {
    for (const { meta, status, title } of assertionResults) {
      const usage = meta?.usage
      if (usage === undefined) continue
      const key = keyOf(usage)
      let row = rows.get(key)
      if (row === undefined) rows.set(key, (row = { usage, ways: {} }))
      row.ways[title] = outcomes[status] ?? "skipped"
    }
  }
  return [...rows.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { usage, ways }]) => ({ ...usage, ways }))
}

/** A line for each row, and what is wrong with it. */
export const summary = (rows: ReadonlyArray<Row>): string => {
  const lines = rows.map((row) => {
    const wrong = Object.entries(row.ways).filter(([, outcome]) => outcome !== "right")
    const verdict = wrong.length === 0 ? "right" : wrong.map(([way, outcome]) => `${outcome}: ${way}`).join("; ")
    return `${row.library.padEnd(28)}${row.operation.padEnd(36)}${row.means.padEnd(11)}${verdict}`
  })
  return ["", ...lines, ""].join("\n")
}
