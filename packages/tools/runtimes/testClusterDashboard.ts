// Uses the page of inspect's dashboard for a cluster in Chromium, as a person does: a step of `npm run dev -- test:dashboard`.
/// <reference lib="dom" />
import assert from "node:assert/strict"
import type { Page } from "playwright-core"
import { dashboardInBrowser } from "./dashboardIn.ts"
import { row, TestedPages } from "./testedPages.ts"

const { browser, close, program, url } = await dashboardInBrowser(["jobs.ts"], ["--allow-cancel"])

const tested = new TestedPages(browser)
const { accessible } = tested

const untilRows = (page: Page, count: number) =>
  page.waitForFunction(
    (count) => document.querySelector(".grid")?.getAttribute("aria-rowcount") === count,
    // With that of the titles.
    String(count + 1)
  )

/** One after the other, all on the page of one program. */
const tests: Record<string, (page: Page) => Promise<void>> = {
  "lists the cluster beside the process, and shows it when it is chosen": async (page) => {
    await page.goto(url)
    await page.waitForSelector(".grid-row")
    await page.locator(".chooser").selectOption({ label: `cluster:memory (${program.pid}:1)` })
    await row(page, "page 4").waitFor()
    await untilRows(page, 6)
  },

  "shows where each task runs, what it waits for, and names as they are": async (page) => {
    assert.match(await row(page, "page 1").innerText(), /running\s+runs on \S+:\d+#/)
    assert.match(await row(page, "page 4").innerText(), /waiting\s+<Workers of page>\.take/)
    assert.match(await row(page, "cover").innerText(), /<Workers of cover, none is there>/)
    assert.equal(await row(page, "Moby").locator(".name").innerText(), "Moby \\x1b[31mDick\\u202e")
    await accessible(page, "cluster")
  },

  "finds tasks by label": async (page) => {
    await page.locator(".search").fill("page=2")
    await untilRows(page, 1)
    await page.locator(".search").fill("")
  },

  "shows the tree of those that have created others": async (page) => {
    await page.locator(".search").press("Escape")
    await page.keyboard.press("3")
    await row(page, "page 1").waitFor()
    assert.equal(await row(page, "page 1").getAttribute("aria-level"), "2")
  },

  "tells all about a task: the process that runs it, and its creator": async (page) => {
    await page.keyboard.press("1")
    await row(page, "page 2").click()
    await page.waitForSelector(".stack")
    const text = await page.locator(".detail").innerText()
    for (const part of [/runs on \S+:\d+#\w+/, /page\s+\S+:\d+#\w+/, /Created\s+.* ago by Moby/]) {
      assert.match(text, part)
    }
    await accessible(page, "task of a cluster")
    await page.keyboard.press("Escape")
  },

  "lists workers with the tasks that have their places and those that wait": async (page) => {
    await page.keyboard.press("5")
    const card = page.locator(".card", { hasText: "Workers of page" })
    await card.waitFor()
    assert.match(await card.innerText(), /1 with 3 places, 3 taken, 1 waiting/)
    assert.match(await card.innerText(), /held by page 1, page 2, page 3\s+page 4 take/)
    await accessible(page, "workers")
  },

  "does not look for what nothing can wake, which a cluster cannot tell": async (page) => {
    await page.keyboard.press("6")
    await page.locator(".tabs button[aria-selected=true]", { hasText: "Warnings" }).waitFor()
    assert.equal(await page.locator("button", { hasText: "nothing can wake" }).count(), 0)
  },

  "cancels a task wherever it runs, and says who goes on": async (page) => {
    await page.keyboard.press("1")
    await row(page, "page 4").click()
    await page.locator("button", { hasText: "Cancel…" }).click()
    await page.locator(".field input").fill("too long")
    await page.locator("dialog button[type=submit]").click()
    await page.locator(".news", { hasText: "page 4 is cancelled." }).waitFor()
    await row(page, "page 3").click()
    await page.locator("button", { hasText: "Cancel…" }).click()
    await page.locator("dialog button[type=submit]").click()
    await page.locator(".news", { hasText: "go on: page 3" }).waitFor()
    await page.keyboard.press("Escape")
  },

  "lists those that have ended, also before anybody looked": async (page) => {
    await page.keyboard.press("4")
    await page.locator(".grid-row", { hasText: "there is <b>none</b> left" }).waitFor()
    await row(page, "page 4").waitFor()
    await accessible(page, "ended tasks of a cluster")
  },

  "says that the process which told of it has ended": async (page) => {
    program.kill("SIGKILL")
    await page.locator(".chip", { hasText: /ended/ }).waitFor()
  }
}

const page = await tested.open()
await tested.run(tests, page)
await close()
