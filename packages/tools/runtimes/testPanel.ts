// Uses the panel of @effect-asyncio/inspect/browser in a page of Chromium that forbids all that it need not allow: a part of
// `npm run dev -- test:dashboard`.
/// <reference lib="dom" />
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { BrowserContext, Frame, Page } from "playwright-core"
import { rolldown } from "rolldown"
import { buildPage } from "../release/inspectPage.ts"
import { root } from "../repository.ts"
import { launchChromium } from "./chromium.ts"
import { row, TestedPages } from "./testedPages.ts"

const inspect = join(root, "packages/inspect")

/** The example of the page on looking into a process. */
const [, example = ""] = /^```html\n([^]*?)^```/m.exec(readFileSync(join(root, "docs/inspect.md"), "utf8")) ?? []
const [, exampleScript = ""] = /<script type="module">([^]*)<\/script>/.exec(example) ?? []

const built = async (): Promise<ReadonlyMap<string, string>> => {
  await buildPage()
  const build = await rolldown({
    input: Object.fromEntries(
      ["shop", "worker", "tool", "example"].map((name) => [name, join(inspect, "test/panel", `${name}.ts`)])
    ),
    platform: "browser",
    tsconfig: false,
    resolve: { conditionNames: ["@effect-asyncio/source", "import", "default"] },
    plugins: [
      {
        name: "the example",
        resolveId: (id) => (id.endsWith("/example.ts") ? id : undefined),
        load: (id) => (id.endsWith("/example.ts") ? exampleScript : undefined)
      },
      {
        // Beside the sources it is only declared.
        name: "the panel as it was built",
        resolveId: (id) => (id === "./panel.js" ? join(inspect, "dist/browser/panel.js") : undefined)
      }
    ]
  })
  const { output } = await build.generate({
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "[name]-[hash].js"
  })
  await build.close()
  return new Map(output.flatMap((file) => (file.type === "chunk" ? [[`/${file.fileName}`, file.code]] : [])))
}

const pages: Readonly<Record<string, string>> = {
  "http://shop.example/": `<!doctype html><html lang="en"><title>shop</title><link rel="stylesheet" href="/shop.css">
    <main><h1>shop</h1><button id="mount">Tasks</button><button id="close">Close</button><button id="open">Window</button>
    <div id="tasks"></div>
    <iframe id="tool" title="tool" src="http://tools.example/"></iframe>
    <iframe id="evil" title="evil" src="http://evil.example/"></iframe></main>
    <script type="module" src="/shop.js"></script></html>`,
  "http://example.example/": `<!doctype html><html lang="en"><title>example</title><main><h1>example</h1>
    ${example.replace(/<script[^]*/, '<script type="module" src="/example.js"></script>').replace(/ style="[^"]*"/, "")}</main></html>`,
  "http://tools.example/": `<!doctype html><html lang="en"><title>tool</title><body><script type="module" src="/tool.js"></script></html>`,
  "http://evil.example/": `<!doctype html><html lang="en"><title>evil</title><body><script type="module" src="/tool.js"></script></html>`
}

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; worker-src 'self'; frame-src http://tools.example http://evil.example"

const scripts = await built()

/** No server: what is asked for is answered here. */
const answer = async (context: BrowserContext): Promise<void> => {
  await context.route("**/*", async (route) => {
    const url = new URL(route.request().url())
    const headers = { "Content-Security-Policy": policy }
    const page = pages[url.href]
    if (page !== undefined) return route.fulfill({ contentType: "text/html", body: page, headers })
    if (url.pathname === "/shop.css") {
      return route.fulfill({
        contentType: "text/css",
        body: "#tasks { height: 500px; color: red } iframe { height: 400px } .name { display: none }"
      })
    }
    const script = scripts.get(url.pathname)
    if (script === undefined) return route.fulfill({ status: 404, body: "" })
    return route.fulfill({ contentType: "text/javascript", body: script, headers })
  })
}

