// The browser that the tools use: the machine's own, Debian's package `chromium`, or what CHROMIUM_PATH names.
import { existsSync } from "node:fs"
import { type Browser, chromium } from "playwright-core"

const executablePath = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium"

/** Where a browser was looked for and is none, for who can do without. */
export const missingChromium = existsSync(executablePath) ? undefined : executablePath

/** Starts the browser, without a window. Ends the program where there is none. */
export const launchChromium = (): Promise<Browser> => {
  if (missingChromium !== undefined) {
    console.error(
      `There is no browser at ${executablePath}. Install Chromium (Debian: apt-get install chromium), or set CHROMIUM_PATH.`
    )
    process.exit(2)
  }
  return chromium.launch({
    executablePath,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync"
    ]
  })
}
