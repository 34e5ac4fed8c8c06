import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { defineConfig } from "vitepress"
import { drawTimelines, timelines, withoutTimelines } from "./timelines.ts"

interface Item {
  readonly text: string
  readonly link: string
}

/** A page that may not be written yet has no place in the menus until it is. */
const written = (items: ReadonlyArray<Item>): Array<Item> =>
  items.filter(({ link }) =>
    existsSync(fileURLToPath(new URL(`..${link.replace(/\/$/, "/index")}.md`, import.meta.url)))
  )

const tutorial = written([
  { text: "The current task", link: "/tutorial/current-task" },
  { text: "Names", link: "/tutorial/names" },
  { text: "Awaiting", link: "/tutorial/awaiting" },
  { text: "Cancelling", link: "/tutorial/cancelling" },
  { text: "Groups", link: "/tutorial/groups" },
  { text: "Timeouts", link: "/tutorial/timeouts" },
  { text: "Queues", link: "/tutorial/queues" }
])

const concepts = written([
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
  { text: "Time and tests", link: "/concepts/time-and-tests" }
])

const recipes = written([
  { text: "Worker pool", link: "/recipes/worker-pool" },
  { text: "Rate limit", link: "/recipes/rate-limit" },
  { text: "Graceful shutdown", link: "/recipes/graceful-shutdown" },
  { text: "Retry within a budget", link: "/recipes/retry" },
  { text: "Fan-out, fan-in", link: "/recipes/fan-out" },
  { text: "Timeouts inside timeouts", link: "/recipes/nested-timeouts" },
  { text: "Periodic job", link: "/recipes/periodic" },
  { text: "Leader and follower", link: "/recipes/leader-follower" },
  { text: "Progress bar", link: "/recipes/progress" },
  { text: "Testing with virtual time", link: "/recipes/testing" },
  { text: "Classes with start and stop", link: "/recipes/start-and-stop" },
  { text: "Writing a library", link: "/recipes/library" },
  { text: "Writing a library on core", link: "/recipes/library-on-core" },
  { text: "From outside of any task", link: "/recipes/from-outside" },
  { text: "Serverless", link: "/recipes/serverless" },
  { text: "CommonJS", link: "/recipes/commonjs" }
])

const comingFrom = written([
  { text: "Coming from asyncio", link: "/coming-from-asyncio" },
  { text: "Coming from promises", link: "/coming-from-promises" },
  { text: "Moving a code base", link: "/moving" },
  { text: "Coming from Effect", link: "/coming-from-effect" }
])

const more = written([
  { text: "With your libraries", link: "/with-your-libraries" },
  { text: "Errors", link: "/errors" },
  { text: "Differences from asyncio", link: "/differences" },
  { text: "Conformance", link: "/conformance" },
  { text: "Performance", link: "/performance" },
  { text: "All figures", link: "/performance/figures" },
  { text: "Performance goals", link: "/performance/goals" },
  { text: "Design", link: "/design" }
])

const api = [
  { text: "core", link: "/api/@effect-asyncio/core/index/" },
  { text: "core/lowlevel", link: "/api/@effect-asyncio/core/lowlevel/" },
  { text: "compat", link: "/api/@effect-asyncio/compat/index/" }
]

drawTimelines()

export default defineConfig({
  title: "effect-asyncio",
  description: "Python's asyncio task layer for TypeScript: tasks with names, that you can list and cancel",
  lang: "en",
  head: [["script", {}, readFileSync(new URL("codeGroups.js", import.meta.url), "utf8")]],
  cleanUrls: true,
  markdown: {
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    config: (md) => {
      timelines(md)
      // TypeDoc calls an entry point by its file.
      md.core.ruler.push("names-of-entry-points", ({ env, tokens }) => {
        const { relativePath = "" } = env as { readonly relativePath?: string }
        const [, name, entry] =
          /^api\/(@effect-asyncio\/\w+)\/(index|lowlevel|testing)\/index\.md$/.exec(relativePath) ?? []
        const heading = tokens[1]?.children?.[0]
        if (name !== undefined && heading !== undefined) heading.content = entry === "index" ? name : `${name}/${entry}`
      })
      // A link to a program of the repository works where the repository is read; here its text, the path, has to do.
      md.core.ruler.push("no-links-to-sources", ({ tokens }) => {
        for (const { children } of tokens) {
          let inside = false
          for (const token of children ?? []) {
            if (token.type === "link_open")
              inside = /^(?:\.\/)?(?:examples|test|\.\.\/packages)\//.test(String(token.attrGet("href")))
            if (!inside || !token.type.startsWith("link_")) continue
            if (token.type === "link_close") inside = false
            token.hidden = true
            token.type = "text"
            token.tag = ""
            token.nesting = 0
            token.attrs = null
          }
        }
      })
    }
  },
  srcExclude: ["**/node_modules/**", ".examples/**", "examples/**"],
  vite: {
    // The index of the local search is one chunk.
    build: { chunkSizeWarningLimit: 4000 },
    // A queue prints with the name of its class, and a timeline shows what it prints.
    esbuild: { keepNames: true }
  },
  themeConfig: {
    nav: [
      { text: "Tutorial", link: "/tutorial/current-task", activeMatch: "/tutorial/" },
      { text: "Concepts", link: "/concepts/tasks-and-fibers", activeMatch: "/concepts/" },
      { text: "Recipes", link: "/recipes/worker-pool", activeMatch: "/recipes/" },
      { text: "Coming from", items: comingFrom },
      { text: "API", link: "/api/", activeMatch: "/api/" },
      { text: "More", items: more }
    ],
    sidebar: [
      { text: "Tutorial", items: [{ text: "Start", link: "/start" }, ...tutorial] },
      { text: "Concepts", items: concepts },
      { text: "Recipes", items: recipes },
      { text: "Coming from", items: comingFrom },
      { text: "Reference", items: [...api, ...more] }
    ],
    outline: { level: [2, 3] },
    search: {
      provider: "local",
      options: {
        _render: (markdown, env, md) => {
          const html = md.render(withoutTimelines(markdown), env)
          return env.frontmatter?.search === false ? "" : html
        }
      }
    }
  }
})