/** The document of a panel, in an element of a page. */
const panelOf = async (page: Page | Frame, element: string): Promise<Frame> => {
  const frame = await page.waitForSelector(`${element} iframe[title=effect-asyncio]`)
  return (await frame.contentFrame())!
}

const frameOf = async (page: Page, element: string): Promise<Frame> =>
  (await (await page.waitForSelector(element)).contentFrame())!

const tests: Record<string, (page: Page) => Promise<void>> = {
  "shows the tasks of the page in the page, with its own styles and not those of the page": async (page) => {
    await page.goto("http://shop.example/")
    await page.locator("#mount").click()
    const panel = await panelOf(page, "#tasks")
    await row(panel, "basket").waitFor()

    assert.match(await panel.locator(".chooser").innerText(), /^shop\nprices$/)
    assert.equal(await row(panel, "<img").locator(".name").innerText(), '<img src="x" onerror="hacked = true">')
    assert.notEqual(await panel.evaluate("getComputedStyle(document.body).color"), "rgb(255, 0, 0)")
  },

  "tells all about a task, and keeps the keys of the page to itself": async (page) => {
    const panel = await panelOf(page, "#tasks")
    await row(panel, "basket").click()
    await panel.waitForSelector(".stack")
    assert.match(await panel.locator(".detail").innerText(), /<Event/)
    await page.locator("h1").click()
    await page.keyboard.press("3")
    assert.equal(await panel.locator("#tab-table").getAttribute("aria-selected"), "true")
    await panel.locator(".grid").focus()
    await page.keyboard.press("3")
    await panel.waitForSelector("#tab-creation[aria-selected=true]")
    await tested.accessible(page, "panel")
  },

  "has no button for what a page cannot tell": async (page) => {
    const panel = await panelOf(page, "#tasks")
    await page.keyboard.press("6")
    await panel.waitForSelector("#tab-warnings[aria-selected=true]")
    assert.equal(await panel.locator("button", { hasText: "nothing can wake" }).count(), 0)
    await page.keyboard.press("1")
  },

  "cancels a task of the page when that is confirmed": async (page) => {
    const panel = await panelOf(page, "#tasks")
    await row(panel, "basket").click()
    await panel.locator("button", { hasText: "Cancel…" }).click()
    await panel.locator(".field input").fill("sold out")
    await panel.locator("dialog button[type=submit]").click()
    await panel.locator(".news", { hasText: "basket is cancelled." }).waitFor()
  },

  "shows the tasks of a worker, which does not let itself be cancelled": async (page) => {
    const panel = await panelOf(page, "#tasks")
    await panel.locator(".chooser").selectOption({ label: "prices" })
    await row(panel, "price of tea").click()
    await panel.waitForSelector(".stack")
    assert.equal(await panel.locator("button", { hasText: "Cancel…" }).count(), 0)
  },

  "lets a tool of another site look that was named, and nobody else": async (page) => {
    const tool = await panelOf(await frameOf(page, "#tool"), "body")
    await row(tool, "<img").waitFor()
    const evil = await frameOf(page, "#evil")
    await evil.locator("body", { hasText: "that window does not let itself be looked into" }).waitFor()
  },

  "goes away without a trace": async (page) => {
    await page.locator("#close").click()
    await page.waitForSelector("#tasks iframe", { state: "detached" })
  },

  "opens in a window of its own, and closes with the page": async (page) => {
    const [opened] = await Promise.all([page.waitForEvent("popup"), page.locator("#open").click()])
    await row(opened, "<img").waitFor()
    await tested.accessible(opened, "window")
    const closed = opened.waitForEvent("close")
    await page.goto("about:blank")
    await closed
  },

  "shows what the example of the site says": async (page) => {
    await page.goto("http://example.example/")
    const panel = await panelOf(page, "#tasks")
    await row(panel, "order of tea").waitFor()

    assert.match(await row(panel, "order of milk").innerText(), /<Lock \[locked, waiters:2\]>/)
  }
}

const browser = await launchChromium()
const tested = new TestedPages(browser)
await tested.run(tests, await tested.open(answer))
await browser.close()
