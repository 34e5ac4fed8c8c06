// How fast inspect's dashboard is with very many tasks that change all the time.
//
//   npm run dev -- bench:dashboard                          100,000 tasks, 2,000 changes a second
//   npm run dev -- bench:dashboard --tasks 1000000 --changes 0
/// <reference lib="dom" />
import { parseArgs } from "node:util"
import { dashboardInBrowser } from "./dashboardIn.ts"

const { values } = parseArgs({
  options: { tasks: { type: "string", default: "100000" }, changes: { type: "string", default: "2000" } }
})
const tasks = Number(values.tasks)

const { browser, close, url } = await dashboardInBrowser(["many.ts", values.tasks, values.changes], [])
// What measures is no part of the page, which forbids all others.
const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, bypassCSP: true })
// A machine that does other things too is no failure.
page.setDefaultTimeout(300_000)
page.on("pageerror", (error) => console.error(error.message))
process.on("uncaughtException", (error) => {
  console.error(error)
  void close().finally(() => process.exit(1))
})

// On the clock of the page, which begins when it is asked for.
await page.addInitScript((tasks: number) => {
  const times: Record<string, number> = {}
  Object.assign(globalThis, { times })
  const look = () => {
    const rows = Number(document.querySelector("[aria-rowcount]")?.getAttribute("aria-rowcount") ?? 0)
    if (rows > 2) times["first"] ??= performance.now()
    if (rows > tasks) times["all"] ??= performance.now()
    if (times["all"] === undefined) requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
}, tasks)

interface Times {
  readonly first: number
  readonly all: number
}

await page.goto(url)
await page.waitForFunction("times.all !== undefined")
const { all, first } = await page.evaluate<Times>("times")
console.log(`first rows after ${Math.round(first)} ms, all ${tasks.toLocaleString("en")} after ${Math.round(all)} ms`)

/** How long frames take, in milliseconds, while the table is scrolled and the program goes on. */
const frames = (seconds: number): Promise<ReadonlyArray<number>> =>
  page.evaluate(async (millis) => {
    const grid = document.querySelector(".grid")!
    const took: Array<number> = []
    const begun = performance.now()
    await new Promise<void>((resolve) => {
      let last = begun
      const next = (now: number) => {
        took.push(now - last)
        last = now
        grid.scrollTop += 120
        if (now - begun > millis) resolve()
        else requestAnimationFrame(next)
      }
      requestAnimationFrame(next)
    })
    return took.slice(1)
  }, seconds * 1000)

const quantile = (values: ReadonlyArray<number>, part: number) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * part)]!.toFixed(1)

for (const [key, title] of [
  ["1", "table"],
  ["2", "tree by waiting"],
  ["3", "tree by creation"]
] as const) {
  await page.keyboard.press(key)
  await page.waitForTimeout(1500)
  const took = await frames(8)
  const rows = Number(await page.evaluate("document.querySelectorAll('.grid-row').length"))
  console.log(
    `${title}: a frame of scrolling takes p50 ${quantile(took, 0.5)}, p95 ${quantile(took, 0.95)}, p99 ${quantile(took, 0.99)}, at most ${quantile(took, 0.9999)} ms; ${rows} rows in the document`
  )
}
await page.keyboard.press("1")
const began = performance.now()
await page.locator(".search").fill("shard 7")
await page.waitForFunction("Number(document.querySelector('[aria-rowcount]').getAttribute('aria-rowcount')) < 50")
console.log(`a search takes ${Math.round(performance.now() - began)} ms`)
await page.locator(".search").fill("")
const sorted = performance.now()
await page.locator(".sort", { hasText: "Age" }).click()
await page.waitForSelector("[aria-sort='descending']")
console.log(`sorting takes ${Math.round(performance.now() - sorted)} ms`)
await close()
