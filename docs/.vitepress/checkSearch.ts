// Asks the search of the built site what readers ask, and fails where it does not lead to the page that answers. `npm run docs` ends
// with this.
import { readdirSync } from "node:fs"
import { fileURLToPath, pathToFileURL } from "node:url"
import MiniSearch from "minisearch"
import { searchOptions } from "./search.ts"

/** What is typed, and the pages of which one has to be among the first three. */
const questions: ReadonlyArray<readonly [query: string, ...pages: ReadonlyArray<string>]> = [
  ["getting started", "start"],
  ["install", "start"],
  ["timeout", "tutorial/timeouts"],
  ["deadline", "tutorial/timeouts", "recipes/nested-timeouts", "recipes/retry"],
  ["cancel a task", "tutorial/cancelling", "concepts/cancellation"],
  ["how do I cancel", "tutorial/cancelling", "concepts/cancellation"],
  ["AbortSignal", "concepts/abort-errors", "coming-from-promises", "concepts/cancellation"],
  ["AbortError", "concepts/abort-errors"],
  ["SIGTERM", "recipes/graceful-shutdown"],
  ["ctrl-c", "recipes/graceful-shutdown"],
  ["graceful shutdown", "recipes/graceful-shutdown"],
  ["express", "servers", "api/server/express/requestTasks", "with-your-libraries"],
  ["debug", "concepts/time-and-tests"],
  ["queue", "tutorial/queues"],
  ["producer consumer", "tutorial/queues"],
  ["limit concurrency", "recipes/results"],
  ["bounded concurrency", "recipes/results"],
  ["p-limit", "recipes/results", "coming-from-promises"],
  ["supervisor restart", "concepts/beyond-asyncio"],
  ["restart a worker", "concepts/beyond-asyncio"],
  ["opentelemetry", "concepts/current-task", "coming-from-effect"],
  ["tracing", "concepts/current-task", "coming-from-effect"],
  ["node:http", "start"],
  ["http server", "start", "tutorial/service"],
  ["tsconfig", "start"],
  ["it.effect", "recipes/testing", "concepts/time-and-tests"],
  ["vitest", "testing-concurrent-code", "recipes/testing", "api/testing/vitest/"],
  ["worker pool", "recipes/worker-pool"],
  ["rate limit", "recipes/rate-limit"],
  ["retry", "recipes/retry"],
  ["Promise.all", "coming-from-promises", "tutorial/groups"],
  ["task group", "tutorial/groups", "concepts/task-groups"],
  ["TaskGroup", "tutorial/groups", "concepts/task-groups", "api/core/taskGroup", "api/compat/taskGroup"],
  ["testing", "recipes/testing", "concepts/time-and-tests"],
  ["virtual time", "recipes/testing", "concepts/time-and-tests"],
  ["unhandled rejection", "concepts/failures"],
  ["context variable", "concepts/current-task", "coming-from-asyncio"],
  ["cron", "recipes/periodic"],
  ["lambda", "recipes/serverless"],
  ["require", "recipes/commonjs"],
  ["python", "coming-from-asyncio"],
  ["eslint", "lint/"],
  ["no-dropped-task", "lint/no-dropped-task"],
  ["how fast", "performance"],
  ["changelog", "changelog"],
  ["Lock is not acquired", "errors"],
  // Who types a name of the API means it.
  ["toThread", "api/core/toThread", "api/compat/toThread"],
  ["mapTasks", "api/core/mapTasks", "api/compat/mapTasks"],
  ["cancelAndWait", "api/compat/cancelAndWait", "api/core/cancelAndWait"],
  ["formatCallGraph", "api/compat/formatCallGraph", "api/core/formatCallGraph"],
  ["makeVirtualTimeLoop", "api/core/testing/makeVirtualTimeLoop", "api/compat/testing/makeVirtualTimeLoop"]
]

const chunks = fileURLToPath(new URL("dist/assets/chunks/", import.meta.url))
const [file] = readdirSync(chunks).filter((name) => name.startsWith("@localSearchIndexroot"))
if (file === undefined) throw new Error(`there is no index in ${chunks}`)
const { default: json } = (await import(pathToFileURL(`${chunks}${file}`).href)) as { readonly default: string }

const index = MiniSearch.loadJSON<{ readonly id: string }>(json, {
  fields: ["title", "titles", "text"],
  storeFields: ["title", "titles"],
  searchOptions
})

const base = process.env["DOCS_BASE"] ?? "/"
const pageOf = (id: string) => id.replace(/#.*$/, "").slice(base.length)

const verbose = process.argv.includes("--all")
let wrong = 0
for (const [query, ...pages] of questions) {
  const found = [...new Set(index.search(query).map(({ id }) => pageOf(String(id))))].slice(0, 3)
  const leads = found.some((page) => pages.includes(page))
  if (!leads) wrong++
  if (!leads || verbose)
    console.error(
      `${leads ? "ok" : "WRONG"} "${query}" leads to ${found.join(", ")}${leads ? "" : `; not to ${pages.join(" or ")}`}`
    )
}

// The package stands in the title of every page of the API, so that two results can be told apart.
const stored = JSON.parse(json) as {
  readonly documentIds: Readonly<Record<string, string>>
  readonly storedFields: Readonly<Record<string, { readonly title?: string }>>
}
for (const [key, id] of Object.entries(stored.documentIds)) {
  const [, folder] =
    new RegExp(`^${base}api/((?:core|compat)(?:/(?:lowlevel|testing))?)/\\w[\\w-]*(?:#.*-0-1-0.*)?$`).exec(id) ?? []
  const { title = "" } = stored.storedFields[key] ?? {}
  if (folder === undefined || id.includes("#") || title.includes(folder)) continue
  wrong++
  console.error(`WRONG ${id} is called "${title}", without its package`)
}

console.log(`${questions.length} questions to the search, ${wrong} of them without the answer`)
process.exit(wrong === 0 ? 0 : 1)
