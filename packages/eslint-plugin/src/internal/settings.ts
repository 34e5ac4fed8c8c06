/**
 * What a configuration says once for all rules: `settings: { "@effect-asyncio": { allFiles: true } }`.
 */
import type { Rule } from "eslint"
import { importsCompat, importsCompatValues } from "./compat.ts"

export const settingsKey = "@effect-asyncio"

export interface Settings {
  /** Whether code runs in tasks also where a file imports nothing of compat, as most files of a moved program. */
  readonly allFiles: boolean
}

const wrong = (problem: string): Error =>
  new Error(
    `settings["${settingsKey}"] ${problem}. Write \`settings: { "${settingsKey}": { allFiles: true } }\`, or leave it out.`
  )

/** The settings, or an error that says what is wrong with them: a linter checks options of rules, but no settings. */
export const settingsOf = (context: Rule.RuleContext): Settings => {
  const given: unknown = (context.settings as Readonly<Record<string, unknown>> | undefined)?.[settingsKey]
  if (given === undefined) return { allFiles: false }
  if (typeof given !== "object" || given === null || Array.isArray(given)) throw wrong("is no object")
  const { allFiles = false, ...rest } = given as Readonly<Record<string, unknown>>
  const [unknown] = Object.keys(rest)
  if (unknown !== undefined) throw wrong(`has no setting \`${unknown}\``)
  if (typeof allFiles !== "boolean") throw wrong("has an `allFiles` that is neither true nor false")
  return { allFiles }
}

/** Whether cancellations may pass through awaits of the file, be it that it imports compat for its types only. */
export const passesCancellations = (context: Rule.RuleContext): boolean =>
  settingsOf(context).allFiles || importsCompat(context.sourceCode)

/** Whether functions of the file run in tasks, as far as the file tells. */
export const runsTasks = (context: Rule.RuleContext): boolean =>
  settingsOf(context).allFiles || importsCompatValues(context.sourceCode)
