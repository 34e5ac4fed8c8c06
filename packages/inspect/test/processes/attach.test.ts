// Processes that have nothing of the package: what is signalled, and what is not.
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { createServer, get } from "node:http"
import { setTimeout } from "node:timers/promises"
import { afterAll, afterEach, assert, beforeAll, beforeEach, describe, it } from "vitest"
import { catchesSigusr1, checkTarget, portsOf, statusOf } from "../../src/attach/target.ts"
import { cli, json, runToolInto, spawnTool, startPlain, type Program, withFolder } from "../process.ts"

const children: Array<ChildProcess> = []
let files: ReturnType<typeof withFolder>

beforeEach(() => {
  files = withFolder()
})

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL")
  files.remove()
})

/** Starts a program that says when it has begun. */
const startWith = async (command: string, args: ReadonlyArray<string>): Promise<number> => {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "ignore"] })
  children.push(child)
  await once(child.stdout, "data")
  return child.pid!
}

const idle = 'console.log("ready"); setInterval(() => {}, 1000)'
const isAlive = (pid: number) => process.kill(pid, 0)

/** Stops a process, which is so when Linux says it. */
const stop = async (pid: number): Promise<void> => {
  process.kill(pid, "SIGSTOP")
  while (!/^State:\tT/m.test(readFileSync(`/proc/${pid}/status`, "utf8"))) await setTimeout(1)
}

describe("the mask of signals that a process catches", () => {
  it.each([
    ["0000000000000200", true],
    ["0000000188004a02", true],
    ["0000000188004802", false],
    ["ffffffffffffffff", true],
    ["", false],
    ["no mask", false]
  ])("%s", (mask, catches) => {
    assert.strictEqual(catchesSigusr1(statusOf(`Name:\tnode\nSigCgt:\t${mask}\n`)), catches)
  })

  it("is not of a process of which none is known", () => {
    assert.isFalse(catchesSigusr1(statusOf("Name:\tnode\n")))
  })
})

