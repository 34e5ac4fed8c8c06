import { once } from "node:events"
import { chmodSync, chownSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { connect, createServer } from "node:net"
import { join } from "node:path"
import { afterAll, assert, beforeAll, beforeEach, describe, it } from "vitest"
import { serve } from "@effect-asyncio/inspect"
import { find } from "../../src/client/find.ts"
import { greeting, nobody, pretend as pretendIn, withPretenders } from "../impostor.ts"
import { cli, json, type Program, start, withFolder } from "../process.ts"

const files = withPretenders()

const pretend = (pid: number, greeting: string, answer?: (line: string) => string | undefined) =>
  pretendIn(files.folder, pid, greeting, answer)

const failing = async (...args: ReadonlyArray<string>) => {
  const { code, err, out } = await cli(...args)
  assert.strictEqual(out, "")
  return [code, err]
}

describe("a process", () => {
  it("that there is not", async () => {
    assert.deepStrictEqual(await failing("ps", String(nobody)), [1, `there is no process ${nobody}\n`])
  })

  it("that does not let itself be looked into", async () => {
    const [code, err] = await failing("ps", String(process.pid))

    assert.strictEqual(code, 1)
    assert.match(String(err), /does not let itself be looked into: start it with `node --import/)
  })

  it("that nobody is called", async () => {
    assert.deepStrictEqual(await failing("ps", "api\u001B[2J"), [
      1,
      "no process is called api\\x1b[2J: none can be looked into\n"
    ])
  })

  it("of another user", { skip: process.getuid?.() === 0 || process.platform === "win32" }, async () => {
    assert.deepStrictEqual(await failing("ps", "1"), [
      1,
      "process 1 belongs to another user: look into it as that one\n"
    ])
  })

  it("that is killed in the middle of what is asked, and resets its connections", async () => {
    const path = join(files.folder, `${nobody}.sock`)
    // What is not read when a socket is closed resets the connection on the other end.
    const server = createServer({ pauseOnConnect: true }, (socket) => {
      socket.write(greeting())
      setTimeout(() => socket.destroy(), 50)
    })
    server.listen(path)
    await once(server, "listening")

    const failed = await failing("ps", String(nobody))
    const connection = await find(String(nobody), {})
    await new Promise((resolve) => setTimeout(resolve, 100))
    const late = await connection.ask({ request: "summary" }).catch((error: unknown) => String(error))
    server.close()

    assert.deepStrictEqual(failed, [1, `process ${nobody} has ended meanwhile\n`])
    assert.strictEqual(late, `InspectError: process ${nobody} has ended meanwhile`)
  })

  it("that was killed leaves nothing of its memory behind", async () => {
    const own = join(files.folder, `${process.pid}-1.heapsnapshot`)
    const left = join(files.folder, `${nobody}-1.heapsnapshot`)
    for (const path of [own, left]) writeFileSync(path, "all that it knew")

    await cli("list")

    assert.deepStrictEqual({ own: existsSync(own), left: existsSync(left) }, { own: true, left: false })
  })

  it("that has left its socket behind is forgotten", async () => {
    const path = join(files.folder, `${nobody}.sock`)
    // What a process leaves that is killed: a socket at which nobody listens.
    const script = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`
    const { spawnSync } = await import("node:child_process")
    spawnSync(process.execPath, ["-e", script])
    assert.isTrue(existsSync(path))

    const { code, err } = await cli("list")

    assert.deepStrictEqual([code, existsSync(path)], [0, false])
    assert.match(err, /^no process can be looked into/)
  })

  it("that takes clients which are gone already, as it does when it was stopped meanwhile", async () => {
    const serving = await serve({ thread: false, name: "here" })
    for (let i = 0; i < 20; i++)
      connect(serving.path)
        .on("error", () => {})
        .destroy()

    const [listed] = await json("list")

    await serving.close()
    assert.strictEqual(listed.name, "here")
  })

  it("that ends meanwhile", async () => {
    await pretend(nobody, greeting())

    assert.deepStrictEqual(await failing("ps", String(nobody)), [1, `process ${nobody} has ended meanwhile\n`])
  })

  it("with an older version of the package", async () => {
    await pretend(nobody, greeting({ protocol: 0, version: "0.0.1\u001B[2J" }))

    assert.deepStrictEqual(await failing("ps", String(nobody)), [
      1,
      `process ${nobody} speaks version 0 of the protocol, and this end version 1: use the same version of @effect-asyncio/inspect on both ends (0.0.1\\x1b[2J there)\n`
    ])
  })

  it("that is older than kinds of cancellation is not asked for one, which it would not look at", async () => {
    await pretend(nobody, greeting())

    const [code, err] = await failing("cancel", String(nobody), "worker", "--kind", "shutdown")

    assert.strictEqual(code, 2)
    assert.match(String(err), /has no kind of cancellation that is called shutdown: ask for one of requested, or/)
  })

  it("that does not answer", async () => {
    await pretend(nobody, "")

    const [code, err] = await failing("ps", String(nobody), "--timeout", "50ms")

    assert.strictEqual(code, 3)
    assert.match(String(err), /has not answered for 0\.05 s: it is stopped/)
  })

  it("that takes its time is waited for, with a word about it", async () => {
    await pretend(nobody, greeting(), () => `{"id":1,"note":"busy"}\n{"id":1,"end":true}\n`)

    const { code, err } = await cli("ps", String(nobody))

    assert.deepStrictEqual([code, err], [0, "waiting: the process is busy\n"])
  })
})

describe("what is no process of ours", () => {
  const refused = `what listens for process ${nobody} is no process of @effect-asyncio/inspect\n`

  it.each([
    ["sends text", "220 smtp ready\n"],
    ["sends other data", "[]\n"],
    ["is another process", greeting({ pid: 1 })],
    ["has no version", greeting({ protocol: "1" })]
  ])("%s", async (_, sent) => {
    await pretend(nobody, sent)

    assert.deepStrictEqual(await failing("ps", String(nobody)), [1, refused])
  })

  it("answers what was not asked", async () => {
    await pretend(nobody, greeting(), () => `{"id":7,"end":true}\n`)

    assert.deepStrictEqual(await failing("ps", String(nobody)), [1, refused])
  })

  it("answers with an error, of which a terminal obeys nothing", async () => {
    await pretend(nobody, greeting(), () => `{"id":1,"error":"\\u001b]0;title\\u0007"}\n`)

    assert.deepStrictEqual(await failing("ps", String(nobody)), [1, `process ${nobody}: \\x1b]0;title\\x07\n`])
  })

  it("is in the list with what is wrong", async () => {
    await pretend(nobody, "no\n")

    assert.deepStrictEqual(await json("list"), [{ pid: nobody, problem: refused.trim() }])
  })

  it.each(["a file", "a link"])("is %s where a socket should be", async (what) => {
    const path = join(files.folder, `${nobody}.sock`)
    if (what === "a file") writeFileSync(path, "")
    else symlinkSync(await pretend(nobody - 1, greeting()), path)

    assert.deepInclude(await json("list"), { pid: nobody, problem: "is no socket of yours" })
  })
})

describe("a folder", { skip: process.platform === "win32" }, () => {
  const folder = () => join(files.folder, "sockets")

  beforeEach(() => {
    process.env.EFFECT_ASYNCIO_INSPECT_DIR = folder()
  })

  const both = async (message: string) => {
    assert.deepStrictEqual(await failing("list"), [1, `${message}\n`])
    const error = await serve({ thread: false }).then(
      () => "served",
      (error: unknown) => String(error)
    )
    assert.strictEqual(error, `UnsafePath: ${message}`)
  }

  it("that others can enter is used by nobody", async () => {
    mkdirSync(folder())
    chmodSync(folder(), 0o750)

    await both(`others can enter ${folder()}: chmod 700 it, after a look at what is in it`)
  })

  it("that is a link is used by nobody", async () => {
    symlinkSync(files.folder, folder())

    await both(`${folder()} is no folder: remove it, or set EFFECT_ASYNCIO_INSPECT_DIR`)
  })

  it("of another user is used by nobody", { skip: process.getuid?.() !== 0 }, async () => {
    mkdirSync(folder(), { mode: 0o700 })
    chownSync(folder(), 12345, 12345)

    await both(`${folder()} belongs to another user: remove it, or set EFFECT_ASYNCIO_INSPECT_DIR`)
  })

  it("whose path is too long for a socket is said to be", async () => {
    process.env.EFFECT_ASYNCIO_INSPECT_DIR = join(files.folder, "x".repeat(100))

    const error = await serve({ thread: false }).then(
      () => "served",
      (error: unknown) => String(error)
    )

    assert.match(error, /is too long for a socket: set EFFECT_ASYNCIO_INSPECT_DIR to a shorter path/)
  })

  it("is made so that nobody else can enter it", async () => {
    const serving = await serve({ thread: false, name: "here" })
    const listed = await json("list")
    const { statSync } = await import("node:fs")
    const modes = [folder(), serving.path].map((path) => statSync(path).mode & 0o777)
    await serving.close()

    assert.deepStrictEqual(modes, [0o700, 0o600])
    assert.deepStrictEqual([listed[0].pid, listed[0].name], [process.pid, "here"])
    assert.isFalse(existsSync(serving.path))
    rmSync(folder(), { recursive: true })
  })
})

describe("a process without a loop, which is stopped", () => {
  let program: Program
  let own: ReturnType<typeof withFolder>

  beforeAll(async () => {
    own = withFolder()
    program = await start("idle.ts", { EFFECT_ASYNCIO_INSPECT_NAME: "idle" })
  })

  afterAll(async () => {
    await program.end()
    own.remove()
  })

  beforeEach(() => {
    process.env.EFFECT_ASYNCIO_INSPECT_DIR = own.folder
  })

  it("has nothing but titles", async () => {
    const { code, out } = await cli("ps", "idle")

    assert.deepStrictEqual([code, out.split("\n").length], [0, 3])
    assert.deepStrictEqual(await json("pstree", "idle"), [])
  })

  it("does not answer while it is stopped, and does so again", { skip: process.platform === "win32" }, async () => {
    process.kill(program.pid, "SIGSTOP")
    const { code } = await cli("ps", String(program.pid), "--timeout", "100ms")
    process.kill(program.pid, "SIGCONT")

    assert.deepStrictEqual([code, (await cli("ps", "idle")).code], [3, 0])
  })
})

describe("a process that ends", () => {
  it("does so without a word, and takes its socket away", async () => {
    const program = await start("idle.ts")
    let said = ""
    program.child.stderr.on("data", (text: Buffer) => (said += text.toString()))
    await cli("ps", String(program.pid))

    program.child.stdin.end()
    await once(program.child, "close")

    assert.deepStrictEqual([said, existsSync(join(files.folder, `${program.pid}.sock`))], ["", false])
  })
})

describe("a program that has nothing more to do", () => {
  it("ends, although it can be looked into", async () => {
    const program = await start("nothing.ts")

    const [code] = program.child.exitCode === null ? await once(program.child, "close") : [program.child.exitCode]

    assert.strictEqual(code, 0)
  })
})

describe("the command line", () => {
  it.each([
    [[], /Usage: effect-asyncio-inspect/],
    [["fly"], /unknown command 'fly'/],
    [["ps"], /missing required argument 'process'/],
    [["ps", "1", "--fast"], /unknown option '--fast'/]
  ] as const)("says what is wrong with %j", async (args, message) => {
    const { code, err } = await cli(...args)

    assert.strictEqual(code, 2)
    assert.match(err, message)
  })

  it("has help with examples", async () => {
    const { code, out } = await cli("--help")

    assert.strictEqual(code, 0)
    assert.match(out, /Examples:\n {2}\$ node --import/)
  })
})
