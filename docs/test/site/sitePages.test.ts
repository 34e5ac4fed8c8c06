// The pages of the site whose text is elsewhere in the repository, and the anchors that other pages link to.
import { existsSync } from "node:fs"
import { assert, describe, it } from "vitest"
import { errorsDoc, linkedMessages } from "../../../packages/tools/docs/errors.ts"
import { changelogPage, lintPages, releasesOf } from "../../../packages/tools/docs/sitePages.ts"
import { root } from "../../../packages/tools/repository.ts"

describe("the pages of the lint rules", () => {
  const pages = lintPages()

  it("are those of the plugin, with a front page that links to them", () => {
    const [index = "", ...rules] = pages.keys()
    const front = pages.get(index)!

    assert.strictEqual(index, "docs/lint/index.md")
    assert.isAtLeast(rules.length, 4)
    for (const rule of rules) assert.include(front, `](./${rule.replace("docs/lint/", "")})`)
  })

  it("know the files that they are edited in", () => {
    for (const page of pages.values()) {
      const [, source = ""] = /^---\nsource: (.*)\n---\n/.exec(page) ?? []
      assert.isTrue(existsSync(`${root}/${source}`), source)
    }
  })
})

describe("the changelog", () => {
  const core = "# core\n\n## 0.10.0\n\n### Minor Changes\n\n- b\n\n## 0.9.1\n\n- a\n"
  const compat = "# compat\n\n## 0.10.0\n\n- c\n"

  it("is read version by version", () => {
    assert.deepStrictEqual(
      releasesOf(core).map(({ version }) => version),
      ["0.10.0", "0.9.1"]
    )
  })

  it("has what came with a version in one place, the newest first", () => {
    const page = changelogPage(
      new Map([
        ["core", core],
        ["compat", compat]
      ])
    )

    assert.deepStrictEqual(page.match(/^##.*|^- .*|^\*\*.*/gm), [
      "## 0.10.0",
      "### core {#core-0-10-0}",
      "**Minor Changes**",
      "- b",
      "### compat {#compat-0-10-0}",
      "- c",
      "## 0.9.1",
      "### core {#core-0-9-1}",
      "- a"
    ])
  })
})

describe("the page of errors", () => {
  it("has an anchor of its own for every message", () => {
    const anchors = Array.from(errorsDoc().matchAll(/\{#([\w-]+)\}$/gm), ([, anchor]) => anchor)

    assert.isAbove(anchors.length, 150)
    assert.deepStrictEqual(
      anchors.filter((anchor, n) => anchors.indexOf(anchor) !== n),
      []
    )
  })

  it("is linked to from a text that has one of its messages, filled in", () => {
    const printed =
      "RuntimeError: Task <Task pending name='a'> got Future <Future pending> attached to a different loop"

    const found = linkedMessages().filter(({ pattern }) => pattern.test(printed))

    assert.deepStrictEqual(
      found.map(({ anchor }) => anchor),
      ["runtimeerror-task-got-future-attached-to-a-different-loop"]
    )
  })
})
