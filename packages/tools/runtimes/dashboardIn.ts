/**
 * A program of inspect's tests, its dashboard, and a browser: for the tests of the page and for who measures it.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import type { Browser } from "playwright-core"
import { buildPage } from "../release/inspectPage.ts"
import { root } from "../repository.ts"
import { launchChromium } from "./chromium.ts"

export interface DashboardInBrowser {
  readonly browser: Browser
  /** The address that the command has printed. */
  readonly url: string
  readonly program: ChildProcess
  readonly close: () => Promise<void>
}

const inspect = join(root, "packages/inspect")
const own = ["--conditions=@effect-asyncio/source", "--no-warnings"]

/** The first line that a process prints, or all of it where that is one value. */
const firstLine = async (child: ChildProcess): Promise<string> => {
  for await (const line of createInterface({ input: child.stdout! })) return line
  throw new Error("it has ended without a word")
}

const end = async (child: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = once(child, "close")
  child.kill(signal)
  await closed
}

/** Starts a program with arguments, and a dashboard for it with others. */
export const dashboardInBrowser = async (
  [name = "", ...args]: ReadonlyArray<string>,
  options: ReadonlyArray<string>
): Promise<DashboardInBrowser> => {
  await buildPage()
  const folder = mkdtempSync(join(tmpdir(), "inspect-"))
  const env = { ...process.env, EFFECT_ASYNCIO_INSPECT_DIR: folder }
  const register = join(inspect, "src/register.ts")
  const start = (argv: ReadonlyArray<string>, stderr: "ignore" | "inherit") =>
    spawn(process.execPath, [...own, ...argv], { env, stdio: ["pipe", "pipe", stderr] })
  // What goes wrong in it is meant to.
  const program = start(["--import", register, join(inspect, "test/programs", name), ...args], "ignore")
  await firstLine(program)
  const dashboard = start([join(inspect, "src/main.ts"), "dashboard", "--no-open", ...options], "inherit")
  const url = await firstLine(dashboard)
  const browser = await launchChromium()
  return {
    browser,
    url,
    program,
    close: async () => {
      await browser.close()
      await end(dashboard, "SIGINT")
      await end(program, "SIGKILL")
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
