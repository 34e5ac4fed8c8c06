import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { inflateRawSync } from "node:zlib"
import { createMarkdownRenderer, disposeMdItInstance } from "vitepress"
import { afterAll, assert, describe, it } from "vitest"
import { pagePaths, programsOf } from "../../../packages/tools/docs/pages.ts"
import { playgroundLinks } from "../../.vitepress/markdown/playgroundLinks.ts"
import { kindOf } from "../../playground/playable.ts"

// VitePress has one, which another test may have made.
disposeMdItInstance()
afterAll(disposeMdItInstance)
const renderer = createMarkdownRenderer(new URL("../..", import.meta.url).pathname, { config: playgroundLinks })

const linksOf = async (markdown: string, env: object = {}) => {
  const html = (await renderer).render(markdown, { relativePath: "page.md", cleanUrls: true, ...env })
  return Array.from(
    html.matchAll(/href="\/playground#program=([\w-]+)"[^>]*>Open in the playground</g),
    ([, letters]) => JSON.parse(inflateRawSync(Buffer.from(letters!, "base64url")).toString())
  ) as ReadonlyArray<Record<string, string>>
}

const fence = (info: string, code: string) => `\`\`\`${info}\n${code}\n\`\`\`\n`
const core = `import * as asyncio from "@effect-asyncio/core"`
const compat = `import * as asyncio from "@effect-asyncio/compat"`

describe("links to the playground", () => {
  it("have the programs of their group", async () => {
    const group = `::: code-group\n\n${fence("py [Python]", "a")}\n${fence("ts [core]", core)}\n${fence("ts throws [compat]", compat)}\n:::\n`

    assert.deepStrictEqual(await linksOf(group), [{ core: `${core}\n`, compat: `${compat}\n` }])
  })

  it("stand below a program alone", async () => {
    assert.deepStrictEqual(await linksOf(`${fence("ts", compat)}\n\n${fence("ts", core)}`), [
      { compat: `${compat}\n` },
      { core: `${core}\n` }
    ])
  })

  it("are missing where a program cannot run there", async () => {
    for (const program of [
      fence("ts real-time", compat),
      fence("ts type-error", compat),
      fence("ts", `${compat}\nimport { readFile } from "node:fs"`),
      fence("ts", `${compat}\nprocess.exit()`),
      fence("ts", "console.log(1)"),
      fence("py", "a"),
      fence("txt", compat)
    ]) {
      assert.deepStrictEqual(await linksOf(program), [], program)
    }
  })

  it("are no part of what the search finds", async () => {
    assert.deepStrictEqual(await linksOf(fence("ts", compat), { isSearch: true }), [])
  })

  it("stand below every group of the pages that can run there", async () => {
    for (const page of pagePaths().filter((path) => path.startsWith("docs/"))) {
      const path = fileURLToPath(new URL(`../../../${page}`, import.meta.url))
      const markdown = readFileSync(path, "utf8")
      const groups = new Set(
        programsOf(page, markdown)
          .filter(({ code, lang, marks }) => lang === "ts" && kindOf(code, marks) !== undefined)
          .map(({ group, line }) => group || line)
      )

      // Without colours for the programs, which take a while.
      const tokens = (await renderer).parse(markdown, { path, relativePath: page })
      const links = tokens.filter((token) => token.attrGet("class") === "open-in-playground")
      assert.strictEqual(links.length, groups.size, page)
    }
  }, 120_000)
})
