// The commands of this repository: what `npm run dev` lists, and what the scripts of the top package.json call.
// Plain JavaScript, because it is read before there is a Node.js that runs TypeScript.
import { all, onPages, published } from "./packages.mjs"

/**
 * @typedef {object} Command
 * @property {string} help One line.
 * @property {ReadonlyArray<string>} steps Run one after the other until one fails. Arguments go to the last.
 */

/** What `tsc -b` builds of packages, each with those that it needs. */
const typesOf = (/** @type {ReadonlyArray<string>} */ names) =>
  `tsc -b ${names.map((name) => `packages/${name}/tsconfig.build.json`).join(" ")}`

// Of core and compat tsc makes the types, and the bundler the JavaScript; of the others tsc makes both.
const bundle = "node packages/tools/release/bundle.ts"
const buildLibraries = [typesOf(onPages), bundle]
const buildAll = [
  typesOf(published),
  bundle,
  "node packages/tools/release/inspectPage.ts",
  "node packages/tools/release/inspectScreen.ts"
]

const checkPackages = [
  ...buildAll,
  ...published.map((name) => `publint run packages/${name} --strict --pack pnpm`),
  // There is nothing to import from create.
  ...published.filter((name) => name !== "create").map((name) => `attw --pack packages/${name} --profile esm-only`)
]

