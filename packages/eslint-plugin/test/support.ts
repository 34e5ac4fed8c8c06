/**
 * Runs the cases of a rule through every linter the plugin is for: ESLint 10, ESLint 9 and oxlint.
 */
import { RuleTester } from "eslint"
import { RuleTester as RuleTester9 } from "eslint-9"
import { RuleTester as OxlintRuleTester } from "oxlint/plugins-dev"
import { describe, it } from "vitest"
import plugin from "@effect-asyncio/eslint-plugin"

export interface Case {
  readonly code: string
  /** TypeScript syntax, which of the three only oxlint reads without a further parser. */
  readonly typescript?: boolean
  readonly sourceType?: "module" | "script"
  /** Whether the configuration says that all files run in tasks. */
  readonly allFiles?: boolean
}

export interface Report {
  readonly messageId: string
  readonly line?: number
  readonly data?: Readonly<Record<string, string>>
  /** What the code becomes, by the message of the suggestion. */
  readonly suggestions?: Readonly<Record<string, string>>
}

export interface InvalidCase extends Case {
  readonly errors: ReadonlyArray<Report>
  /** What the fixes make of the code; left out when there are none. */
  readonly output?: string
}

export interface Cases {
  readonly valid: Readonly<Record<string, string | Case>>
  readonly invalid: Readonly<Record<string, InvalidCase>>
}

for (const tester of [RuleTester, RuleTester9, OxlintRuleTester]) {
  tester.describe = describe
  tester.it = it
}

const linters = {
  "ESLint 10": (name: string, cases: ReturnType<typeof toTests>) => new RuleTester().run(name, rule(name), cases),
  "ESLint 9": (name: string, cases: ReturnType<typeof toTests>) => new RuleTester9().run(name, rule(name), cases),
  oxlint: (name: string, cases: ReturnType<typeof toTests>) =>
    new OxlintRuleTester({ eslintCompat: true }).run(
      name,
      rule(name) as unknown as Parameters<OxlintRuleTester["run"]>[1],
      cases
    )
}

const rule = (name: string) => {
  const found = plugin.rules?.[name]
  if (found === undefined) throw new Error(`the plugin has no rule ${name}`)
  return found
}

const toTest = (name: string, { allFiles, code, sourceType = "module", typescript = false }: Case) => ({
  name,
  code,
  ...(allFiles === undefined ? {} : { settings: { "@effect-asyncio": { allFiles } } }),
  languageOptions: { sourceType, ...(typescript ? { parserOptions: { lang: "ts" as const } } : {}) }
})

const toTests = ({ valid, invalid }: Cases, typescript: boolean) => ({
  valid: Object.entries(valid)
    .map(([name, given]): [string, Case] => [name, typeof given === "string" ? { code: given } : given])
    .filter(([, given]) => typescript || given.typescript !== true)
    .map(([name, given]) => toTest(name, given)),
  invalid: Object.entries(invalid)
    .filter(([, given]) => typescript || given.typescript !== true)
    .map(([name, given]) => ({
      ...toTest(name, given),
      output: given.output ?? null,
      errors: given.errors.map(({ suggestions, ...error }) => ({
        ...error,
        suggestions: Object.entries(suggestions ?? {}).map(([messageId, output]) => ({ messageId, output }))
      }))
    }))
})

/** Declares the tests of one rule. */
export const testRule = (name: string, cases: Cases): void => {
  describe.each(Object.entries(linters))("in %s", (linter, run) => {
    run(name, toTests(cases, linter === "oxlint"))
  })
}

/** A file that imports compat as `asyncio`, with these lines in an async function: they begin in line 3. */
export const inTask = (...lines: ReadonlyArray<string>): string =>
  [`import * as asyncio from "@effect-asyncio/compat"`, `const work = async () => {`, ...lines, `}`].join("\n")
