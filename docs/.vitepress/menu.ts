// The menus: a page gets into them by one line here. docs/test/site/menus.test.ts says which page is missing.
import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { writeSitePages } from "../../packages/tools/docs/sitePages.ts"

export interface Item {
  readonly text: string
  readonly link: string
}

export interface Section {
  readonly text: string
  readonly items: ReadonlyArray<Item>
  /** Closed until it is opened, or a page of it is shown. */
  readonly collapsed?: boolean
}

// The menus have only pages that are there.
writeSitePages()

/** A page that may not be written yet has no place in the menus until it is. */
const written = (items: ReadonlyArray<Item>): ReadonlyArray<Item> =>
  items.filter(({ link }) =>
    existsSync(fileURLToPath(new URL(`..${link.replace(/\/$/, "/index")}.md`, import.meta.url)))
  )

export const begin = written([
  { text: "Why", link: "/why" },
  { text: "Getting started", link: "/start" },
  { text: "Structured concurrency in ten minutes", link: "/structured-concurrency" },
  { text: "Playground", link: "/playground" }
])

export const tutorial = written([
  { text: "The current task", link: "/tutorial/current-task" },
  { text: "Names", link: "/tutorial/names" },
  { text: "Awaiting", link: "/tutorial/awaiting" },
  { text: "Cancelling", link: "/tutorial/cancelling" },
  { text: "Groups", link: "/tutorial/groups" },
  { text: "Timeouts", link: "/tutorial/timeouts" },
  { text: "Queues", link: "/tutorial/queues" },
  { text: "A service, step by step", link: "/tutorial/service" }
])

export const concepts = written([
  { text: "Tasks and fibers", link: "/concepts/tasks-and-fibers" },
  { text: "The loop and its order", link: "/concepts/order" },
  { text: "Cancellation", link: "/concepts/cancellation" },
  { text: "Which stop was it?", link: "/concepts/which-stop" },
  { text: "What an AbortError looks like here", link: "/concepts/abort-errors" },
  { text: "Task groups", link: "/concepts/task-groups" },
  { text: "Beyond asyncio", link: "/concepts/beyond-asyncio" },
  { text: "Trees, labels and stopping", link: "/concepts/trees" },
  { text: "Failures nobody retrieved", link: "/concepts/failures" },
  { text: "Current task and references", link: "/concepts/current-task" },
  { text: "Time and tests", link: "/concepts/time-and-tests" },
  { text: "Testing concurrent code", link: "/testing-concurrent-code" }
])

export const recipes = written([
  { text: "Worker pool", link: "/recipes/worker-pool" },
  { text: "Typed results, a few at a time", link: "/recipes/results" },
  { text: "Rate limit", link: "/recipes/rate-limit" },
  { text: "Servers", link: "/servers" },
  { text: "Shutting down", link: "/shutting-down" },
  { text: "Agents and MCP", link: "/mcp" },
  { text: "More than one machine", link: "/cluster" },
  { text: "What a cluster promises", link: "/cluster-promises" },
  { text: "Deploying a cluster", link: "/cluster-deploy" },
  { text: "Looking into a cluster", link: "/cluster-inspect" },
  { text: "Graceful shutdown", link: "/recipes/graceful-shutdown" },
  { text: "Retry within a budget", link: "/recipes/retry" },
  { text: "Fan-out, fan-in", link: "/recipes/fan-out" },
  { text: "Timeouts inside timeouts", link: "/recipes/nested-timeouts" },
  { text: "Periodic job", link: "/recipes/periodic" },
  { text: "An agent", link: "/recipes/agent" },
  { text: "Leader and follower", link: "/recipes/leader-follower" },
  { text: "Progress bar", link: "/recipes/progress" },
  { text: "Testing with virtual time", link: "/recipes/testing" },
  { text: "Which task eats the CPU?", link: "/recipes/which-task-eats-the-cpu" },
  { text: "OpenTelemetry", link: "/recipes/opentelemetry" },
  { text: "Classes with start and stop", link: "/recipes/start-and-stop" },
  { text: "For library authors", link: "/for-library-authors" },
  { text: "Writing a library", link: "/recipes/library" },
  { text: "Writing a library on core", link: "/recipes/library-on-core" },
  { text: "From outside of any task", link: "/recipes/from-outside" },
  { text: "Serverless", link: "/recipes/serverless" },
  { text: "CommonJS", link: "/recipes/commonjs" }
])

