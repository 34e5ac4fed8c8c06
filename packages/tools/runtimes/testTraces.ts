// Opens what `record` and `profile` write in speedscope's own page, and in the developer tools of Chromium: a part of
// `npm run dev -- test:dashboard`.
/// <reference lib="dom" />
import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, extname, join } from "node:path"
import type { Page } from "playwright-core"
import { root } from "../repository.ts"
import { launchChromium } from "./chromium.ts"
import { TestedPages } from "./testedPages.ts"

const inspect = join(root, "packages/inspect")
const speedscope = dirname(createRequire(join(inspect, "package.json")).resolve("speedscope/dist/release/index.html"))
const types: Readonly<Record<string, string>> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" }

const folder = mkdtempSync(join(tmpdir(), "inspect-"))
const env = { ...process.env, EFFECT_ASYNCIO_INSPECT_DIR: folder }
const own = ["--conditions=@effect-asyncio/source", "--no-warnings"]
const program = spawn(
  process.execPath,
  [...own, "--import", join(inspect, "src/register.ts"), join(inspect, "test/programs/busy.ts")],
  { env, stdio: ["pipe", "pipe", "inherit"] }
)
await once(program.stdout, "data")

const write = (command: string, file: string) =>
  execFileSync(
    process.execPath,
    [...own, join(inspect, "src/main.ts"), command, "busy.ts", "300ms", "--out", join(folder, file)],
    { env, stdio: ["ignore", "ignore", "pipe"] }
  )

/** Opens a file, and gives what the page calls it, and what it has drawn. */
const titleOf = async (page: Page, file: string): Promise<string> => {
  await page.goto("about:blank")
  await page.goto(`http://localhost/index.html#profileURL=/written/${file}`)
  await page.waitForFunction(() => document.title !== "speedscope" || document.body.innerText.includes("went wrong"))
  return `${await page.title()} ${await page.evaluate(() => document.body.innerText)}`
}

const opens = (command: string, file: string, shown: RegExp) => async (page: Page) => {
  write(command, file)
  const title = await titleOf(page, file)
  if (!shown.test(title)) throw new Error(`it shows ${JSON.stringify(title.slice(0, 200))}`)
}

const openInDevTools = async (page: Page, file: string): Promise<void> => {
  await page.goto("devtools://devtools/bundled/devtools_app.html?panel=timeline")
  await page.getByRole("tab", { name: "Performance" }).first().click()
  await page.locator("input[type=file]").first().setInputFiles(join(folder, file))
  // It is there for a recording that was taken, and not for a file that is none.
  await page.getByRole("tab", { name: "Bottom-up" }).waitFor()
}

// The first recording that the tools open has them show their shortcuts, and forget what is looked for.
let shortcutsAreShown = false

/** The same in the developer tools of the browser itself, under Performance, where a step is looked for by the name of its task. */
const opensInDevTools = (command: string, file: string, task: string) => async (page: Page) => {
  write(command, file)
  await openInDevTools(page, file)
  if (!shortcutsAreShown) await openInDevTools(page, file)
  shortcutsAreShown = true
  await page.keyboard.press("Control+f")
  const found = page.getByText(/^\d+ of [1-9]\d*$/)
  // Asked again: who asks before all is drawn is told of nothing.
  for (let tries = 0; !(await found.isVisible()); tries++) {
    if (tries > 50) throw new Error(`it has found no ${task}`)
    await page.getByPlaceholder("Find").fill("")
    await page.getByPlaceholder("Find").fill(task)
    await page.waitForTimeout(200)
  }
}

const tests: Record<string, (page: Page) => Promise<void>> = {
  "opens a profile by task": opens("profile", "busy.speedscope.json", /parser/),
  "opens a profile for Chromium": opens("profile", "busy.cpuprofile", /busy\.cpuprofile/),
  "opens a trace, with a track for each name of tasks": opens("record", "busy.json", /parser|logger/),
  "opens a trace in Chromium's own tools": opensInDevTools("record", "steps.json", "parser"),
  "opens a profile in Chromium's own tools": opensInDevTools("profile", "steps.cpuprofile", "parser")
}

const browser = await launchChromium()
const tested = new TestedPages(browser, /GL Driver Message|missing insights/)
const page = await tested.open(async (context) => {
  await context.route("**/*", async (route) => {
    const { pathname } = new URL(route.request().url())
    const [, written] = /^\/written\/(.*)$/.exec(pathname) ?? []
    try {
      const path = written === undefined ? join(speedscope, pathname) : join(folder, written)
      await route.fulfill({ contentType: types[extname(path)] ?? "application/octet-stream", body: readFileSync(path) })
    } catch {
      await route.fulfill({ status: 204, body: "" })
    }
  })
})
await tested.run(tests, page)
await browser.close()
program.kill("SIGKILL")
rmSync(folder, { recursive: true, force: true })
