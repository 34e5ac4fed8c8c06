import { readFileSync } from "node:fs"
import { assert, describe, it } from "vitest"
import { pagePaths } from "../../../packages/tools/docs/pages.ts"

describe("the menus of the site", () => {
  it("lead to every page", () => {
    const menu = readFileSync(new URL("../../.vitepress/menu.ts", import.meta.url), "utf8")
    const pages = pagePaths().flatMap((path) => /^docs(?!\/examples)(\/.*)\.md$/.exec(path)?.[1] ?? [])

    const missing = pages.filter((page) => page !== "/index" && !menu.includes(`link: "${page}"`))

    assert.isAbove(pages.length, 30)
    assert.deepStrictEqual(missing, [])
  })
})
