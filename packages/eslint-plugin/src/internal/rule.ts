/**
 * What the rules have in common.
 */
import type { Rule } from "eslint"

/** What a rule says about itself. */
export interface RuleOptions {
  readonly name: string
  readonly type: "problem" | "suggestion"
  readonly description: string
  readonly fixable?: boolean
  readonly messages: Readonly<Record<string, string>>
  readonly create: (context: Rule.RuleContext) => Rule.RuleListener
}

export const makeRule = (options: RuleOptions): Rule.RuleModule => ({
  meta: {
    type: options.type,
    docs: {
      description: options.description,
      recommended: true,
      // The page that came with this version of the rule.
      url: new URL(`../../docs/${options.name}.md`, import.meta.url).href
    },
    ...(options.fixable === true ? { fixable: "code" as const } : {}),
    hasSuggestions: true,
    schema: [],
    messages: { ...options.messages }
  },
  create: options.create
})
