import { readFileSync } from "node:fs"
import { assert, describe, it } from "vitest"
import { programsOf } from "../../packages/tools/docs/pages.ts"

describe("docs/coming-from-asyncio.md", () => {
  it("has every public name of asyncio, as CPython printed them on the page itself", () => {
    const page = readFileSync(new URL("../coming-from-asyncio.md", import.meta.url), "utf8")
    const names = programsOf("coming-from-asyncio.md", page)
      .find(({ lang }) => lang === "py")!
      .shown!.code.trimEnd()
      .split("\n")

    const missing = names.filter((name) => !page.includes(`\`${name}\``))

    assert.isAbove(names.length, 80)
    assert.deepStrictEqual(missing, [])
  })
})
