/**
 * Lint rules for programs that use `@effect-asyncio/compat`, for ESLint 9 and newer and for oxlint.
 *
 * @since 0.1.0
 */
import type { ESLint, Linter } from "eslint"
import { readFileSync } from "node:fs"
import { noClosureInThread } from "./rules/no-closure-in-thread.ts"
import { noDroppedTask } from "./rules/no-dropped-task.ts"
import { noSwallowedCancellation } from "./rules/no-swallowed-cancellation.ts"
import { settingsKey } from "./internal/settings.ts"
import { preferAbortable } from "./rules/prefer-abortable.ts"

/** What this module exports: an ESLint plugin that names its configs. */
export interface Plugin extends ESLint.Plugin {
  readonly configs: {
    /** All rules: what loses a cancellation or a task is an error, what cannot be cancelled a warning. */
    readonly recommended: Linter.Config
    /** The same, in every file: also where nothing of compat is imported, as in most files of a program that was moved. */
    readonly allFiles: Linter.Config
  }
}

// The same path from src and from dist.
const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  readonly name: string
  readonly version: string
}

const namespace = "@effect-asyncio"

const base = {
  // oxlint takes the prefix of the rules from the name, ESLint from the config: it is `@effect-asyncio` in both.
  meta: { name: manifest.name, version: manifest.version, namespace },
  rules: {
    "no-closure-in-thread": noClosureInThread,
    "no-dropped-task": noDroppedTask,
    "no-swallowed-cancellation": noSwallowedCancellation,
    "prefer-abortable": preferAbortable
  }
} satisfies ESLint.Plugin

const recommended: Linter.Config = {
  name: `${namespace}/recommended`,
  // A getter, because the plugin that the config names is the one that holds the config.
  get plugins() {
    return { [namespace]: plugin }
  },
  rules: {
    [`${namespace}/no-closure-in-thread`]: "error",
    [`${namespace}/no-dropped-task`]: "error",
    [`${namespace}/no-swallowed-cancellation`]: "error",
    [`${namespace}/prefer-abortable`]: "warn"
  }
}

const allFiles: Linter.Config = {
  rules: recommended.rules!,
  name: `${namespace}/all-files`,
  get plugins() {
    return { [namespace]: plugin }
  },
  settings: { [settingsKey]: { allFiles: true } }
}

const plugin: Plugin = { ...base, configs: { recommended, allFiles } }

export default plugin
