// Writes docs/conformance.md from the tests: `npm run dev -- conformance:docs`. docs/test/pages/conformance.test.ts checks that it is
// up to date and that no row is missing.
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { isProgram, root } from "../repository.ts"
import { cpythonRows } from "./cpythonRows.ts"
import { table } from "./markdown.ts"

/** The text of docs/conformance.md. */
export const conformanceDoc = (): string => {
  const rows = cpythonRows()
  const modules = [...new Set(rows.map(({ module }) => module))]
  const count = (module: string, state: string) =>
    rows.filter((row) => row.module === module && row.state === state).length
  const total = (state: string) => rows.filter((row) => row.state === state).length
  const summary = modules.map(
    (module) =>
      `| ${module} | ${count(module, "tested")} | ${count(module, "differs")} | ${count(module, "not applicable")} |`
  )
  const section = (title: string, state: string) => [
    `## ${title}`,
    "",
    ...table(
      ["module", "test", "reason"],
      rows.filter((row) => row.state === state).map(({ module, name, reason = "" }) => [module, name, reason])
    ),
    ""
  ]
  return [
    "# Conformance",
    "",
    "<!-- Written by `npm run dev -- conformance:docs` from packages/core/test/cpython. -->",
    "",
    "Two things hold this library to CPython 3.14: random programs, whose output is compared with the real interpreter's",
    "(`npm run conformance -- --seeds 1..1000`), and CPython's own tests, ported by hand. This page counts the second. A row",
    "is one test method of CPython's suite; every ported one runs in `npm test`.",
    "",
    "| CPython module | ported, pass | differ on purpose | not applicable |",
    "|---|---|---|---|",
    ...summary,
    `| **all ${rows.length}** | **${total("tested")}** | **${total("differs")}** | **${total("not applicable")}** |`,
    "",
    ...section("Different on purpose", "differs"),
    ...section("Not applicable", "not applicable")
  ].join("\n")
}

export const conformanceDocPath: string = join(root, "docs/conformance.md")

if (isProgram(import.meta.url)) {
  writeFileSync(conformanceDocPath, conformanceDoc())
  const missing = cpythonRows().filter(({ state }) => state === "missing")
  for (const { module, name } of missing) console.error(`missing: ${module} ${name}`)
  process.exitCode = missing.length === 0 ? 0 : 1
}
