// Uses the playground as a reader does, in the browser that browser.ts has opened: types programs, runs, stops and shares them, by
// mouse, by keyboard, on a phone and without a network.
import type { Browser, Page } from "playwright-core"
import { allPrograms } from "./pages.ts"
import { serveSite } from "./serveSite.ts"

/** Something that has to come soon is not there. */
const patience = 20_000

const tasksBehindAwaits = `import * as asyncio from "@effect-asyncio/compat"
const work = async () => {
  await asyncio.sleep("1 hour")
  await Promise.resolve()
  console.log(asyncio.currentTask()?.getName(), "is still", "itself")
}
await asyncio.run(() => asyncio.gather([asyncio.createTask(work, { name: "ada" }), asyncio.createTask(work, { name: "grace" })]))
console.warn("that is all")
`

const forever = `console.log("begins")\nfor (;;);`

/** Gives what is wrong. `accessible` looks at a page with axe. */
export const tryPlayground = async (
  browser: Browser,
  accessible: (page: Page) => Promise<ReadonlyArray<string>>
): Promise<ReadonlyArray<string>> => {
  const site = await serveSite()
  const context = await browser.newContext({ reducedMotion: "reduce", viewport: { width: 1280, height: 900 } })
  context.setDefaultTimeout(patience)
  const problems: Array<string> = []
  const open = async (path: string) => {
    const page = await context.newPage()
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") problems.push(`playground: ${message.text()}`)
    })
    page.on("pageerror", (error) => problems.push(`playground: ${error.message}`))
    await page.goto(site.origin + path)
    return page
  }
  try {
    await tryAll(open, accessible, problems, () => {
      site.close()
      return context.setOffline(true)
    })
  } catch (error) {
    problems.push(`playground: ${error instanceof Error ? error.message : error}`)
  } finally {
    await context.close()
    site.close()
  }
  return problems
}

const shows = (page: Page, text: RegExp | string) => page.locator(".playground").getByText(text).first().waitFor()
const ready = (page: Page) => page.locator(".playground button.main:enabled").waitFor()
const button = (page: Page, name: string) => page.locator(".playground > .bar").getByRole("button", { name })
const output = async (page: Page) => (await page.getByRole("log", { name: "Output" }).innerText()).trim()
const program = (page: Page) => page.locator(".cm-content").innerText()
const type = async (page: Page, text: string) => {
  await page.getByRole("textbox", { name: "Program" }).fill(text)
}

/** How the playground is tried. */
interface Trial {
  readonly page: Page
  readonly open: (path: string) => Promise<Page>
  readonly accessible: (page: Page) => Promise<ReadonlyArray<string>>
  readonly problems: Array<string>
  readonly expect: (what: string, found: unknown, expected: unknown) => void
  readonly goOffline: () => Promise<void>
}

/** From a page, by its link. Nothing runs by itself. */
const openFromAPage = async ({ expect, page }: Trial): Promise<void> => {
  await page.getByRole("link", { name: "Open in the playground" }).first().click()
  await ready(page)
  expect("the output before a run", await output(page), "")
  const shown = allPrograms()
    .find(({ page }) => page === "docs/tutorial/cancelling.md")
    ?.shown?.code.trim()
  await button(page, "Run").click()
  await shows(page, "The program ends.")
  expect("what a program of a page prints", await output(page), shown)
  await page.getByRole("radio", { name: "Effect" }).check()
  expect("the output of another program", await output(page), "")
  await button(page, "Run").click()
  await shows(page, "The program ends.")
  expect("what it prints with Effect", await output(page), shown)
}

/** By keyboard, with the task known behind awaits, and its timeline. */
const runByKeyboard = async ({ expect, page }: Trial): Promise<void> => {
  await page.getByRole("radio", { name: "async/await" }).check()
  await type(page, tasksBehindAwaits)
  await page.keyboard.press("ControlOrMeta+Enter")
  await shows(page, /It printed 3 lines/)
  expect(
    "what is printed behind awaits",
    await output(page),
    "ada is still itself\ngrace is still itself\nwarn: that is all"
  )
  await page.locator("figure.player summary").click()
  const step = "prints “ada is still itself”; returns"
  await page.locator("figure.player details li", { hasText: step }).waitFor()
  const select = page.locator("figure.player").getByRole("combobox", { name: "Cancel" })
  await select.selectOption({ label: "grace" })
  await page.locator("figure.player .comparison").getByText("The program prints something else.").waitFor()
  await page.locator(".cm-content").click()
  await page.keyboard.press("Tab")
  expect(
    "Tab in the editor stays there",
    await page.evaluate("document.activeElement.className.includes('cm-content')"),
    true
  )
  await page.keyboard.press("Escape")
  await page.keyboard.press("Tab")
  expect(
    "Escape and Tab leave the editor",
    await page.evaluate("document.activeElement.className.includes('cm-content')"),
    false
  )
}