describe("--attach", { skip: process.platform !== "linux" }, () => {
  let program: Program

  beforeAll(async () => {
    program = await startPlain("plain.ts")
  })

  afterAll(async () => await program.end())

  it("prints what a process that lets itself be looked into prints", async () => {
    const { code, err, out } = await cli("ps", String(program.pid), "--attach")

    assert.strictEqual(code, 0)
    assert.match(
      err,
      /^process \d+ is sent SIGUSR1: until this is done, its inspector listens on 127\.0\.0\.1 without a password/
    )
    assert.match(out, /^tid +task id +task name/)
    const names = (await json("ps", String(program.pid), "--attach")).map(({ name }: { name: string }) => name)
    assert.deepStrictEqual(names.sort(), ["Task-1", "one", "two"])
    const { out: tree } = await cli("pstree", String(program.pid), "--attach")
    assert.match(tree, /^└── \(T\) Task-1\n.*main/)
    assert.match(tree, /├── \(T\) one\n.*\n +└── \(T\) two\n/s)
  })

  it("has where and dump", async () => {
    const { out } = await cli("where", String(program.pid), "one", "--attach")
    assert.match(out, /^one \(\d+\), pending, kind=plain\n {2}waits for /)

    const { out: text } = await cli("dump", String(program.pid), "--attach")
    const { loops, process } = JSON.parse(text)
    assert.strictEqual(loops[0].tasks.length, 3)
    assert.strictEqual(process.thread, "attached")
  })

  it("closes the inspector again, leaves nothing behind, and the process survives", async () => {
    // A script of the package does it a thousand times.
    for (let i = 0; i < 20; i++) {
      const { code } = await cli("ps", String(program.pid), "--attach")
      assert.strictEqual(code, 0)
      assert.deepStrictEqual(portsOf(program.pid), [])
    }
    isAlive(program.pid)
  })

  it("signals no process that does not catch the signal", async () => {
    for (const [command, args] of [
      [process.execPath, ["--disable-sigusr1", "-e", idle]],
      ["sh", ["-c", "echo ready; while :; do sleep 1; done"]]
    ] as const) {
      const allowed = command === "sh" || process.allowedNodeEnvironmentFlags.has("--disable-sigusr1")
      if (!allowed) continue
      const pid = await startWith(command, args)

      const { code, err } = await cli("ps", String(pid), "--attach")

      assert.strictEqual(code, 1)
      assert.match(err, /is not signalled|does not catch SIGUSR1/)
      isAlive(pid)
    }
  })

  it("signals no process with permissions, nor one that is stopped, nor nobody", async () => {
    const flag = process.allowedNodeEnvironmentFlags.has("--permission") ? "--permission" : "--experimental-permission"
    const permitted = await startWith(process.execPath, ["--no-warnings", flag, "--allow-fs-read=*", "-e", idle])
    assert.throws(() => checkTarget(permitted), /does not catch SIGUSR1, of which it would end/)

    const stopped = await startWith(process.execPath, ["-e", idle])
    await stop(stopped)
    assert.throws(() => checkTarget(stopped), /its state is T/)
    process.kill(stopped, "SIGCONT")

    assert.throws(() => checkTarget(999_999_999), /there is no process 999999999/)
    isAlive(permitted)
  })

  it("says that a process has no loop", async () => {
    const pid = await startWith(process.execPath, ["--inspect-port=127.0.0.1:0", "-e", idle])

    const { code, err } = await cli("ps", String(pid), "--attach")

    assert.strictEqual(code, 1)
    assert.match(err, /has no loop: it does not use @effect-asyncio\/core/)
    assert.deepStrictEqual(portsOf(pid), [])
    isAlive(pid)
  })

  it("leaves an inspector open that is somebody else's", async () => {
    const pid = await startWith(process.execPath, ["--inspect=127.0.0.1:0", "-e", idle])
    const [port = 0] = portsOf(pid)
    const before = await fetch(`http://127.0.0.1:${port}/json/version`)

    const { code } = await cli("ps", String(pid), "--attach")

    // It is on a port that its command line does not name: nobody asks there, and the signal opens no other.
    assert.deepStrictEqual([before.status, code], [200, 3])
    assert.deepStrictEqual(portsOf(pid), [port])
  })

  it("asks none of the servers of the process anything", async () => {
    const asked: Array<string | undefined> = []
    const server = createServer((request, response) => {
      asked.push(request.url)
      response.end()
    })
    server.listen(0, "127.0.0.1")
    await once(server, "listening")
    const { port } = server.address() as { port: number }
    assert.include(portsOf(process.pid), port)

    // Ourselves, who listen: only checked, because a test may not inspect itself.
    const { inspectorPorts } = await import("../../src/attach/target.ts")
    assert.notInclude(inspectorPorts(process.pid), port)

    await new Promise((resolve) => get({ port, host: "127.0.0.1", path: "/" }, resolve))
    server.close()
    assert.deepStrictEqual(asked, ["/"])
  })

  it("says that it signals only where it does", async () => {
    const stopped = await startWith(process.execPath, ["-e", idle])
    await stop(stopped)

    const { err } = await cli("ps", String(stopped), "--attach")
    process.kill(stopped, "SIGCONT")

    assert.match(err, /^process \d+ cannot be looked into: its state is T/)
    assert.notMatch(err, /is sent SIGUSR1/)
  })

  it("prints no half of a dump where there is none", async () => {
    const pid = await startWith(process.execPath, ["--inspect-port=127.0.0.1:0", "-e", idle])

    const { code, out } = await cli("dump", String(pid), "--attach")

    assert.deepStrictEqual([code, out], [1, ""])
  })

  it("closes the inspector where nobody reads what it prints", async () => {
    const many = await startPlain("plain.ts", "20000")
    const { code, err } = await runToolInto("head", "dump", String(many.pid), "--attach")

    assert.deepStrictEqual([code, err.split("\n").length, portsOf(many.pid)], [0, 2, []])
    isAlive(many.pid)
    await many.end()
  })

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("closes it before %s ends the command", async (signal) => {
    const many = await startPlain("plain.ts", "20000")
    const tool = spawnTool({ stdio: ["ignore", "pipe", "ignore"] }, "dump", String(many.pid), "--attach")
    const closed = once(tool, "close")
    await once(tool.stdout!, "readable")
    tool.kill(signal)
    tool.stdout!.resume()
    await closed

    assert.deepStrictEqual([portsOf(many.pid), tool.signalCode], [[], null])
    isAlive(many.pid)
    await many.end()
  })

  it("takes a number only", async () => {
    assert.strictEqual((await cli("ps", "plain.ts", "--attach")).code, 2)
  })
})
