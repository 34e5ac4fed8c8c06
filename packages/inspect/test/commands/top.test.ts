// `top`, on a pseudo terminal that script(1) makes, and where there is no terminal.
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { cli, json, type Program, start, untilWaiting, withFolder } from "../process.ts"

let files: ReturnType<typeof withFolder>
let program: Program
let pid: string

beforeAll(async () => {
  files = withFolder()
  program = await start("service.ts")
  await untilWaiting(program, 11)
  pid = String(program.pid)
})

afterAll(async () => {
  // Of tests that have failed. Whoever runs on a terminal ends with it.
  for (const child of terminals) child.kill("SIGKILL")
  await program.end()
  files.remove()
})

const terminals: Array<ChildProcessWithoutNullStreams> = []

const up = "\u001B[A"
const down = "\u001B[B"

/** A terminal on which `top` runs. */
class Terminal {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #tty = join(files.folder, `tty-${Math.random()}`)
  // All that was ever written to it.
  written = ""
  readonly #ended: Promise<unknown>

  constructor(...args: ReadonlyArray<string>) {
    const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url))
    const command = [process.execPath, "--conditions=@effect-asyncio/source", "--no-warnings", main, "top", ...args]
    const quoted = command.map((each) => `'${each}'`).join(" ")
    const line = `tty > ${this.#tty}; stty rows 24 cols 160; ${quoted}; echo "ended with $?"; stty -a`
    // A CI says so by its environment, and Ink draws only the last frame there.
    const { CI: _, ...env } = process.env
    this.#child = spawn("script", ["-qec", line, "/dev/null"], {
      env: { ...env, TERM: "xterm-256color", SHELL: "/bin/sh" }
    })
    terminals.push(this.#child)
    this.#child.stdout.setEncoding("utf8")
    this.#child.stdout.on("data", (text: string) => (this.written += text))
    this.#ended = once(this.#child, "close")
  }

  /** Waits until something stands on it that was not there when this was called, or at all. */
  async shows(text: string | RegExp, from = 0): Promise<void> {
    const isThere = () => {
      const written = this.written.slice(from)
      return typeof text === "string" ? written.includes(text) : text.test(written)
    }
    while (!isThere()) await once(this.#child.stdout, "data")
  }

  /** Types something, and waits for what comes of it. */
  async type(keys: string, text: string | RegExp): Promise<void> {
    const from = this.written.length
    this.#child.stdin.write(keys)
    await this.shows(text, from)
  }

  resize(columns: number): void {
    assert.isTrue(existsSync(this.#tty))
    execFileSync("stty", ["-F", readFileSync(this.#tty, "utf8").trim(), "cols", String(columns)])
  }

  /** Types the last key, and gives what stands below the screen. */
  async end(keys: string): Promise<string> {
    this.#child.stdin.write(keys)
    await this.shows("ended with")
    this.#child.stdin.end()
    await this.#ended
    return this.written.slice(this.written.lastIndexOf("\u001B[?1049l"))
  }
}

describe.skipIf(process.platform !== "linux" || !existsSync("/usr/bin/script"))("top on a terminal", () => {
  it.each([
    ["q", "q"],
    ["Ctrl-C", "\u0003"]
  ])("is ended by %s, and leaves the terminal as it was", async (_, key) => {
    const terminal = new Terminal(pid)
    // No name obeys it, either.
    await terminal.shows("evil \\x1b[31m\\u202ename\\n")

    const rest = await terminal.end(key)

    assert.isTrue(terminal.written.includes("\u001B[?1049h"))
    assert.include(rest, "ended with 0")
    // It shows the cursor again, and the terminal edits lines and echoes what is typed.
    assert.isAbove(terminal.written.lastIndexOf("\u001B[?25h"), terminal.written.lastIndexOf("\u001B[?25l"))
    assert.match(rest, / icanon/)
    assert.match(rest, / echo /)
    for (const code of ["\u001B[31mname", "\u202E"]) assert.notInclude(terminal.written, code)
  })

  it("shows all about a task, filters, and sorts", async () => {
    const terminal = new Terminal(pid)
    await terminal.shows("waiter kind=import job=17")

    await terminal.type("/", "name, label or state")
    await terminal.type("job=17\r", "only job=17")
    await terminal.type(down, "\u001B[7m6 ")
    await terminal.type(up, "\u001B[7m5 ")
    await terminal.type("\r", "stack, innermost first")
    await terminal.shows("waited for by Task-1")
    await terminal.type("\u001B", "enter all about it")
    await terminal.type("s", "name ↑")
    await terminal.end("q")
  })

  it("follows the size of the terminal", async () => {
    const terminal = new Terminal(pid)
    await terminal.shows("longest")
    const from = terminal.written.length

    terminal.resize(60)

    // The columns at the right are gone from the titles.
    await terminal.shows(/waits for(?![^\n]*longest)[^\n]*\n/, from)
    await terminal.end("q")
  })

  it("cancels a task when that is confirmed", async () => {
    const terminal = new Terminal(pid, "--filter", "sleeper")
    await terminal.shows("sleep, 59m")

    await terminal.type("c", "why is sleeper to be cancelled?")
    await terminal.type("enough\r", /ask sleeper \(\d+\) to cancel itself: enough\? y or n/)
    await terminal.type("n", "nothing was cancelled")
    await terminal.type("c", "why is sleeper to be cancelled?")
    await terminal.type("enough\r", "y or n")
    await terminal.type("y", /sleeper \(\d+\): cancelled/)
    await terminal.end("q")

    assert.notInclude((await cli("ps", pid)).out, "sleeper")
  })
})

describe("top without a terminal", () => {
  it("says what to take instead", async () => {
    assert.deepStrictEqual(await cli("top", pid), {
      code: 2,
      out: "",
      err: "top needs a terminal: take --once for one frame of it, or ps --wide\n"
    })
  })

  it("prints one frame with --once", async () => {
    const { code, out } = await cli("top", pid, "--once", "--filter", "job=17", "--sort", "-id")
    const [first, ...rest] = out.split("\n")

    assert.strictEqual(code, 0)
    assert.match(first!, /^\d+ tasks, 0 begun and 0 ended in a second, 0 steps, \d+ % computing, lag \d+ms$/)
    assert.match(rest.join("\n"), /^\nid +name +state .*\n\d+ +waiter kind=import job=17 +waiting.*\n\d+ +holder/)
  })

  it("is data with --json", async () => {
    const { tasks } = await json("top", pid, "--filter", "holder")

    assert.deepStrictEqual(
      tasks.map(({ kind, name }: { kind: string; name: string }) => [name, kind]),
      [["holder", "sleep"]]
    )
  })

  it.each([
    [["top", "nobody", "--once"], 1, /no process is called nobody/],
    [["top", "--once", "--sort", "colour"], 2, /--sort takes one of id, name, state,/]
  ] as const)("refuses %j", async (args, code, message) => {
    const printed = await cli(...args)

    assert.strictEqual(printed.code, code)
    assert.match(printed.err, message)
  })
})