/** As it stands, with everything on it. */
const lookAtIt = async ({ accessible, expect, page, problems }: Trial): Promise<void> => {
  for (const mode of ["light", "dark"]) {
    await page.evaluate(`document.documentElement.classList.toggle("dark", ${mode === "dark"})`)
    for (const problem of await accessible(page)) problems.push(`playground (${mode}): ${problem}`)
  }
  await page.setViewportSize({ width: 375, height: 700 })
  expect("the width on a phone", Number(await page.evaluate("document.documentElement.scrollWidth")) <= 375, true)
  await page.setViewportSize({ width: 1280, height: 900 })
}

/** An endless loop leaves the page alive, and is stopped; the next program runs. */
const stopIt = async ({ page }: Trial): Promise<void> => {
  await type(page, forever)
  await button(page, "Run").click()
  await page.getByRole("log", { name: "Output" }).getByText("begins").waitFor()
  await button(page, "Stop").click()
  await shows(page, "The program was stopped: you stopped it.")
  await type(page, `import "left-pad"`)
  await button(page, "Run").click()
  await shows(page, /"left-pad" cannot be imported in the playground/)
}

/** Shared, and opened by somebody else. */
const share = async ({ expect, open, page }: Trial): Promise<void> => {
  await type(page, `console.log("shared")`)
  await button(page, "Share").click()
  const link = await page.getByRole("textbox", { name: "Link" }).inputValue()
  const other = await open(link.slice(new URL(link).origin.length))
  await ready(other)
  expect("the program of a link", await program(other), `console.log("shared")`)
  await other.waitForTimeout(500)
  expect("a program of a link that was not run", await output(other), "")
  await button(other, "Run").click()
  await shows(other, "It printed 1 line.")
  expect("what it prints", await output(other), "shared")
  await other.close()
  const damaged = await open(`/playground#program=${link.split("=")[1]!.slice(0, -8)}`)
  await damaged.getByRole("alert").getByText("the link is not whole").waitFor()
  await damaged.close()
}

/** What was changed is there after a look at the other kind, at an example, and after a reload; a link is that of what it shows. */
const keepWhatWasChanged = async ({ expect, page }: Trial): Promise<void> => {
  const edited = `console.log("edited")`
  await type(page, edited)
  expect("the fragment of a program that was changed", await page.evaluate("location.hash"), "")
  await page.getByRole("radio", { name: "Effect" }).check()
  await page.getByRole("radio", { name: "async/await" }).check()
  expect("what was changed, after the other kind", await program(page), edited)
  const examples = page.locator(".playground > .bar").getByRole("combobox", { name: "Example" })
  await examples.selectOption("1")
  await examples.selectOption({ label: "your program" })
  expect("what was changed, after an example", await program(page), edited)
  await page.reload()
  await ready(page)
  expect("what was changed, after a reload", await program(page), edited)
  await type(page, `console.log("shared")`)
}

/** Without a network, also when it is opened anew. */
const useWithoutNetwork = async ({ expect, goOffline, page }: Trial): Promise<void> => {
  await shows(page, "this page works without a network now")
  await goOffline()
  await page.reload()
  await ready(page)
  await button(page, "Run").click()
  await shows(page, "It printed 1 line.")
  expect("what is printed without a network", await output(page), "shared")
}

const tryAll = async (
  open: (path: string) => Promise<Page>,
  accessible: (page: Page) => Promise<ReadonlyArray<string>>,
  problems: Array<string>,
  goOffline: () => Promise<void>
): Promise<void> => {
  const expect = (what: string, found: unknown, expected: unknown) => {
    if (found !== expected)
      problems.push(`playground, ${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`)
  }
  // Other pages load neither the editor nor what runs programs.
  const page = await open("/tutorial/cancelling")
  const loaded = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name))
  expect("what other pages load", loaded.filter((name) => /worker|[Pp]layground|editor/.test(name)).join(), "")
  const trial: Trial = { page, open, accessible, problems, expect, goOffline }
  await openFromAPage(trial)
  await runByKeyboard(trial)
  await lookAtIt(trial)
  await stopIt(trial)
  await share(trial)
  await keepWhatWasChanged(trial)
  await useWithoutNetwork(trial)
  await page.close()
}
