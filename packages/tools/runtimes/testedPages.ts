/**
 * Pages of inspect's dashboard that are used as a person does, one test after the other.
 */
/// <reference lib="dom" />
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import type { Browser, BrowserContext, Frame, Locator, Page } from "playwright-core"

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")

interface Violation {
  readonly help: string
  readonly nodes: ReadonlyArray<{ readonly target: ReadonlyArray<string> }>
}

/** The row of a task. */
export const row = (page: Page | Frame, name: string): Locator =>
  page.locator(".grid-row", { has: page.locator(".name", { hasText: name }) }).first()

export class TestedPages {
  readonly #browser: Browser
  readonly #fine: RegExp
  readonly #problems: Array<string> = []

  /** What matches `fine` is no problem. */
  constructor(browser: Browser, fine = /(?!)/) {
    this.#browser = browser
    this.#fine = fine
  }

  /** A new page, of which every word on the console is a problem: also what its policy forbids. */
  async open(prepare: (context: BrowserContext) => Promise<void> = async () => {}): Promise<Page> {
    const context = await this.#browser.newContext({
      viewport: { width: 1280, height: 800 },
      reducedMotion: "reduce"
    })
    await prepare(context)
    context.on("page", (page) => this.#watch(page))
    const page = await context.newPage()
    page.setDefaultTimeout(15_000)
    return page
  }

  #watch(page: Page): void {
    page.on("console", (message) => {
      const isProblem = message.type() === "error" || message.type() === "warning"
      if (isProblem && !this.#fine.test(message.text())) this.#problems.push(message.text())
    })
    page.on("pageerror", ({ message }) => {
      if (!this.#fine.test(message)) this.#problems.push(message)
    })
  }

  /** What axe says of what the page shows. It is put into the page by the debugger, whom the policy does not bind. */
  readonly accessible = async (page: Page, what: string): Promise<void> => {
    const session = await page.context().newCDPSession(page)
    await session.send("Runtime.evaluate", { expression: axe })
    const { result } = await session.send("Runtime.evaluate", {
      expression: `axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })
      .then(({ violations }) => JSON.stringify(violations))`,
      awaitPromise: true,
      returnByValue: true
    })
    await session.detach()
    for (const { help, nodes } of JSON.parse(result.value as string) as ReadonlyArray<Violation>) {
      const targets = nodes.map(({ target }) => target.join(" ")).slice(0, 3)
      this.#problems.push(`${what}: ${help}: ${targets.join(", ")}`)
    }
  }

  /** Runs all on one page, and says at the end of the process whether one has failed. */
  async run(tests: Readonly<Record<string, (page: Page) => Promise<void>>>, page: Page): Promise<void> {
    let failed = 0
    const begun = performance.now()
    for (const [name, test] of Object.entries(tests)) {
      try {
        await test(page)
        assert.deepEqual(this.#problems.splice(0), [])
        console.log(`  ok ${name}`)
      } catch (error) {
        failed++
        const texts = [error instanceof Error ? error.message : String(error), ...this.#problems.splice(0)]
        console.error(`  FAILED ${name}\n    ${texts.join("\n    ")}`)
      }
    }
    const all = Object.keys(tests).length
    console.log(`${all - failed} of ${all} in ${((performance.now() - begun) / 1000).toFixed(1)} s`)
    if (failed > 0) process.exitCode = 1
  }
}
