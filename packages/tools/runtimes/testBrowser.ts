// Runs the tests of core and compat in Chromium.
//
//   npm run test:browser                  all of them
//   npm run test:browser -- Task cancel   the files with such words in their names
//   npm run test:browser -- --update      writes down anew which tests of compat need AsyncLocalStorage
import { existsSync, writeFileSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { launchChromium } from "./chromium.ts"
import { bundleTests, chosen, printSkips, testFiles } from "./testRunner/bundle.ts"

const needsAsyncContext = new URL("testRunner/needsAsyncContext.json", import.meta.url)

const { positionals, values } = parseArgs({ allowPositionals: true, options: { update: { type: "boolean" } } })
if (values.update && positionals.length > 0) {
  console.error("--update is for all files")
  process.exit(2)
}
if (values.update) writeFileSync(needsAsyncContext, "{}\n")

const files = chosen(testFiles(["core", "compat"]), positionals)
const { folder, program } = await bundleTests("browser", files, { browser: true })

const start = performance.now()
const browser = await launchChromium()

// No server: the page's requests are answered here, and the network is never asked. A page of localhost may use what
// only secure pages may.
const origin = "http://localhost"
const page = await browser.newPage()
await page.route("**/*", async (route) => {
  const { pathname } = new URL(route.request().url())
  if (pathname === "/") return route.fulfill({ contentType: "text/html", body: "<!doctype html><title>tests</title>" })
  const file = join(folder, decodeURIComponent(pathname))
  if (!existsSync(file)) return route.fulfill({ status: 404, body: "" })
  return route.fulfill({ contentType: "text/javascript", body: await readFile(file) })
})

// A test that fails for one of these needs an entry in skips.ts.
const otherReasons = /is not in a browser|process is not defined/

let summary = ""
page.on("console", (message) => {
  summary = message.text()
  console.log(summary)
})

/** What the program in the page tells of a file. */
interface Result {
  readonly file: string
  readonly passed: ReadonlyArray<string>
  readonly skipped: ReadonlyArray<string>
  readonly failures: ReadonlyArray<{ readonly name: string; readonly text: string }>
}

let results: ReadonlyArray<Result> = []
try {
  await page.goto(`${origin}/`)
  results = await page.evaluate(
    async (program) => ((await import(program)) as { readonly default: ReadonlyArray<Result> }).default,
    `${origin}/${program}`
  )
} finally {
  await browser.close()
}

/** What of a file needs AsyncLocalStorage: the names of tests, or of a `describe` of which no test passes, or true. */
const needing = ({ failures, passed, skipped }: Result) => {
  const needing = new Set(failures.filter(({ text }) => !otherReasons.test(text)).map(({ name }) => name))
  const others = [...passed, ...skipped, ...failures.map(({ name }) => name)].filter((name) => !needing.has(name))
  if (needing.size === 0) return undefined
  if (others.length === 0) return true
  const outermost = (name: string) => {
    const path = name.split(" > ")
    const groups = path.slice(1).map((_, n) => path.slice(0, n + 1).join(" > "))
    return groups.find((group) => others.every((other) => !other.startsWith(`${group} > `))) ?? name
  }
  return [...new Set([...needing].map(outermost))]
}

if (values.update) {
  const compat = results.filter(({ file }) => file.startsWith("packages/compat/"))
  const list = Object.fromEntries(compat.map((result) => [result.file, needing(result)]))
  writeFileSync(needsAsyncContext, `${JSON.stringify(list, undefined, 2)}\n`)
  console.log("\nWritten. Look at the difference, and run it again without --update.")
  process.exit(0)
}

const ok = results.length > 0 && results.every(({ failures }) => failures.length === 0)
printSkips(files, ["chromium"])
if (!ok) console.log("\nA test of compat that needs AsyncLocalStorage: npm run test:browser -- --update")
console.log(`\n${ok ? "ok    " : "FAILED"} ${summary} (${((performance.now() - start) / 1000).toFixed(1)} s)`)
process.exitCode = ok ? 0 : 1
