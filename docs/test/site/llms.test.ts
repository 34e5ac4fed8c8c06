import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "vitest"
import { chaptersOf, llmsFullText, llmsText, plain, writeLlms } from "../../.vitepress/llms.ts"
import { guides } from "../../.vitepress/menu.ts"

const site = "https://example.com/docs/"
const docs = fileURLToPath(new URL("../../", import.meta.url))
const chapters = chaptersOf(guides, docs, site)
const pages = chapters.flatMap((chapter) => chapter.guides)

describe("a page as plain text", () => {
  it("has the programs of a group below each other, under the names of their tabs", () => {
    const group = "::: code-group\n\n```ts real-time [compat]\na\n```\n\n```py throws [Python]\nb\n```\n\n:::\n"

    assert.strictEqual(plain("start", group, site), "async/await:\n\n```ts\na\n```\n\nPython:\n\n```py\nb\n```\n")
  })

  it("has links that lead somewhere from anywhere", () => {
    const link = (href: string) => plain("tutorial/names", `[x](${href})`, site).slice(4, -2)

    assert.strictEqual(link("awaiting.md#who"), `${site}tutorial/awaiting#who`)
    assert.strictEqual(link("../errors.md"), `${site}errors`)
    assert.strictEqual(link("#here"), `${site}tutorial/names.html#here`)
    assert.strictEqual(link("https://effect.website"), "https://effect.website")
    assert.match(link("../../README.md"), /blob\/main\/README\.md$/)
  })

  it("keeps the code as it is, and leaves out what only the site understands", () => {
    const page = "---\naside: false\n---\n\n# Title\n\n<!-- timeline: Two tasks -->\n\n```ts\n[a](b.md)\n::: x\n```\n"

    assert.strictEqual(plain("start", page, site), "# Title\n\n```ts\n[a](b.md)\n::: x\n```\n")
  })
})

describe("a page that shows files and names its anchors, as plain text", () => {
  it("has the files in full, and headings without anchors", () => {
    const page = "### `boom` {#boom}\n\n<<< ./examples/job-service/compat/tools.ts [compat]\n"

    const text = plain("job-service", page, site)

    assert.match(text, /^### `boom`\n\nasync\/await:\n\n```ts\n[^]+import[^]+```\n$/)
  })
})

describe("llms.txt", () => {
  it("lists the pages of the menus once, each with a sentence", () => {
    const lines = llmsText(chapters, "About", site).split("\n")

    assert.isAbove(pages.length, 40)
    assert.strictEqual(lines[0], "# effect-asyncio")
    for (const { path, title } of pages) {
      const entries = lines.filter((line) => line.startsWith(`- [${title}](${site}${path}.md)`))
      assert.lengthOf(entries, 1, path)
      assert.match(entries[0]!, /: \S/, path)
    }
  })

  it("has every page in full in llms-full.txt", () => {
    const full = llmsFullText(chapters, site)

    for (const { markdown, path } of pages) {
      assert.include(full, markdown)
      assert.match(markdown, /^# /, path)
    }
    assert.notMatch(full, /^:::/m)
    assert.notMatch(full, /\]\((?!https?:)[^)]*\.md/)
  })

  it("is written beside the pages", () => {
    const out = mkdtempSync(join(tmpdir(), "site-"))
    try {
      writeLlms(out, chapters, "About", site)

      assert.match(readFileSync(join(out, "llms.txt"), "utf8"), /^# effect-asyncio/)
      assert.isAbove(readFileSync(join(out, "llms-full.txt"), "utf8").length, 100_000)
      assert.match(readFileSync(join(out, "tutorial/names.md"), "utf8"), /^# /)
    } finally {
      rmSync(out, { recursive: true })
    }
  })
})
