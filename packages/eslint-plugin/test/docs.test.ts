/**
 * The examples of the rules' pages: the wrong ones are flagged, the right ones are not.
 */
import { Linter } from "eslint"
import { readFileSync } from "node:fs"
import { assert, describe, it } from "vitest"
import plugin from "@effect-asyncio/eslint-plugin"

const linter = new Linter()

const lint = (rule: string, code: string): ReadonlyArray<string> => {
  const file = code.includes("@effect-asyncio/compat")
    ? code
    : `import * as asyncio from "@effect-asyncio/compat"\n${code}`
  return linter
    .verify(file, {
      plugins: { "@effect-asyncio": plugin },
      rules: { [`@effect-asyncio/${rule}`]: "error" }
    })
    .map(({ fatal, message, messageId }) => (fatal === true ? message : (messageId ?? "")))
}

describe.each(Object.keys(plugin.rules ?? {}))("the page of %s", (rule) => {
  const page = readFileSync(new URL(`../docs/${rule}.md`, import.meta.url), "utf8")
  const fences = Array.from(page.matchAll(/```ts\n(\/\/ (wrong|right)\b.*\n[\s\S]*?)```/g), ([, code = "", kind]) => ({
    code,
    kind,
    line: code.split("\n")[0]
  }))

  it("has wrong examples and right ones, and no others", () => {
    assert.includeMembers(
      fences.map(({ kind }) => kind),
      ["wrong", "right"]
    )
    assert.strictEqual(fences.length, page.match(/^```ts/gm)?.length)
  })

  it("describes every message", () => {
    const messages = Object.keys(plugin.rules?.[rule]?.meta?.messages ?? {})
    const suggestions = new Set(["rethrow", "await", "keep", "using", "replace", "addSignal", "gather", "handOver"])
    const shown = new Set(fences.flatMap(({ code }) => lint(rule, code)))

    assert.deepStrictEqual(
      messages.filter((message) => !suggestions.has(message) && !shown.has(message)),
      []
    )
  })

  it.each(fences.map((fence) => [fence.line, fence] as const))("%s", (_, { code, kind }) => {
    const messages = lint(rule, code)

    if (kind === "wrong") assert.isNotEmpty(messages)
    else assert.deepStrictEqual(messages, [])
  })
})
