// Runs the tests of core and compat in Chromium.
//
//   npm run test:browser                  all of them
//   npm run test:browser -- Task cancel   the files with such words in their names
//
// The browser is the machine's own: Debian's package `chromium`, or what CHROMIUM_PATH names.
import { existsSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { chromium } from "playwright-core"
import { bundleTests, chosen, printSkips, testFiles } from "./testRunner/bundle.mjs"

const executablePath = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium"
if (!existsSync(executablePath)) {
  console.error(
    `There is no browser at ${executablePath}. Install Chromium (Debian: apt-get install chromium), or set CHROMIUM_PATH.`
  )
  process.exit(2)
}

const { positionals } = parseArgs({ allowPositionals: true })
const files = chosen(testFiles(["core", "compat"]), positionals)
const { folder, program } = await bundleTests("browser", files, { browser: true })

const start = performance.now()
const browser = await chromium.launch({
  executablePath,
  args: [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync"
  ]
})

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

let summary = ""
page.on("console", (message) => {
  summary = message.text()
  console.log(summary)
})

let ok = false
try {
  await page.goto(`${origin}/`)
  ok = await page.evaluate(async (program) => (await import(program)).default, `${origin}/${program}`)
} finally {
  await browser.close()
}

printSkips(files, ["chromium"])
console.log(`\n${ok ? "ok    " : "FAILED"} ${summary} (${((performance.now() - start) / 1000).toFixed(1)} s)`)
process.exitCode = ok ? 0 : 1
