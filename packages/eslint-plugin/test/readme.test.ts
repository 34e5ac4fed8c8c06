/**
 * The configurations that the README shows do what it says.
 */
import { ESLint, type Linter } from "eslint"
import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "vitest"
import plugin from "@effect-asyncio/eslint-plugin"
import { usage } from "@effect-asyncio/eslint-plugin/migrate"

const fixtures = fileURLToPath(new URL("fixtures", import.meta.url))
const poller = join(fixtures, "poller.js")
const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8")
const fences = Array.from(readme.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm), ([, lang = "", code = ""]) => ({
  lang,
  code
}))

/** The first fence of a language. */
const fenceOf = (lang: string): string => fences.find((fence) => fence.lang === lang)?.code ?? ""

const found = (strict: "warning" | "error") => [
  `14 @effect-asyncio/prefer-abortable ${strict}`,
  "15 @effect-asyncio/no-dropped-task error",
  "16 @effect-asyncio/no-swallowed-cancellation error",
  `19 @effect-asyncio/prefer-abortable ${strict}`,
  "20 @effect-asyncio/no-closure-in-thread error"
]

describe("the README", () => {
  it("has no fence that is not looked at here", () => {
    assert.deepStrictEqual(
      fences.map(({ lang }) => lang),
      ["sh", "js", "sh", "js", "json", "sh"]
    )
  })

  it("installs this package", () => {
    assert.strictEqual(fenceOf("sh").trim(), `npm install --save-dev ${plugin.meta?.name}`)
  })

  it("calls the command by the name of the package, which has no other", () => {
    const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
      readonly bin: object
    }
    const line =
      fences
        .filter(({ lang }) => lang === "sh")
        .at(-1)
        ?.code.trim() ?? ""

    assert.lengthOf(Object.keys(manifest.bin), 1)
    assert.strictEqual(line, `npx ${plugin.meta?.name} migrate --dry-run src`)
    assert.isTrue(usage.includes("npx @effect-asyncio/eslint-plugin migrate [--dry-run]"))
  })

  it("says which TypeScript typescript-eslint needs, as long as it takes none that is newer", () => {
    const parser = createRequire(import.meta.url)("@typescript-eslint/parser/package.json") as {
      readonly peerDependencies: { readonly typescript: string }
    }

    assert.match(parser.peerDependencies.typescript, /<6\.1\.0$/)
    assert.match(readme, /asks for a TypeScript below 6\.1,/)
  })

  it("configures ESLint so that it finds the mistakes of a file, all of them as errors", async () => {
    const [head = "", body = ""] = fenceOf("js").split("export default ")
    assert.include(head, 'import asyncio from "@effect-asyncio/eslint-plugin"')
    // oxlint-disable-next-line typescript/no-implied-eval -- a module cannot be made of text
    const config = new Function("asyncio", `return ${body}`)(plugin) as Array<Linter.Config>
    const eslint = new ESLint({ cwd: fixtures, overrideConfigFile: true, overrideConfig: config })

    const [result] = await eslint.lintFiles([poller])

    assert.deepStrictEqual(
      result?.messages.map(({ line, ruleId, severity }) => `${line} ${ruleId} ${severity === 2 ? "error" : "warning"}`),
      found("error")
    )
  })

  it("configures ESLint for files that import nothing of compat", async () => {
    const [, body = ""] = fences.filter(({ lang }) => lang === "js")[1]!.code.split("export default ")
    // oxlint-disable-next-line typescript/no-implied-eval -- a module cannot be made of text
    const config = new Function("asyncio", `return ${body}`)(plugin) as Array<Linter.Config>
    const eslint = new ESLint({ overrideConfigFile: true, overrideConfig: config })
    const rulesIn = async (filePath: string): Promise<ReadonlyArray<string | null>> => {
      const [result] = await eslint.lintText("export const f = async () => { await fetch('/') }", { filePath })
      return result?.messages.map(({ ruleId }) => ruleId) ?? []
    }

    assert.deepStrictEqual(await Promise.all(["src/a.js", "src/a.test.js", "scripts/a.js"].map(rulesIn)), [
      ["@effect-asyncio/prefer-abortable"],
      [],
      []
    ])
  })

  it("configures oxlint so that it finds the same", () => {
    const require = createRequire(import.meta.url)
    const oxlint = join(dirname(require.resolve("oxlint/package.json")), "bin/oxlint")
    const own = JSON.parse(readFileSync(join(fixtures, "oxlint.json"), "utf8")) as { readonly jsPlugins: [string] }
    const shown = JSON.parse(fenceOf("json")) as { readonly jsPlugins: [string] }
    assert.deepStrictEqual(shown.jsPlugins, [plugin.meta?.name])
    const folder = mkdtempSync(join(tmpdir(), "oxlint-"))
    const config = join(folder, "oxlint.json")
    // The package's own name leads to what is built; the sources are tested here.
    writeFileSync(config, JSON.stringify({ ...shown, jsPlugins: [join(fixtures, own.jsPlugins[0])] }))

    const { stdout } = spawnSync(process.execPath, [oxlint, "--config", config, "--format", "json", poller], {
      cwd: fixtures,
      encoding: "utf8"
    })
    rmSync(folder, { recursive: true })

    const { diagnostics } = JSON.parse(stdout) as {
      readonly diagnostics: ReadonlyArray<{
        readonly code: string
        readonly severity: string
        readonly labels: readonly [{ readonly span: { readonly line: number } }]
      }>
    }
    const rows = diagnostics.map(
      ({ code, labels, severity }) => `${labels[0].span.line} ${code.replace(/\((.*)\)$/, "/$1")} ${severity}`
    )
    assert.deepStrictEqual(rows, found("warning"))
  })
})
