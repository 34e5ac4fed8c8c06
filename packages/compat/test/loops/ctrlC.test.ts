// Programs that a signal has ended, and that do not end.
import * as asyncio from "@effect-asyncio/compat"
import type { ExceptionContext } from "@effect-asyncio/core"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { afterEach, assert, beforeEach, describe, it, vi } from "vitest"
import { deferred, macrotask, reportingTo } from "../support.ts"
import { withoutListeners } from "../signalListeners.ts"

const never = () => new Promise<never>(() => {})

withoutListeners("SIGINT")
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
})
afterEach(() => {
  vi.useRealTimers()
})

const settle = async () => {
  for (let n = 0; n < 100; n++) await macrotask()
}

/** Runs `main` until Ctrl-C, and for as long as that is waited for; tells how it ends, and what was reported. */
const interrupted = async (main: () => Promise<unknown>, grace: number | undefined, wait: number) => {
  const reports: Array<ExceptionContext> = []
  const lines: Array<string> = []
  const loopFactory = reportingTo(reports)
  const run = asyncio.run(main, { loopFactory, grace }).then(
    (value) => lines.push(`result: ${String(value)}`),
    (error: unknown) => lines.push(String(error))
  )
  await macrotask()
  process.emit("SIGINT")
  await settle()
  vi.advanceTimersByTime(wait - 1)
  await settle()
  lines.push("a moment later")
  vi.advanceTimersByTime(1)
  await run
  return [...lines, ...reports.map(({ message, task }) => `${message}: ${/name='(\S+)'/.exec(String(task))?.[1]}`)]
}

const gaveUp = "Task has not ended since a signal has ended the program, and is given up"

describe("Ctrl-C", () => {
  it("ends a program whose main task hangs on a plain promise after 5 seconds", async () => {
    assert.deepStrictEqual(await interrupted(never, undefined, 5000), [
      "a moment later",
      "KeyboardInterrupt",
      `${gaveUp}: Task-1`
    ])
  })

  it("ends it after the grace that was given", async () => {
    assert.deepStrictEqual(await interrupted(never, 100, 100), [
      "a moment later",
      "KeyboardInterrupt",
      `${gaveUp}: Task-1`
    ])
  })

  it("gives up on what hangs besides, and lets the rest clean up", async () => {
    const cleaned: Array<string> = []
    const main = async () => {
      asyncio.createTask(never, { name: "hangs" })
      asyncio.createTask(async () => {
        try {
          await asyncio.sleep("1 hour")
        } finally {
          await asyncio.sleep(1)
          cleaned.push("cleaned up")
        }
      })
      await asyncio.sleep("1 hour")
    }

    const lines = await interrupted(main, undefined, 5000)

    assert.deepStrictEqual(
      [...cleaned, ...lines],
      ["cleaned up", "a moment later", "KeyboardInterrupt", `${gaveUp}: hangs`]
    )
  })

  it("waits for cleanup as long as it takes", async () => {
    const closing = deferred()
    const main = async () => {
      try {
        await asyncio.sleep("1 hour")
      } finally {
        await closing.promise
      }
    }
    const lines: Array<string> = []
    const result = asyncio.run(main).then(undefined, (error: unknown) => lines.push(String(error)))
    await settle()
    process.emit("SIGINT")
    await settle()
    vi.advanceTimersByTime(60_000)
    await settle()
    lines.push("closed")
    closing.resolve()
    await result

    assert.deepStrictEqual(lines, ["closed", "KeyboardInterrupt"])
  })
})

describe.skipIf(process.platform === "win32")("a process whose main task hangs on a plain promise", () => {
  it("ends with the status of Ctrl-C", { timeout: 60_000 }, async () => {
    const program = fileURLToPath(new URL("../programs/hangs.ts", import.meta.url))
    const child = spawn(process.execPath, ["--no-warnings", "--conditions=@effect-asyncio/source", program])
    child.stdout.setEncoding("utf8").on("data", () => child.kill("SIGINT"))
    const [status] = (await once(child, "close")) as [number | null]

    assert.strictEqual(status, 130)
  })
})