export const comingFrom = written([
  { text: "Coming from asyncio", link: "/coming-from-asyncio" },
  { text: "Coming from promises", link: "/coming-from-promises" },
  { text: "Coming from Effect", link: "/coming-from-effect" },
  { text: "Moving a code base", link: "/moving" },
  { text: "A service, four times", link: "/job-service" },
  { text: "With your libraries", link: "/with-your-libraries" }
])

export const lookUp = written([
  { text: "Cheat sheet", link: "/cheat-sheet" },
  { text: "FAQ", link: "/faq" },
  { text: "Glossary", link: "/glossary" },
  { text: "Comparison", link: "/comparison" },
  { text: "Errors", link: "/errors" },
  { text: "Lint rules", link: "/lint/" },
  { text: "Looking into a process", link: "/inspect" },
  { text: "A program that hangs", link: "/hanging" },
  { text: "What leaks?", link: "/what-leaks" },
  { text: "Differences from asyncio", link: "/differences" },
  { text: "Conformance", link: "/conformance" },
  { text: "MCP conformance", link: "/mcp-conformance" },
  { text: "Performance", link: "/performance" },
  { text: "All figures", link: "/performance/figures" },
  { text: "Design", link: "/design" },
  { text: "Versions", link: "/versions" },
  { text: "Changelog", link: "/changelog" }
])

/** The version of the packages that the site is about. */
export const version: string = (
  JSON.parse(readFileSync(new URL("../../packages/core/package.json", import.meta.url), "utf8")) as {
    readonly version: string
  }
).version

interface Reference {
  readonly menus: ReadonlyArray<{ readonly folder: string; readonly categories: ReadonlyArray<Section> }>
  readonly moved: ReadonlyArray<readonly [from: string, to: string]>
}

const referenceFile = new URL("../api/site.json", import.meta.url)

/** What TypeDoc has written about its pages, see docs/reference/plugin.ts. It is called before the site is built. */
const reference: Reference = existsSync(referenceFile)
  ? (JSON.parse(readFileSync(referenceFile, "utf8")) as Reference)
  : { menus: [], moved: [] }

/** Addresses that pages had, and those that they have. */
export const moved: Reference["moved"] = reference.moved

const linkOf = (folder: string): string => `/api/${folder}/`

/** The menu beside the API of a package: its own entry points, the one that is open first. */
const menuOfApi = (folder: string): ReadonlyArray<Section> => {
  const all = reference.menus.map((menu) => ({ text: menu.folder, link: linkOf(menu.folder) }))
  const categories = reference.menus.find((menu) => menu.folder === folder)?.categories ?? []
  return [
    { text: "API", items: [{ text: "Side by side", link: "/api/" }, ...all] },
    ...categories.map((section) => ({ ...section, collapsed: section.text === "Models" }))
  ]
}

/** Addresses below `/api/`, the longest first, with the menu of each. */
export const apiMenus: Readonly<Record<string, ReadonlyArray<Section>>> = {
  ...Object.fromEntries(
    reference.menus
      .map(({ folder }) => folder)
      .toSorted((a, b) => b.length - a.length)
      .map((folder) => [linkOf(folder), menuOfApi(folder)])
  ),
  "/api/": menuOfApi("")
}

/** The guides, beside every page that is not of the API. */
export const guides: ReadonlyArray<Section> = [
  { text: "Begin", items: begin },
  { text: "Tutorial", items: tutorial },
  { text: "Concepts", items: concepts },
  { text: "Recipes", items: recipes },
  { text: "Coming from", items: comingFrom },
  { text: "To look things up", items: [...lookUp, { text: "API", link: "/api/" }] }
]
