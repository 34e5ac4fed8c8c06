/**
 * The setting that makes all files count as code of tasks.
 */
import { Linter } from "eslint"
import { assert, describe, it } from "vitest"
import plugin from "@effect-asyncio/eslint-plugin"

const code = `export const f = async () => { try { await fetch("/a") } catch {} }`

const lint = (config: Linter.Config): ReadonlyArray<string> =>
  new Linter().verify(code, [config]).map(({ message, messageId }) => messageId ?? message)

const withSettings = (settings: unknown): Linter.Config => ({
  ...plugin.configs.recommended,
  settings: { "@effect-asyncio": settings }
})

describe("the setting allFiles", () => {
  it("is off where nothing is said, and on in the config that is named after it", () => {
    assert.deepStrictEqual(
      [lint(plugin.configs.recommended), lint(plugin.configs.allFiles), lint(withSettings({ allFiles: false }))],
      [[], ["fetch", "swallowed"], []]
    )
  })

  it.each([
    ["all", "is no object"],
    [[], "is no object"],
    [{ allFile: true }, "has no setting `allFile`"],
    [{ allFiles: "yes" }, "has an `allFiles` that is neither true nor false"]
  ])("refuses %j with a way out", (settings, problem) => {
    assert.throws(() => lint(withSettings(settings)), `settings["@effect-asyncio"] ${problem}. Write`)
  })
})
