// Plays the timelines of a page in a browser, by mouse and by keyboard, as browser.ts opens it.
import type { Locator, Page } from "playwright-core"
import { allTimelines, type Timeline } from "./timelines.ts"

const timelines = allTimelines()

/** Something that has to come soon is not there. */
const patience = 5000

/**
 * Tries every timeline of a page, and leaves each with a cancellation of the reader's. A page without any is not touched.
 * `file` is the page's source, below docs.
 */
export const tryPlayers = async (
  page: Page,
  file: string
): Promise<{ readonly count: number; readonly problems: ReadonlyArray<string> }> => {
  const expected = timelines.filter((timeline) => timeline.page === `docs/${file}`)
  const problems: Array<string> = []
  const players = page.locator("figure.player")
  if ((await players.count()) !== expected.length) {
    problems.push(`${await players.count()} timelines instead of ${expected.length}`)
    return { count: 0, problems }
  }
  for (const [n, timeline] of expected.entries()) {
    try {
      await tryPlayer(page, players.nth(n), timeline)
    } catch (error) {
      problems.push(`${timeline.title}: ${error instanceof Error ? error.message : error}`)
    }
  }
  return { count: expected.length, problems }
}

/** A timeline on a page, as a reader gets at it. */
const playerOf = (page: Page, player: Locator) => {
  const button = (name: string) => player.getByRole("button", { name, exact: true })
  const position = player.locator("input.position")
  const status = player.locator(".status")
  const comparison = player.locator(".comparison")
  const picture = async () => (await player.locator(".canvas svg").innerHTML()) + (await position.inputValue())
  const shows = async (what: string, condition: () => Promise<boolean>) => {
    const start = Date.now()
    while (!(await condition())) {
      if (Date.now() - start > patience)
        throw new Error(`it does not show ${what}; it says: ${await status.innerText()}`)
      await page.waitForTimeout(10)
    }
  }
  const isAt = (step: number) => shows(`step ${step}`, async () => (await position.inputValue()) === String(step))
  const select = player.getByRole("combobox", { name: "Cancel" })
  return { page, player, button, position, status, comparison, picture, shows, isAt, select }
}

type Player = ReturnType<typeof playerOf>

const stepByMouse = async ({ button, isAt, player, position }: Player) => {
  await player.scrollIntoViewIfNeeded()
  const drawn = () => player.locator("svg[role=img]").evaluate((svg) => svg.innerHTML.replace(/ id="[^"]*"|\s+/g, ""))
  const before = await drawn()
  await button("Step").click()
  await position.waitFor({ timeout: patience })
  await isAt(1)
  if ((await drawn()) !== before) throw new Error("it does something else in the browser than when the page was built")
  await button("Step").click()
  await isAt(2)
  await button("Back").click()
  await isAt(1)
  await button("Play").click()
  await isAt(2)
  await button("Pause").click()
  await isAt(2)
}

const playByKeyboard = async ({ button, isAt, player, position, status }: Player, { program }: Timeline) => {
  const steps = Number(await position.getAttribute("max"))
  await position.press("End")
  await isAt(steps)
  const printed = (await player.locator(".output pre").innerText()).trimEnd()
  const failed = /The program fails: ([\s\S]*)$/.exec(await status.innerText())?.[1]
  const text = [printed, failed].filter((part) => part !== undefined && part !== "").join("\n")
  if (text !== (program.shown?.code.trimEnd() ?? "")) throw new Error(`it prints something else than the page: ${text}`)
  await position.press("ArrowLeft")
  await isAt(steps - 1)
  await button("Reset").press("Enter")
  await isAt(0)
  await position.press("Space")
  await isAt(1)
  await position.press("Space")
  await button("Play").waitFor({ timeout: patience })
  await button("Step").press("Enter")
  await isAt(2)
}

/** By keyboard. */
const chooseCancellation = async ({ comparison, picture, player, select, shows }: Player) => {
  const plain = await picture()
  await select.selectOption({ index: 1 })
  await shows("what the cancellation does", async () => (await comparison.innerText()) !== "")
  const stop = player.locator("input.stop")
  const chosen = await comparison.innerText()
  await stop.press("Home")
  await shows("the cancellation at another time", async () => (await comparison.innerText()) !== chosen)
  await shows("another picture", async () => (await picture()) !== plain)
  await select.selectOption({ index: 0 })
  await shows("no cancellation", async () => (await comparison.innerText()) === "")
}

/** With the mouse on a bar, the longest: there is not much to be dragged on a task that ends at once. */
const dragCancellation = async ({ comparison, page, picture, player, shows }: Player) => {
  const bars = player.locator(".bar")
  const widths = await bars.evaluateAll((all) => all.map((bar) => bar.clientWidth))
  const bar = bars.nth(widths.indexOf(Math.max(...widths)))
  await bar.scrollIntoViewIfNeeded()
  const box = await bar.boundingBox()
  if (box === null) throw new Error("there is no bar to cancel at")
  const middle = box.y + box.height / 2
  await page.mouse.move(box.x + box.width - 2, middle)
  await page.mouse.down()
  await shows("the cancellation under the mouse", async () => (await comparison.innerText()) !== "")
  const late = [await comparison.innerText(), await picture()]
  await page.mouse.move(box.x + 2, middle, { steps: 4 })
  await page.mouse.up()
  await shows("where the cancellation was dragged to", async () => (await comparison.innerText()) !== late[0])
  await shows("the picture of it", async () => (await picture()) !== late[1])
  return bar
}

/** A tap on a bar, and the handle. */
const touchCancellation = async ({ comparison, page, player, select, shows }: Player, bar: Locator) => {
  await select.selectOption({ index: 0 })
  await shows("no cancellation", async () => (await comparison.innerText()) === "")
  await bar.tap({ position: { x: 20, y: 10 } })
  await shows("the cancellation that was tapped", async () => (await comparison.innerText()) !== "")
  const tapped = await comparison.innerText()
  const handle = await player.locator(".handle").boundingBox()
  if (handle === null) throw new Error("there is no handle to drag")
  const touch = await page.context().newCDPSession(page)
  const at = (x: number) => [{ x: handle.x + 22 + x, y: handle.y + 22 }]
  await touch.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: at(0) })
  for (const x of [20, 40, 60]) await touch.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: at(x) })
  await touch.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] })
  await shows("where the handle was dragged to", async () => (await comparison.innerText()) !== tapped)
}

const tryPlayer = async (page: Page, locator: Locator, timeline: Timeline) => {
  const player = playerOf(page, locator)
  await stepByMouse(player)
  await playByKeyboard(player, timeline)
  await chooseCancellation(player)
  const bar = await dragCancellation(player)
  await touchCancellation(player, bar)
}
