// What the site makes of the pages' Markdown, beside what VitePress does.
import { createMarkdownRenderer } from "vitepress"
import { assert, describe, it } from "vitest"
import { codeGroups } from "../../.vitepress/markdown/codeGroups.ts"
import { addressOfLink, linksToSources } from "../../.vitepress/markdown/links.ts"
import { withLinks } from "../../.vitepress/markdown/types.ts"
import { firstParagraph } from "../../.vitepress/markdown/summary.ts"
import { address } from "../../../packages/tools/address.ts"

const md = await createMarkdownRenderer(".", {
  config: (md) => {
    codeGroups(md)
    linksToSources(md)
  }
})

const render = (markdown: string) => md.render(markdown, { relativePath: "recipes/page.md" })

describe("a code group", () => {
  const fence = (label: string) => `\`\`\`ts [${label}]\n"${label}"\n\`\`\`\n`
  const page = (...labels: ReadonlyArray<string>) => render(`::: code-group\n\n${labels.map(fence).join("\n")}\n:::\n`)
  const titles = (html: string) => Array.from(html.matchAll(/<label[^>]*>([^<]*)</g), ([, title]) => title)

  it("begins with async/await, in whatever order the page has its programs", () => {
    assert.deepStrictEqual(titles(page("Python", "core", "compat")), ["async/await", "Effect", "Python"])
  })

  it("keeps tabs of other names, in their order", () => {
    assert.deepStrictEqual(titles(page("npm", "core", "pnpm")), ["Effect", "npm", "pnpm"])
  })

  it("opens its first tab, with the code that belongs to it", () => {
    const [, code] = /<div class="language-ts[^"]* active">([^]*?)<\/div>/.exec(page("Python", "compat")) ?? []

    assert.include(code, "compat")
    assert.notInclude(code, "Python")
  })
})

describe("a link", () => {
  const source = "docs/recipes/page.md"

  it("to a page stays one", () => {
    for (const href of ["other.md", "../errors.md#reports", "/start", "#here", "https://effect.website"])
      assert.strictEqual(addressOfLink(source, href), undefined, href)
  })

  it("to a file of the repository leads to the repository", () => {
    const at = (path: string) => `${address.repository}/blob/main/${path}`

    assert.strictEqual(addressOfLink(source, "../examples/workers.ts"), at("docs/examples/workers.ts"))
    assert.strictEqual(addressOfLink(source, "../../packages/core/README.md#a"), at("packages/core/README.md#a"))
    assert.include(render("[the program](../examples/workers.ts)"), `href="${at("docs/examples/workers.ts")}"`)
  })
})

describe("what a page is about", () => {
  it("is its first paragraph, without marks", () => {
    const page = "---\noutline: 2\n---\n\n# Title\n\n<!-- written -->\n\n`a` and [b](c.md) <T>are\n**here**.\n\nMore.\n"

    assert.strictEqual(firstParagraph(page), "a and b are here.")
  })

  it("is nothing where there is no paragraph", () => {
    assert.strictEqual(firstParagraph("# Title\n\n::: code-group\n"), "")
  })
})

describe("a signature", () => {
  const addresses = new Map([["Task", "/api/core/Task"]])

  it("has links to the pages of its types, and the rest as it was", () => {
    assert.strictEqual(
      withLinks('<span class="Task">: Task&lt;</span><b>TaskGroup</b>', addresses),
      '<span class="Task">: <a href="/api/core/Task">Task</a>&lt;</span><b>TaskGroup</b>'
    )
  })

  it("has none in the name of something else", () => {
    assert.strictEqual(withLinks("<b>Effect.Task createTask</b>", addresses), "<b>Effect.Task createTask</b>")
  })
})
