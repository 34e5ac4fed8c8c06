// Which of CPython's own asyncio tests have a counterpart here: the checklist of their names, the names our tests cite in
// their titles, and the JSON files beside them that say why a row has none.
import { globSync, readFileSync } from "node:fs"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"

const folder = fileURLToPath(new URL("../core/test/cpython", import.meta.url))

/**
 * @typedef {{ module: string, name: string, state: "tested" | "differs" | "not applicable" | "missing", reason: string | undefined }} Row
 */

const read = (/** @type {string} */ name) => readFileSync(join(folder, name), "utf8")

/** The names in the titles of `it(...)`, as `module:name`. */
const cited = () => {
  const names = new Set()
  for (const file of globSync("*.test.ts", { cwd: folder }).sort()) {
    const text = read(file)
    const module = /describe\("CPython (\w+)/.exec(text)?.[1]
    if (module === undefined) throw new Error(`${file} has no describe("CPython <module>")`)
    for (const [, title = ""] of text.matchAll(/\bit(?:\.\w+)*\(\s*["'`]([^\n]*?)["'`],/g)) {
      const inParentheses = /\(([^()]*)\)$/.exec(title)?.[1] ?? ""
      for (const name of inParentheses.split(", ")) names.add(`${module}:${name}`)
    }
  }
  return names
}

/** What the JSON files say of a module's rows: name -> [state, reason]. */
const explained = (/** @type {string} */ module) => {
  /** @type {Map<string, ["differs" | "not applicable", string]>} */
  const rows = new Map()
  for (const file of globSync(`${module}*.json`, { cwd: folder }).sort()) {
    if (!new RegExp(`^${module}(\\.\\d+)?\\.json$`).test(basename(file))) continue
    const { notApplicable = {}, differs = {} } = JSON.parse(read(file))
    for (const [name, reason] of Object.entries(notApplicable)) rows.set(name, ["not applicable", String(reason)])
    for (const [name, reason] of Object.entries(differs)) rows.set(name, ["differs", String(reason)])
  }
  return rows
}

/**
 * Every row of the checklist and what became of it.
 *
 * @returns {Row[]}
 */
export const cpythonRows = () => {
  const names = cited()
  /** @type {Record<string, Record<"yes" | "partly" | "no", string[]>>} */
  const checklist = JSON.parse(read("checklist.json"))
  return Object.entries(checklist).flatMap(([module, rows]) => {
    const reasons = explained(module)
    return [...rows.yes, ...rows.partly, ...rows.no].map((name) => {
      const [state, reason] = reasons.get(name) ?? []
      if (names.has(`${module}:${name}`)) return { module, name, state: state ?? "tested", reason }
      return { module, name, state: state ?? "missing", reason }
    })
  })
}