/** @type {Readonly<Record<string, Command>>} */
export const commands = {
  tour: {
    help: "the tutorial programs beside what CPython prints; begin here",
    steps: [...buildLibraries, "node packages/tools/docs/tour.ts"]
  },

  test: {
    help: "all tests, and every program on every page; words choose files: npm test -- Lock",
    steps: [
      ...buildLibraries,
      "node packages/tools/docs/examples.ts",
      "tsc -b docs",
      "vitest run --config vitest.workspace.ts"
    ]
  },
  watch: {
    help: "the tests, again whenever a file they use is saved; words choose files: npm run dev -- watch Lock",
    steps: ["vitest watch --config vitest.workspace.ts"]
  },
  coverage: {
    help: "all tests, and which lines and branches they reach",
    steps: ["vitest run --config vitest.workspace.ts --coverage"]
  },
  "test:runtimes": {
    help: "compat's tests and the test kit's on each Node.js, Bun and Deno; --on \"node 20,bun\" chooses",
    steps: ["node packages/tools/runtimes/testRuntimes.ts"]
  },
  "test:browser": {
    help: "core's tests in Chromium, and those of compat that need no AsyncLocalStorage",
    steps: ["node packages/tools/runtimes/testBrowser.ts"]
  },
  "test:dashboard": {
    help: "inspect's dashboard, panel and traces in Chromium; --pictures makes those of the site anew",
    steps: [
      "node packages/tools/runtimes/testPanel.ts",
      "node packages/tools/runtimes/testTraces.ts",
      "node packages/tools/runtimes/testDashboard.ts",
      "node packages/tools/runtimes/testClusterDashboard.ts"
    ]
  },
  "test:effect": {
    help: "core's and compat's tests on the newest Effect that they allow; --version 4.2.0 chooses another",
    steps: ["node packages/tools/runtimes/testEffect.ts"]
  },
  smoke: {
    help: "a small program on the built packages, on each runtime",
    steps: [...buildAll, "node packages/tools/runtimes/smoke.ts"]
  },
  ecosystem: {
    help: "compat against some forty libraries and real servers; words choose files, --quick, --save",
    steps: ["node packages/ecosystem/src/main.ts"]
  },
  "servers:install": {
    help: "Debian's PostgreSQL and Redis, where they are missing and this is root",
    steps: ["node packages/tools/servers/install.ts"]
  },
  mutations: {
    help: "whether a test fails for each guard that is taken away; --slice 3/8, --from, --new, --save",
    steps: ["node --no-warnings packages/tools/checks/mutations.ts"]
  },

  conformance: {
    help: "random programs on CPython 3.14 and here: --seeds 1..1000, --impl compat; --help tells the rest",
    steps: ["node packages/conformance/src/main.ts"]
  },
  "conformance:core": {
    help: "core as an implementation for the conformance programs: scripts on stdin, traces on stdout",
    steps: ["node --conditions=@effect-asyncio/source packages/conformance/src/core.ts"]
  },
  "conformance:compat": {
    help: "the same for compat",
    steps: ["node --conditions=@effect-asyncio/source packages/conformance/src/compat.ts"]
  },
  "mcp:conformance": {
    help: "the official conformance suite of MCP against a server with toolTasks; --save writes its page",
    steps: ["node --no-warnings --conditions=@effect-asyncio/source packages/mcp/conformance/main.ts"]
  },

  "leaks:programs": {
    help: "what leaks and deadlock reports find in Go's 69 programs; --save writes its page",
    steps: ["node --no-warnings --conditions=@effect-asyncio/source packages/inspect/microbenchmarks/main.ts"]
  },

  "leaks:false": {
    help: "whether leaks or deadlock reports name what goes on, in all programs of the pages; words choose",
    steps: ["node --no-warnings packages/tools/checks/falseReports.ts"]
  },

  chaos: {
    help: "random programs of Effect's features and ours, cancelled; --programs 5000, --seed 1",
    steps: ["node --no-warnings --conditions=@effect-asyncio/source packages/conformance/src/chaos/main.ts"]
  },

  "new-function": {
    help: "makes the places of a new function in core and compat: new-function frobnicate",
    steps: ["node packages/tools/scaffold/newFunction.ts"]
  },
  lint: {
    help: "oxlint, with types, and who imports what",
    steps: ["node packages/tools/checks/rooms.ts", "oxlint --type-aware --deny-warnings"]
  },
  rooms: {
    help: "whether each room of core's internal/ knows only those below it, and no package has circles",
    steps: ["node packages/tools/checks/rooms.ts"]
  },
  format: { help: "formats all files", steps: ["oxfmt ."] },
  "format:check": { help: "whether all files are formatted", steps: ["oxfmt --check ."] },
  typecheck: {
    help: "types of everything, the examples of the pages included",
    steps: [
      "node packages/tools/docs/examples.ts",
      `tsc -b ${all.map((name) => `packages/${name}`).join(" ")} packages/inspect/page docs`
    ]
  },
  build: { help: "the public packages, into their dist folders", steps: buildAll },

  bench: {
    help: "this library beside its peers: --goals, --scaling, --allocations; --help tells the rest",
    steps: [...buildLibraries, "node packages/benchmarks/src/main.ts"]
  },
  "bench:dashboard": {
    help: "inspect's dashboard with 100,000 tasks that change; --tasks, --changes",
    steps: ["node packages/tools/runtimes/benchDashboard.ts"]
  },
  "bench:hosts": {
    help: "our own rows on Node.js, Bun, Deno and in Chromium; --save keeps them",
    steps: ["node packages/tools/runtimes/benchHosts.ts"]
  },
  "bench:docs": {
    help: "writes the tables and pictures of the pages on performance from what was saved",
    steps: ["node packages/benchmarks/src/docs.ts"]
  },
  "bench:profile": {
    help: 'where the time of a workload goes: bench:profile core "create and await"',
    steps: [...buildLibraries, "node packages/benchmarks/src/profile.ts"]
  },
  "bench:recorder": {
    help: "what the flight recorder adds to a task that is made and awaited",
    steps: ["node --no-warnings --conditions=@effect-asyncio/source packages/benchmarks/src/recorder.ts"]
  },
  trace: {
    help: "what is called when a task is created, awaited and cancelled; --calls prints each call",
    steps: ["node --no-warnings --conditions=@effect-asyncio/source packages/tools/checks/trace.ts"]
  },
  "server:load": {
    help: "what requests as tasks cost beside plain handlers, and if any is lost: server:load 30, --write",
    steps: [...buildLibraries, "node --no-warnings packages/server/test/load/main.ts"]
  },
  "server:stops": {
    help: "services that are stopped under load and at any time, in processes of their own: server:stops 50",
    steps: ["node --no-warnings --conditions=@effect-asyncio/source packages/server/test/stops.ts"]
  },
  "cluster:bench": {
    help: "tasks elsewhere a second: Effect Cluster as it is, BullMQ and ours; --write",
    steps: ["node --no-warnings --conditions=@effect-asyncio/source packages/cluster/bench/main.ts"]
  },
  "cluster:chaos": {
    help: "what was promised, while workers are killed: --runs 200; what else goes wrong: --strike database",
    steps: ["node --no-warnings --conditions=@effect-asyncio/source packages/cluster/test/chaos/main.ts"]
  },
  "cluster:conformance": {
    help: "the corpus with tasks that run elsewhere, beside CPython; --seeds 1..2000, --where two",
    steps: ["node --no-warnings --conditions=@effect-asyncio/source packages/cluster/test/conformance/main.ts"]
  },
  sizes: {
    help: "what small programs weigh in a browser; --write puts the table into README.md",
    steps: ["node packages/tools/checks/sizes.ts"]
  },

  docs: {
    help: "builds the site, and asks its search what readers ask",
    steps: [
      ...buildLibraries,
      "pnpm --dir docs exec typedoc",
      "pnpm --dir docs exec vitepress build",
      "node docs/.vitepress/checkSearch.ts"
    ]
  },
  "docs:dev": {
    help: "serves the site",
    steps: [...buildLibraries, "pnpm --dir docs exec typedoc", "pnpm --dir docs exec vitepress dev"]
  },
  "docs:preview": {
    help: "serves the built site as a server would; --port 8080",
    steps: ["pnpm --dir docs exec vitepress preview"]
  },
  "docs:browser": {
    help: "opens every page of the built site in Chromium: links, accessibility, timelines; --slice 2/3",
    steps: ["node packages/tools/docs/browser.ts"]
  },
  "docs:lighthouse": {
    help: "what Lighthouse says of the built site: at least 95 in each category; words choose pages: /start",
    steps: ["node packages/tools/docs/lighthouse.ts"]
  },
  "docs:outputs": {
    help: "runs the programs of the pages, and writes what they print into the pages; words choose pages",
    steps: ["node packages/tools/docs/outputs.ts"]
  },
  "docs:picture": {
    help: "draws the picture of the README",
    steps: ["node --no-warnings --conditions=@effect-asyncio/source packages/tools/docs/timelines.ts --readme"]
  },
  "docs:card": {
    help: "draws the picture that a link to the site shows elsewhere",
    steps: ["node packages/tools/docs/card.ts"]
  },
  "errors:docs": { help: "writes docs/errors.md from the sources", steps: ["node packages/tools/docs/errors.ts"] },
  "conformance:docs": {
    help: "writes docs/conformance.md from the tests ported from CPython",
    steps: ["node packages/tools/docs/conformance.ts"]
  },
  "inspect:cpython": {
    help: "records what CPython's ps and pstree print, for the tests of packages/inspect",
    steps: ["node packages/tools/checks/cpythonPs.ts"]
  },
  "inspect:hosts": {
    help: 'what can be had of inspect on each runtime; --on "node 20,bun", --save writes its page',
    steps: [...buildAll, "node --no-warnings packages/tools/runtimes/inspectOn.ts"]
  },
  "inspect:attach": {
    help: "looks into a program by its inspector very often; does it survive? inspect:attach 1000",
    steps: ["node --conditions=@effect-asyncio/source --no-warnings packages/inspect/test/attachMany.ts"]
  },
  "inspect:dumps": {
    help: "dumps programs while they work; do they end, or print something else? inspect:dumps 10000",
    steps: ["node --conditions=@effect-asyncio/source --no-warnings packages/inspect/test/dumpMany.ts"]
  },
  "asyncio:names": {
    help: "reads the public names of asyncio, by version and platform, from typeshed",
    steps: ["node packages/tools/docs/asyncioNames.ts"]
  },
  "libraries:docs": {
    help: "writes docs/with-your-libraries.md from what `ecosystem --save` kept",
    steps: ["node packages/tools/docs/libraries.ts"]
  },
  "job-service": {
    help: "all black-box tests of the job service, on all its versions in one process and in several",
    steps: [
      ...buildLibraries,
      "env JOB_SERVICE=all vitest run --config vitest.workspace.ts docs/test/job-service/job-service docs/test/job-service/processes"
    ]
  },
  "migration:numbers": {
    help: "measures the versions of the job service; or `cluster`: those on one. --write: into its page",
    steps: [...buildLibraries, "node docs/examples/job-service/measure.ts"]
  },

  address: {
    help: "where the repository and its site are; --repository URL --site URL moves them",
    steps: ["node packages/tools/address.ts"]
  },
  "package-check": { help: "builds the public packages, and checks what would be published", steps: checkPackages },
  consumers: {
    help: "programs on packed packages: TypeScript 5.4 to 7, vite, webpack, esbuild, rollup; words choose",
    steps: [...buildLibraries, "node packages/tools/release/consumers/consumers.ts"]
  },
  starters: {
    help: "what `npm create @effect-asyncio` makes, on the packed packages: types, tests, start, lint",
    steps: [...buildAll, "node packages/tools/release/starters.ts"]
  },
  changeset: { help: "writes down a change for the changelogs", steps: ["changeset"] },
  version: {
    help: "makes versions and changelogs of the changesets",
    steps: ["node packages/tools/release/changelog.ts", "oxfmt .changeset packages/*/package.json"]
  },
  release: {
    help: "packs the public packages and tries them out; only --publish publishes",
    steps: ["node packages/tools/release/release.ts"]
  },

  // Its first argument is the step.
  exec: { help: "a tool of node_modules/.bin, or the pinned node: exec vitest --help", steps: [] },
  pnpm: { help: "the pinned pnpm, which does not install first: pnpm add -D NAME", steps: ["pnpm"] }
}

