// The picture that a link to the site shows elsewhere, docs/public/og.png: `npm run dev -- docs:card` draws it anew, in Chromium.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { isProgram, root } from "../repository.ts"
import { launchChromium } from "../runtimes/chromium.ts"

const read = (path: string) => readFileSync(join(root, path), "utf8")

/** The card as a page of 1200 by 630 pixels. */
export const cardPage = (): string => `<!doctype html>
<style>
  body { margin: 0; width: 1200px; height: 630px; background: #ffffff; color: #213547; font-family: ui-sans-serif, system-ui, sans-serif; }
  main { padding: 64px 72px; }
  header { display: flex; align-items: center; gap: 28px; font-size: 60px; font-weight: 700; color: #3451b2; }
  header svg { width: 96px; height: 96px; }
  p { margin: 28px 0 36px; font-size: 38px; line-height: 48px; }
  .picture svg { width: 820px; height: auto; }
</style>
<main>
  <header>${read("docs/public/logo.svg")}effect-asyncio</header>
  <p>Tasks that have names, that you can list and cancel:<br>asyncio's task layer for TypeScript.</p>
  <div class="picture">${read("docs/public/timeline.svg")}</div>
</main>`

if (isProgram(import.meta.url)) {
  const browser = await launchChromium()
  const page = await browser.newPage({ viewport: { width: 1200, height: 630 }, colorScheme: "light" })
  await page.setContent(cardPage())
  await page.screenshot({ path: join(root, "docs/public/og.png") })
  await browser.close()
}
