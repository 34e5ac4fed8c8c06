import { readFileSync } from "node:fs"
import { assert, describe, it } from "vitest"
import { conformanceDoc, conformanceDocPath } from "../../../packages/tools/docs/conformance.ts"
import { cpythonRows } from "../../../packages/tools/docs/cpythonRows.ts"

describe("docs/conformance.md", () => {
  it("accounts for every row of the checklist", () => {
    const missing = cpythonRows().filter(({ state }) => state === "missing")

    assert.deepStrictEqual(missing, [])
  })

  it("is what `npm run dev -- conformance:docs` writes", () => {
    assert.strictEqual(readFileSync(conformanceDocPath, "utf8"), conformanceDoc())
  })
})
