// Writes docs/with-your-libraries.md from what the tests of packages/ecosystem found: `npm run dev -- libraries:docs`. The results
// are kept by `npm run dev -- ecosystem --save`. docs/test/pages/libraries.test.ts checks that the page is up to date, that every
// library has a place on it, and that what is not right by itself names a recipe.
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { isProgram, root } from "../repository.ts"
import { code, table } from "./markdown.ts"

/** A way of using a library, and how each of the seven ways of a cancellation went. */
export interface Row {
  readonly library: string
  readonly operation: string
  readonly means: "signal" | "abortable" | "inside"
  readonly recipe?: string
  /** How often it was repeated in the last of the ways. */
  readonly rounds: number
  readonly ways: Readonly<Record<string, "right" | "wrong" | "skipped">>
}

/** What `npm run dev -- ecosystem --save` keeps. */
export interface Results {
  readonly node: string
  readonly rounds: number
  readonly rows: ReadonlyArray<Row>
}

/** What one looks for, and the libraries that do it. */
const sections = {
  "HTTP clients": ["fetch", "undici", "got", "ky", "axios", "node-fetch"],
  "Node's own modules": /^node:/,
  "Processes and sockets": ["execa", "ws"],
  "Limits and retries": ["p-limit", "p-map", "p-queue", "p-retry", "p-timeout", "rxjs"],
  Databases: ["pg", "postgres.js", "knex", "better-sqlite3"],
  "Redis and job queues": ["ioredis", "redis", "bullmq"],
  Servers: ["express", "fastify", "hono", "koa"],
  "Models and services": [
    "openai",
    "@anthropic-ai/sdk",
    "ai",
    "@modelcontextprotocol/sdk",
    "@trpc/client",
    "@aws-sdk/client-s3"
  ]
}

/** The section that a library belongs to. */
export const sectionOf = (library: string): string | undefined =>
  Object.entries(sections).find(([, libraries]) =>
    Array.isArray(libraries) ? libraries.includes(library) : libraries.test(library)
  )?.[0]

const means = {
  signal: "stops by signal",
  abortable: "needs `abortable`",
  inside: "our code inside"
}

/** What went otherwise than right, in words; empty where all went right. */
export const verdictOf = ({ ways }: Row): string => {
  const outcomes = Object.entries(ways).filter(([, outcome]) => outcome !== "right")
  if (outcomes.length === 0) return "right"
  if (outcomes.length === Object.keys(ways).length && outcomes.every(([, outcome]) => outcome === "skipped")) {
    return "not tried"
  }
  return outcomes.map(([way, outcome]) => `${outcome}: ${way}`).join("; ")
}

const resultsPath = join(root, "packages/ecosystem/results.json")
const manifestPath = join(root, "packages/ecosystem/package.json")

export const libraryResults = (): Results => JSON.parse(readFileSync(resultsPath, "utf8")) as Results

type Versions = Readonly<Record<string, string>>

const versions = (): Versions => {
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync(manifestPath, "utf8")) as Record<
    "dependencies" | "optionalDependencies",
    Versions
  >
  const all: Versions = { ...dependencies, ...optionalDependencies }
  return { ...all, "postgres.js": all.postgres! }
}

const grouped = (number: number) => number.toLocaleString("en-US")

const sectionOfPage = (title: string, rows: ReadonlyArray<Row>, version: Versions) => [
  `## ${title}`,
  "",
  ...table(
    ["library", "operation", "how it stops", "in the seven ways", "recipe"],
    rows.map((row) => {
      const name = version[row.library] === undefined ? row.library : `${row.library} ${version[row.library]}`
      return [name, code(row.operation), means[row.means], verdictOf(row), row.recipe ?? ""]
    })
  ),
  ""
]

const howItWasTried = (node: string): ReadonlyArray<string> => [
  "## How it was tried",
  "",
  `With Node.js ${node}, the versions above, and a PostgreSQL and a Redis that the tests start. A memory that stays is one of`,
  "2 kB or more for each cancellation. The tests are in [packages/ecosystem](../packages/ecosystem/test); their libraries are",
  "installed by their own command, and not with the repository:",
  "",
  "```sh",
  "npm run dev -- ecosystem                # all of them",
  "npm run dev -- ecosystem pg redis       # the files with such a word in their names",
  "npm run dev -- ecosystem --quick        # what continuous integration runs",
  "npm run dev -- ecosystem --save         # keeps the results, and writes this page",
  "```",
  "",
  "Where a server is missing, and cannot be installed, what needs it is skipped, and the command says so.",
  ""
]

/** The text of docs/with-your-libraries.md. */
export const librariesDoc = (): string => {
  const { node, rounds, rows } = libraryResults()
  const version = versions()
  const libraries = new Set(rows.map(({ library }) => library)).size
  const fewer = rows.filter((row) => row.rounds < rounds)
  const least = Math.min(rounds, ...fewer.map((row) => row.rounds))
  return [
    "# With your libraries",
    "",
    "<!-- Written by `npm run dev -- libraries:docs` from packages/ecosystem/results.json. -->",
    "",
    `What becomes of a cancellation in code that knows nothing of tasks: ${libraries} libraries and modules of Node.js, used in`,
    `${rows.length} ways, each against a real server or a local one. How to read the tables:`,
    "",
    "| how it stops | what it means, and what to write |",
    "|---|---|",
    "| stops by signal | It takes an AbortSignal: `fetch(url, { signal: currentSignal() })`. The work itself ends. |",
    "| needs `abortable` | It takes no signal: `abortable(promise, { discard, onCancel })` stops waiting, `onCancel` stops the work where it can be stopped, `discard` hands back what comes too late. |",
    "| our code inside | It calls your functions, which are tasks or run in one. |",
    "",
    "_Right_ says that all seven ways went as they should:",
    "",
    "- cancelled and uncaught: the task ends cancelled, with the reason that was given;",
    "- caught, then an await in the cleanup: the awaits of the cleanup are left alone, the cancellation comes once;",
    "- inside `timeout`: a TimeoutError comes out, and the task goes on with no request left;",
    "- in a group with a failing sibling: the sibling's error comes out, and no other one beside it;",
    "- cancelled before it begins: the task ends cancelled all the same;",
    "- in `catchCancelled`: the handler gets the cancellation, whatever the library made of it;",
    `- again and again: after ${grouped(rounds)} cancellations there is no unhandled rejection, no warning, and no memory that stays` +
      (fewer.length === 0 ? "." : ` (${grouped(least)} or more where one takes long: ${fewer.length} of the rows).`),
    "",
    "Where the other side can see it, the tests also wait until it has seen that the work has stopped. What a cancellation looks like in",
    "the code of a library is in [cancellation](concepts/cancellation.md). A library that is not here: take its signal where it has",
    "one, else `abortable`; an error that it makes of a cancellation and that is not recognised is told to `recognizeCancellation`.",
    "",
    ...Object.keys(sections).flatMap((title) => {
      const own = rows.filter(({ library }) => sectionOf(library) === title)
      return own.length === 0 ? [] : sectionOfPage(title, own, version)
    }),
    ...howItWasTried(node)
  ].join("\n")
}

export const librariesDocPath: string = join(root, "docs/with-your-libraries.md")

if (isProgram(import.meta.url)) writeFileSync(librariesDocPath, librariesDoc())