/** How many letters have to be put in, left out or changed to get from one word to another. */
const distance = (/** @type {string} */ from, /** @type {string} */ to) => {
  let above = Array.from({ length: to.length + 1 }, (_, n) => n)
  for (const [row, letter] of Array.from(from).entries()) {
    const current = [row + 1]
    for (const [column, other] of Array.from(to).entries()) {
      const changed = (above[column] ?? 0) + (letter === other ? 0 : 1)
      current.push(Math.min(changed, (above[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1))
    }
    above = current
  }
  return above[to.length] ?? 0
}

/** The name of the command that is spelled most like a word, or undefined where none is near. */
export const nearestCommand = (/** @type {string} */ word) => {
  const near = Object.keys(commands)
    .map((name) => ({ name, letters: name.includes(word) ? 1 : distance(word, name) }))
    .sort((a, b) => a.letters - b.letters)[0]
  return near !== undefined && near.letters <= Math.max(2, word.length / 2) ? near.name : undefined
}

/** What `npm run dev` prints: each command with its line of help. */
export const listOfCommands = () => {
  const width = Math.max(...Object.keys(commands).map((name) => name.length))
  return [
    "npm run dev -- COMMAND [arguments]. The top package.json has short forms of some: npm test, npm run lint.",
    "",
    ...Object.entries(commands).map(([name, { help }]) => `  ${name.padEnd(width)}  ${help}`)
  ].join("\n")
}
