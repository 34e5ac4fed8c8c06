// Runs that can never end say so; those that wait for what comes do not, whatever that is.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "vitest"
import * as asyncio from "@effect-asyncio/compat"

const program = fileURLToPath(new URL("../programs/waiting.ts", import.meta.url))

/** Only Node.js tells what else could wake a task. */
const { bun, deno } = process.versions as { bun?: string; deno?: string }
const elsewhere = process.platform === "win32" || bun !== undefined || deno !== undefined

const begin = (...args: ReadonlyArray<string>): ChildProcessWithoutNullStreams =>
  spawn(process.execPath, ["--no-warnings", "--conditions=@effect-asyncio/source", program, ...args])

const printedBy = async (child: ChildProcessWithoutNullStreams, until?: string) => {
  let printed = ""
  const read = (text: string) => {
    printed += text
    if (until !== undefined && printed.includes(until)) child.kill("SIGKILL")
  }
  child.stdout.setEncoding("utf8").on("data", read)
  child.stderr.setEncoding("utf8").on("data", read)
  const [status] = (await once(child, "close")) as [number | null]
  return { printed, status }
}

/** What a program says that is told that it never ends, without the time. */
const saidBy = async (name: string) => {
  const { printed } = await printedBy(begin(name), "\nhint: ")
  return printed
    .slice(0, printed.indexOf("\nhint: "))
    .replace(/^\[.*?\] ERROR \(#\d+\): /, "")
    .split("\n")
}

const title = "The run never ends: nothing can wake its main task any more"

describe.skipIf(elsewhere)("a run that waits", { timeout: 60_000 }, () => {
  it.concurrent.each([
    "a timer",
    "an unreferenced timer",
    "a signal handler of the loop",
    "a signal handler of the process",
    "an unreferenced server",
    "a thread",
    "an unreferenced thread",
    "an unreferenced port",
    "a watcher of files",
    "a child",
    "an unreferenced child",
    "the standard input",
    "a call in a thread",
    "a call in a thread that waits for an unreferenced timer",
    "a call in a thread that waits for an unreferenced server",
    "a request",
    "another who waits for the end"
  ])("for %s goes on without a word", async (name) => {
    const child = begin(name)
    // Late enough that it waits for nothing else.
    if (name === "the standard input") setTimeout(() => child.stdin.write("1"), 1500)

    assert.deepStrictEqual(await printedBy(child), { printed: "it came\n", status: 0 })
  })
})

describe.skipIf(elsewhere)("a run that can never end", { timeout: 60_000 }, () => {
  it.concurrent.each([
    ["a promise", ["  Task-1 (never() running) waits for something outside of the loop"]],
    ["a promise after a timer", ["  Task-1 (coroutine() running) waits for something outside of the loop"]],
    ["a promise after a call in a thread", ["  Task-1 (coroutine() running) waits for something outside of the loop"]],
    [
      "a call in a thread that never ends",
      ["  Task-1 (coroutine() running) waits for <Future pending cb=[Task.task_wakeup()]>"]
    ],
    ["a future in Effect.all", ["  Task-1 (coroutine() running) waits for something outside of the loop"]],
    [
      "two locks in Promise.all",
      [
        "  Task-1 (coroutine() running) waits for one",
        "  one (taking() running) waits for <Lock [locked, waiters:1]>, held by two",
        "  two (taking() running) waits for <Lock [locked, waiters:1]>, held by one",
        "  ring: one → two → one"
      ]
    ],
    [
      "a ring of tasks",
      [
        "  Task-1 (coroutine() running) waits for first",
        "  first (coroutine() running) waits for second",
        "  second (coroutine() running) waits for first",
        "  ring: first → second → first"
      ]
    ],
    [
      "a promise of another loop",
      [
        "  here (coroutine() running) waits for something outside of the loop",
        "  there (coroutine() running) waits for something outside of the loop"
      ]
    ]
  ])("because it waits for %s says so", async (name, lines) => {
    assert.deepStrictEqual(await saidBy(name), [title, ...lines])
  })

  it.concurrent("says so once, and goes on waiting for Ctrl-C", async () => {
    const child = begin("two locks in Promise.all")
    let said = ""
    const hear = (text: string) => {
      const before = said
      said += text
      if (!before.includes("hint: ") && said.includes("hint: ")) setTimeout(() => child.kill("SIGINT"), 300)
    }
    child.stderr.setEncoding("utf8").on("data", hear)
    child.stdout.setEncoding("utf8").on("data", hear)

    const [status] = (await once(child, "close")) as [number | null]

    assert.strictEqual(status, 7)
    assert.strictEqual(said.split(title).length, 2)
    assert.match(said, /\nKeyboardInterrupt\n$/)
  })

  it.concurrent("fails with the same text where that is wanted", async () => {
    const { printed, status } = await printedBy(begin("a ring of tasks", "fail"))

    assert.strictEqual(status, 7)
    assert.match(printed, /^DeadlockError: The run never ends: .*\n(.*\n){3} {2}ring: first → second → first\n$/)
  })
})

describe.skipIf(elsewhere)("runs beside each other", () => {
  it("listen once for the end of the process, until the last of them is over", async () => {
    const listening = () => process.listenerCount("beforeExit")
    const begin = () => {
      let end = () => {}
      const ended = new Promise<void>((resolve) => (end = resolve))
      return { end, run: asyncio.run(() => ended, { handleSigint: false }) }
    }
    const before = listening()

    const [first, second] = [begin(), begin()]
    const seen = [listening()]
    for (const { end, run } of [first, second]) {
      end()
      await run
      seen.push(listening())
    }

    assert.deepStrictEqual(seen, [before + 1, before + 1, before])
  })
})

describe.skipIf(elsewhere)("the page on programs that hang", { timeout: 60_000 }, () => {
  it("shows what its program prints", async () => {
    const page = readFileSync(new URL("../../../../docs/hanging.md", import.meta.url), "utf8")
    const [, source = "", shown] = /^```ts\n([^]*?)^```\n[^]*?^```console\n([^]*?)^```/m.exec(page) ?? []
    const file = fileURLToPath(new URL("../programs/.hanging.ts", import.meta.url))
    writeFileSync(file, source.replace("error.name", "error.message"))

    const args = ["--no-warnings", "--conditions=@effect-asyncio/source", file]
    const { printed } = await printedBy(spawn(process.execPath, args))

    rmSync(file)
    assert.strictEqual(printed, shown)
  })
})

// As soon as it tells, deadlock.ts can ask it.
describe.skipIf(bun === undefined)("Bun", () => {
  it("does not tell what keeps the process", () => {
    const timer = setTimeout(() => {}, 1000)

    const told = process.getActiveResourcesInfo()

    clearTimeout(timer)
    assert.deepStrictEqual(told, [])
  })
})

describe("the option onDeadlock", () => {
  it("is report or fail", async () => {
    const error = await asyncio.run(async () => {}, { onDeadlock: "ignore" as "fail" }).catch(String)

    assert.strictEqual(error, `TypeError: "report" or "fail" was expected by run(), got 'ignore'`)
  })
})
