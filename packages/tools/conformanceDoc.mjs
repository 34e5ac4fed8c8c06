// Writes docs/conformance.md from the tests: `npm run dev -- conformance:docs`. docs/test/conformance.test.ts checks that it is
// up to date and that no row is missing.
import { writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { cpythonRows } from "./cpythonRows.mjs"

const cell = (/** @type {string | undefined} */ text) => (text ?? "").replaceAll("|", "\\|")

export const conformanceDoc = () => {
  const rows = cpythonRows()
  const modules = [...new Set(rows.map(({ module }) => module))]
  const count = (/** @type {string} */ module, /** @type {string} */ state) =>
    rows.filter((row) => row.module === module && row.state === state).length
  const total = (/** @type {string} */ state) => rows.filter((row) => row.state === state).length
  const summary = modules.map(
    (module) =>
      `| ${module} | ${count(module, "tested")} | ${count(module, "differs")} | ${count(module, "not applicable")} |`
  )
  const section = (/** @type {string} */ title, /** @type {string} */ state) => [
    `## ${title}`,
    "",
    "| module | test | reason |",
    "|---|---|---|",
    ...rows.filter((row) => row.state === state).map((row) => `| ${row.module} | ${row.name} | ${cell(row.reason)} |`),
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

export const conformanceDocPath = fileURLToPath(new URL("../../docs/conformance.md", import.meta.url))

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(conformanceDocPath, conformanceDoc())
  const missing = cpythonRows().filter(({ state }) => state === "missing")
  for (const { module, name } of missing) console.error(`missing: ${module} ${name}`)
  process.exitCode = missing.length === 0 ? 0 : 1
}
