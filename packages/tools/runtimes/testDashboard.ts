// Uses the page of inspect's dashboard in Chromium, as a person does: `npm run dev -- test:dashboard`. With `--pictures` it makes the pictures
// of the site anew, which nobody compares: they are of a program that runs.
/// <reference lib="dom" />
import assert from "node:assert/strict"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { parseArgs } from "node:util"
import type { Page } from "playwright-core"
import { root } from "../repository.ts"
import { dashboardInBrowser } from "./dashboardIn.ts"
import { row, TestedPages } from "./testedPages.ts"

const { values } = parseArgs({ options: { pictures: { type: "boolean", default: false } } })

const { browser, close, program, url } = await dashboardInBrowser(["shop.ts"], ["--allow-cancel"])

const tested = new TestedPages(browser)
const { accessible } = tested
const setTheme = (page: Page, theme: string) =>
  page.evaluate((theme) => void (document.documentElement.dataset["theme"] = theme), theme)

const picture = async (page: Page, name: string) => {
  for (const theme of values.pictures ? ["light", "dark"] : []) {
    await setTheme(page, theme)
    // As WebP, which the debugger can, in a third of the bytes.
    const session = await page.context().newCDPSession(page)
    const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality: 70 })
    await session.detach()
    await writeFile(join(root, `docs/public/dashboard/${name}-${theme}.webp`), Buffer.from(data, "base64"))
  }
}

