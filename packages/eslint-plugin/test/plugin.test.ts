import { ESLint } from "eslint"
import { ESLint as ESLint9 } from "eslint-9"
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "vitest"
import plugin from "@effect-asyncio/eslint-plugin"

const fixtures = fileURLToPath(new URL("fixtures", import.meta.url))
const poller = join(fixtures, "poller.js")

// Line, rule and severity of everything that is wrong in the first half of the file, and nothing of the second half.
const expected = [
  "14 @effect-asyncio/prefer-abortable warning",
  "15 @effect-asyncio/no-dropped-task error",
  "16 @effect-asyncio/no-swallowed-cancellation error",
  "19 @effect-asyncio/prefer-abortable warning",
  "20 @effect-asyncio/no-closure-in-thread error"
]

describe("the plugin", () => {
  it("says its name, its version and the prefix of its rules", () => {
    const manifest = createRequire(import.meta.url)("../package.json") as { name: string; version: string }

    assert.deepStrictEqual(plugin.meta, {
      name: "@effect-asyncio/eslint-plugin",
      version: manifest.version,
      namespace: "@effect-asyncio"
    })
  })

  it("recommends each of its rules, and each has a page that its url leads to", () => {
    const rules = Object.entries(plugin.rules ?? {})
    const pages = rules.map(([, rule]) => fileURLToPath(rule.meta?.docs?.url ?? ""))

    assert.deepStrictEqual(
      Object.keys(plugin.configs.recommended.rules ?? {}),
      rules.map(([name]) => `@effect-asyncio/${name}`)
    )
    assert.isTrue(pages.every((page) => existsSync(page)))
    assert.strictEqual(plugin.configs.recommended.plugins?.["@effect-asyncio"], plugin)
  })

  it.each([
    ["ESLint 10", ESLint],
    ["ESLint 9", ESLint9]
  ] as const)("finds the mistakes of a file in %s", async (_, Linter) => {
    const linter = new Linter({
      cwd: fixtures,
      overrideConfigFile: true,
      overrideConfig: [plugin.configs.recommended]
    })

    const [result] = await linter.lintFiles([poller])

    assert.deepStrictEqual(
      result?.messages.map(({ line, ruleId, severity }) => `${line} ${ruleId} ${severity === 2 ? "error" : "warning"}`),
      expected
    )
  })

  it("finds the same mistakes in oxlint", () => {
    const oxlint = join(dirname(createRequire(import.meta.url).resolve("oxlint/package.json")), "bin/oxlint")

    const { stdout } = spawnSync(
      process.execPath,
      [oxlint, "--config", join(fixtures, "oxlint.json"), "--format", "json", poller],
      { cwd: fixtures, encoding: "utf8" }
    )

    const { diagnostics } = JSON.parse(stdout) as {
      readonly diagnostics: ReadonlyArray<{
        readonly code: string
        readonly severity: string
        readonly labels: readonly [{ readonly span: { readonly line: number } }]
      }>
    }
    assert.deepStrictEqual(
      diagnostics.map(({ code, labels, severity }) => {
        const rule = code.replace(/\((.*)\)$/, "/$1")
        return `${labels[0].span.line} ${rule} ${severity}`
      }),
      expected
    )
  })
})
