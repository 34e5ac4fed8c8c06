// Which of CPython's own asyncio tests have a counterpart here: the checklist of their names, the names our tests cite in
// their titles, and the JSON files beside them that say why a row has none.
import { globSync, readFileSync } from "node:fs"
import { basename, join } from "node:path"
import { root } from "../repository.ts"

const folder = join(root, "packages/core/test/cpython")

/** A test of CPython's suite and what became of it here. */
export interface Row {
  readonly module: string
  readonly name: string
  readonly state: "tested" | "differs" | "not applicable" | "missing"
  readonly reason: string | undefined
}

const read = (name: string) => readFileSync(join(folder, name), "utf8")

/** The names in the titles of `it(...)`, as `module:name`. */
const cited = () => {
  const names = new Set<string>()
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
const explained = (module: string) => {
  const rows = new Map<string, readonly [state: "differs" | "not applicable", reason: string]>()
  for (const file of globSync(`${module}*.json`, { cwd: folder }).sort()) {
    if (!new RegExp(`^${module}(\\.\\d+)?\\.json$`).test(basename(file))) continue
    const { notApplicable = {}, differs = {} } = JSON.parse(read(file))
    for (const [name, reason] of Object.entries(notApplicable)) rows.set(name, ["not applicable", String(reason)])
    for (const [name, reason] of Object.entries(differs)) rows.set(name, ["differs", String(reason)])
  }
  return rows
}

/** Every row of the checklist and what became of it. */
export const cpythonRows = (): ReadonlyArray<Row> => {
  const names = cited()
  const checklist: Record<string, Record<"yes" | "partly" | "no", string[]>> = JSON.parse(read("checklist.json"))
  return Object.entries(checklist).flatMap(([module, rows]) => {
    const reasons = explained(module)
    return [...rows.yes, ...rows.partly, ...rows.no].map((name) => {
      const [state, reason] = reasons.get(name) ?? []
      if (names.has(`${module}:${name}`)) return { module, name, state: state ?? "tested", reason }
      return { module, name, state: state ?? "missing", reason }
    })
  })
}
