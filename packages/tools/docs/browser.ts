// Opens the built site in Chromium: `npm run docs`, then `npm run dev -- docs:browser`. No page may have a link to one that is not there.
// With `--slice 2/3` only the second of three parts of the pages is opened; the links of all are followed.
// Every page of the guides has to load without an error on the console, to pass axe, in light and in dark, and to fit a phone,
// also while its timelines are played. The playground is used as a reader uses it.
import { existsSync, globSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { parseArgs } from "node:util"
import type { Page } from "playwright-core"
import { launchChromium } from "../runtimes/chromium.ts"
import { noSlice, sliceOf } from "../slice.ts"
import { tryPlayers } from "./players.ts"
import { contentType, dist, fileOf } from "./serveSite.ts"
import { tryPlayground } from "./tryPlayground.ts"

if (!existsSync(join(dist, "index.html"))) {
  console.error("There is no site: `npm run docs` builds it.")
  process.exit(2)
}

const { slice } = parseArgs({ options: { slice: { type: "string", default: "1/1" } } }).values
const partOf = sliceOf(slice)
if (partOf === undefined) {
  console.error(noSlice(slice))
  process.exit(2)
}

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")

// No server: the pages' requests are answered here, and the network is never asked.
const origin = "http://localhost"
const browser = await launchChromium()
const context = await browser.newContext({ hasTouch: true, reducedMotion: "reduce" })
await context.route("**/*", async (route) => {
  const url = new URL(route.request().url())
  const file = url.origin === origin ? fileOf(url.pathname) : undefined
  if (file === undefined) return route.fulfill({ status: 404, body: "" })
  return route.fulfill({ contentType: contentType(file), body: await readFile(file) })
})

const problems: Array<string> = []
const page = await context.newPage()
let where = ""
page.on("console", (message) => {
  if (message.type() === "error" || message.type() === "warning") problems.push(`${where}: ${message.text()}`)
})
page.on("pageerror", (error) => problems.push(`${where}: ${error.message}`))

/** What axe says, as far as it is printed. */
interface Violation {
  readonly help: string
  readonly nodes: ReadonlyArray<{ readonly target: ReadonlyArray<string> }>
}

const violationsOf = (page: Page): Promise<ReadonlyArray<string>> =>
  page.evaluate(async () => {
    // The content, by the rules of WCAG 2.1 A and AA. axe's advice beyond them forbids, for one, an empty corner of a table.
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
    const { axe } = globalThis as unknown as {
      readonly axe: { run(...args: ReadonlyArray<unknown>): Promise<{ readonly violations: ReadonlyArray<Violation> }> }
    }
    const { violations } = await axe.run({ include: ["#VPContent"] }, { runOnly: tags })
    return violations.map(
      ({ help, nodes }) =>
        `${help}: ${nodes
          .map(({ target }) => target.join(" "))
          .slice(0, 3)
          .join(", ")}`
    )
  })

const accessible = async (mode: string) => {
  for (const violation of await violationsOf(page)) problems.push(`${where} (${mode}): ${violation}`)
}

const files = globSync("**/*.html", { cwd: dist })
  .filter((file) => file !== "404.html")
  .sort()

const broken = new Set<string>()
const anchors = new Map<string, ReadonlySet<string>>()

/** Where a link can lead on the page of a file: the ids of its elements. */
const anchorsOf = async (file: string) => {
  const known = anchors.get(file)
  if (known !== undefined) return known
  const found = new Set(Array.from((await readFile(file, "utf8")).matchAll(/\bid="([^"]*)"/g), ([, id]) => id!))
  anchors.set(file, found)
  return found
}

/** Whether what stands behind the # of an address is a place on a page. The playground keeps a program there. */
const isPlace = ({ hash, pathname }: URL) => hash !== "" && !pathname.startsWith("/playground")

for (const file of files) {
  for (const [, link = ""] of (await readFile(join(dist, file), "utf8")).matchAll(/<a\b[^>]*?\bhref="([^"]*)"/g)) {
    const url = new URL(link, `${origin}/${file}`)
    const address = url.pathname + url.hash
    if (url.origin !== origin || broken.has(url.pathname) || broken.has(address)) continue
    const target = fileOf(url.pathname)
    if (target === undefined) {
      broken.add(url.pathname)
      problems.push(`/${file}: nothing is at ${url.pathname}`)
    } else if (isPlace(url) && !(await anchorsOf(target)).has(decodeURIComponent(url.hash.slice(1)))) {
      broken.add(address)
      problems.push(`/${file}: ${url.pathname} has no ${url.hash}`)
    }
  }
}

// The pages of the reference are all made alike: one of each kind stands for the others, and the widest for all that are wide. Where
// a page was before is a page without scripts.
const kinds = new Set<string>()
let players = 0
const ofEachKind = files.filter((file) => {
  // The playground asks for more than what is answered here.
  if (file.startsWith("api/@") || file === "playground.html") return false
  const kind = /^api\/.*\/[A-Za-z]/.test(file) ? `${dirname(file)} ${/[A-Z]\w*\.html$/.test(file)}` : file
  return !kinds.has(kind) && kinds.add(kind)
})
const opened = partOf(ofEachKind)
for (const file of opened) {
  where = `/${file.replace(/\.html$/, "").replace(/(^|\/)index$/, "$1")}`
  await page.setViewportSize({ width: 1280, height: 800 })
  await page.goto(`${origin}${where}`)
  await page.evaluate(axe)
  // Colours that are still changing would be measured.
  await page.addStyleTag({ content: "* { transition: none !important }" })
  const tried = await tryPlayers(page, file.replace(/\.html$/, ".md"))
  players += tried.count
  for (const problem of tried.problems) problems.push(`${where}: ${problem}`)
  // With the timelines as they were left, in the middle of a play.
  for (const mode of ["light", "dark"]) {
    await page.evaluate(`document.documentElement.classList.toggle("dark", ${mode === "dark"})`)
    await accessible(mode)
  }
  await page.setViewportSize({ width: 375, height: 700 })
  const wide = Number(await page.evaluate("document.documentElement.scrollWidth"))
  if (wide > 375) problems.push(`${where}: ${wide} pixels wide on a phone of 375`)
}

// Who chooses Effect once sees it everywhere: on this page, on the next, and after a reload.
const allShow = async (title: string, text: string) => {
  const groups = await page.locator(".vp-code-group").all()
  const others = await Promise.all(
    groups.map(async (group) => {
      const label = await group.locator("input:checked + label").textContent()
      return label !== title || !(await group.locator(".blocks > :visible").first().innerText()).includes(text)
    })
  )
  const wrong = others.filter(Boolean).length
  if (groups.length === 0 || wrong > 0)
    problems.push(`${where}: ${wrong} of ${groups.length} groups do not show ${title}`)
}
where = "/tutorial/cancelling"
await page.setViewportSize({ width: 1280, height: 800 })
await page.goto(`${origin}${where}`)
await page.locator(".vp-code-group label", { hasText: "Effect" }).last().click()
await allShow("Effect", "@effect-asyncio/core")
await page.locator(".VPSidebar a", { hasText: "Timeouts" }).first().click()
await page.waitForURL(/timeouts/)
where = "/tutorial/timeouts, by a link"
await allShow("Effect", "@effect-asyncio/core")
await page.reload()
where = "/tutorial/timeouts, again"
await allShow("Effect", "@effect-asyncio/core")

// The cheat sheet says that it fits on one sheet of paper.
await page.goto(`${origin}/cheat-sheet`)
for (const format of ["A4", "Letter"]) {
  const sheets = (await page.pdf({ format })).toString("latin1").match(/\/Type \/Page\b/g)?.length
  if (sheets !== 1) problems.push(`/cheat-sheet: ${sheets} sheets of ${format}`)
}

await context.close()
problems.push(
  ...(await tryPlayground(browser, async (page) => {
    await page.evaluate(axe)
    await page.addStyleTag({ content: "* { transition: none !important }" })
    return violationsOf(page)
  }))
)
await browser.close()

for (const problem of problems) console.error(problem)
console.log(`${files.length} pages, ${opened.length} of them opened, ${players} timelines, ${problems.length} problems`)
process.exit(problems.length === 0 ? 0 : 1)
