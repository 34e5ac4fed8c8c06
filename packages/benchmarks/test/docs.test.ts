import { assert, describe, it } from "vitest"
import { bars } from "../src/bars.ts"
import { pageNames, pictureFiles, readPage, readPicture, withSections } from "../src/docs.ts"

describe("the pages on performance", () => {
  for (const page of pageNames) {
    it(`${page} has the tables that \`npm run dev -- bench:docs\` writes`, () => {
      assert.strictEqual(readPage(page), withSections(page, readPage(page)))
    })
  }

  it("have the pictures that `npm run dev -- bench:docs` writes", () => {
    for (const [name, svg] of pictureFiles()) assert.strictEqual(readPicture(name), svg, name)
  })
})

describe("bars", () => {
  it("are as long as their values", () => {
    const svg = bars("A task", "less is better", [
      { peer: "core", value: 100, label: "100 ns" },
      { peer: "raw < Effect", value: 200, label: "200 ns" }
    ])

    const lengths = [...svg.matchAll(/class="bar[^>]* width="([\d.]+)"/g)].map(([, width]) => Number(width))
    assert.closeTo(lengths[1]! / lengths[0]!, 2, 0.01)
    assert.include(svg, "raw &lt; Effect")
  })
})