/** One after the other, all on the page of one program. */
const tests: Record<string, (page: Page) => Promise<void>> = {
  "opens from the address that was printed, which does not stay in the history": async (page) => {
    await page.goto(url)
    await page.waitForSelector(".grid-row[aria-selected]")

    assert.equal(new URL(page.url()).search, "")
    assert.match(await page.locator(".chooser").innerText(), /shop\.ts/)
  },

  "shows what tasks do, while they do it": async (page) => {
    const first = await row(page, "request").locator(".name").innerText()
    await page.waitForFunction(
      (first) => !Array.from(document.querySelectorAll(".name"), (each) => each.textContent).includes(first),
      first
    )

    assert.match(await row(page, "auditor").innerText(), /<Lock \[locked, waiters:1\]>/)
  },

  "shows names as they are, and runs nothing of them": async (page) => {
    assert.equal(
      await row(page, "<img src").locator(".name").innerText(),
      '<img src="x" onerror="hacked = true">\\u202e'
    )
    assert.equal(await page.locator(".grid img").count(), 0)
  },

  "is accessible as a table, in light and in dark": async (page) => {
    for (const theme of ["light", "dark"]) {
      await setTheme(page, theme)
      await accessible(page, theme)
    }
    await setTheme(page, "light")
  },

  "shows the tree of those that wait, and of those that have created": async (page) => {
    await page.keyboard.press("2")
    const hen = row(page, "hen")
    await hen.waitFor()
    assert.equal(
      await page.locator("[role=treegrid]").getAttribute("aria-label"),
      "Tasks, below those that wait for them"
    )
    await row(page, "server").waitFor()
    assert.equal(await row(page, "server").getAttribute("aria-level"), "2")
    await page.keyboard.press("3")
    await row(page, "request").waitFor()
    assert.equal(await row(page, "request").getAttribute("aria-level"), "3")
    await accessible(page, "tree")
  },

  "closes and opens a branch with the keys of a tree": async (page) => {
    await row(page, "server").click()
    await page.locator(".grid").focus()
    await page.keyboard.press("ArrowLeft")
    await page.waitForSelector("[aria-expanded=false]")
    assert.equal(await row(page, "request").count(), 0)
    await page.keyboard.press("ArrowRight")
    await row(page, "request").waitFor()
    await page.keyboard.press("Escape")
    await page.waitForSelector(".detail", { state: "detached" })
  },

  "finds tasks by name and by label": async (page) => {
    await page.keyboard.press("1")
    await page.keyboard.press("/")
    await page.keyboard.type("kind=packer")
    await page.waitForFunction(() => document.querySelector(".grid")?.getAttribute("aria-rowcount") === "3")
    await page.locator(".search").fill("audit")
    await page.waitForFunction(() => document.querySelector(".grid")?.getAttribute("aria-rowcount") === "2")
    await page.locator(".search").fill("")
    await page.keyboard.press("Escape")
  },

  "sorts, and says so": async (page) => {
    await page.locator(".sort", { hasText: "Longest" }).click()
    await page.waitForSelector("[aria-sort=descending]")
    await page.waitForFunction(
      () => document.querySelector(".grid-row[aria-rowindex='2'] .name")?.textContent === "nightly report"
    )
    await page.getByRole("button", { name: "Id", exact: true }).click()
  },

  "tells all about a task, by the keyboard alone": async (page) => {
    await page.locator(".grid").focus()
    await page.keyboard.press("Home")
    for (
      let i = 0;
      i < 20 && !(await page.locator(".grid-row[aria-selected=true]").innerText()).includes("auditor");
      i++
    ) {
      await page.keyboard.press("ArrowDown")
    }
    await page.keyboard.press("Enter")
    await page.waitForSelector(".stack")
    const text = await page.locator(".detail").innerText()
    for (const part of [
      /auditor/,
      /Waits for\s+<Lock/,
      /Waited for by\s+Task-1/,
      /busy/,
      /Created\s+.* ago by Task-1/
    ]) {
      assert.match(text, part)
    }
    await accessible(page, "detail")
    await picture(page, "task")
  },

  "lists locks and queues with their lines": async (page) => {
    await page.keyboard.press("5")
    const card = page.locator(".card", { hasText: "<Lock" })
    await card.waitFor()
    assert.match(await card.innerText(), /held by bookkeeper\s+auditor acquire/)
    await accessible(page, "locks")
  },

  "warns of what keeps others waiting, of rings, and of failures that nobody has heard of": async (page) => {
    await page.keyboard.press("Escape")
    await page.keyboard.press("6")
    for (const text of ["nightly report has computed for", "a ring of 2", "sold out"]) {
      await page.locator(".card li", { hasText: text }).first().waitFor()
    }
    await page.locator("button", { hasText: "nothing can wake" }).click()
    // The ring as well: nobody else knows of those two.
    await page.locator(".card li", { hasText: "courier waits for what nothing can complete" }).waitFor()
    await accessible(page, "warnings")
    await picture(page, "warnings")
  },

  "cancels a task when that is confirmed, with a reason": async (page) => {
    await page.keyboard.press("1")
    await row(page, "packer 2").click()
    await page.waitForSelector(".detail")
    await page.keyboard.press("c")
    await page.waitForSelector("dialog[open]")
    await accessible(page, "question")
    await page.keyboard.press("Escape")
    await page.waitForSelector("dialog", { state: "detached" })
    assert.equal(await page.locator(".state-cancelling").count(), 0)
    await page.locator("button", { hasText: "Cancel…" }).click()
    await page.locator(".field input").fill("goes home")
    await page.locator("dialog button[type=submit]").click()
    await page.locator(".news", { hasText: "packer 2 is cancelled." }).waitFor()
    await page.locator(".detail dd", { hasText: "goes home" }).waitFor()
    assert.match(
      await page.locator(".detail").innerText(),
      /kind\s+requested\s+by\s+effect-asyncio-inspect\s+reason\s+goes home/
    )
  },

  "says of a task that goes on what it was asked": async (page) => {
    await row(page, "cache warmer").click()
    await page.locator("button", { hasText: "Cancel…" }).click()
    await page.locator("dialog button[type=submit]").click()
    await page.locator(".news", { hasText: "go on: cache warmer" }).waitFor()
    await page.locator(".detail .notice", { hasText: "and goes on" }).waitFor()
    await page.keyboard.press("Escape")
  },

  "lists those that have ended": async (page) => {
    await page.keyboard.press("4")
    await page.locator(".search").fill("packer")
    await row(page, "packer 2").waitFor()
    await page.locator(".search").fill("failed")
    await page.locator(".grid-row", { hasText: "sold out" }).first().waitFor()
    await page.locator(".search").fill("")
    await page.keyboard.press("Escape")
    await accessible(page, "ended")
  },

  "has a picture for the site": async (page) => {
    await page.keyboard.press("1")
    await page.locator(".news").click()
    await picture(page, "table")
    await setTheme(page, "light")
  },

  "fits a phone": async (page) => {
    await page.setViewportSize({ width: 375, height: 700 })
    for (const key of ["1", "2", "4", "5", "6"]) {
      await page.keyboard.press(key)
      await page.waitForTimeout(50)
      const wide = await page.evaluate(() => document.documentElement.scrollWidth)
      assert.ok(wide <= 375, `view ${key} is ${wide} pixels wide`)
    }
    await page.keyboard.press("1")
    await row(page, "auditor").click()
    await page.waitForSelector(".stack")
    await accessible(page, "phone")
    await page.keyboard.press("Escape")
    await page.setViewportSize({ width: 1280, height: 800 })
  },

  "lets two look at once": async (page) => {
    const other = await tested.open()
    await other.goto(url)
    await row(other, "auditor").waitFor()
    await row(page, "auditor").waitFor()
    await other.context().close()
  },

  "says that the process has ended, and keeps what was seen": async (page) => {
    program.kill("SIGKILL")
    await page.locator(".chip", { hasText: /ended/ }).waitFor()
    await row(page, "auditor").waitFor()
  }
}

const page = await tested.open()
await tested.run(tests, page)
await close()
