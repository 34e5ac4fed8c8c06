import { assert, describe, it } from "vitest"
import { plotFiles, readPage, readPlot, withSections } from "../src/docs.ts"

describe("docs/performance.md", () => {
  it("has the tables that `npm run dev -- bench:docs` writes", () => {
    assert.strictEqual(readPage(), withSections(readPage()))
  })

  it("has the plots that `npm run dev -- bench:docs` writes", () => {
    for (const [name, svg] of plotFiles()) assert.strictEqual(readPlot(name), svg, name)
  })
})
