import { connect } from "node:net"
import { once } from "node:events"
import { closeSync, openSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, beforeAll, describe, it } from "vitest"
import { dumpOf } from "@effect-asyncio/inspect"
import { find } from "../../src/client/find.ts"
import { printableJson } from "../../src/text/printable.ts"
import { cli, json, type Program, runToolInto, withService } from "../process.ts"

const service = withService({
  EFFECT_ASYNCIO_INSPECT_OBSERVE: "1",
  EFFECT_ASYNCIO_INSPECT_KINDS: "budget,quota"
})
let program: Program
let pid: string

beforeAll(() => {
  program = service.program
  pid = String(program.pid)
})

const taskNamed = async (name: string): Promise<any> =>
  (await dumpOf(program.pid)).loops[0]?.tasks.find((task) => task.name === name)

describe("the output", () => {
  it("is not wanted any more, which is no error", async () => {
    for (const args of [["ps", pid], ["dump", pid], ["--help"]]) {
      const { code, err } = await runToolInto("head", ...args)
      assert.deepStrictEqual([args, code, err], [args, 0, ""])
    }
  })

  it.skipIf(process.platform !== "linux")("does not fit, which is one", async () => {
    const full = openSync("/dev/full", "w")
    for (const args of [["ps", pid], ["dump", pid], ["list"]]) {
      const { code, err } = await runToolInto(full, ...args)
      assert.deepStrictEqual([args, code, err], [args, 1, "cannot print: ENOSPC: no space left on device, write\n"])
    }
    closeSync(full)
  })

  it("is JSON that every reader takes", async () => {
    assert.strictEqual(
      printableJson(["half \uD800", "text \\ud800", "\\\uDC00", "\u{1F600}"]),
      String.raw`["half \ufffd","text \\ud800","\\\ufffd","😀"]`
    )
  })
})

describe("list", () => {
  it("has the process, with its name and how much it does", async () => {
    const [only] = await json("list")

    const { host, loops, name, tasks } = only
    assert.deepStrictEqual({ pid: only.pid, name, loops }, { pid: program.pid, name: "service.ts", loops: 1 })
    assert.isAtLeast(tasks, 9)
    assert.match(host, /^node \d+\./)
  })

  it("is a table", async () => {
    const { code, out } = await cli("list")

    assert.strictEqual(code, 0)
    assert.match(out, /^pid +name +loops +tasks +up +host\n\d+ +service\.ts +1 +\d+ +\S+ +node /)
  })
})

describe("ps", () => {
  it("finds the process by its name as well as by its number", async () => {
    const byPid = await cli("ps", pid)

    assert.match(byPid.out, /^tid +task id +task name/)
    assert.strictEqual((await cli("ps", "service.ts")).out, byPid.out)
  })

  it("lets no name obey the terminal, in any command", async () => {
    const printed = await Promise.all(
      [
        ["ps", pid],
        ["ps", pid, "--wide"],
        ["pstree", pid],
        ["where", pid, (await taskNamed("evil \u001B[31m\u202Ename\n")).id.toString()]
      ].map(async (args) => (await cli(...args)).out)
    )

    for (const out of printed) {
      for (const code of ["\u001B", "\u202E"]) assert.notInclude(out, code)
      assert.include(out, "evil \\x1b[31m\\u202ename\\n")
    }
  })

  it("has ages, creators, labels and who waits for what with --wide", async () => {
    const { out } = await cli("ps", pid, "--wide")

    assert.match(
      out,
      /waiter +pending +<Lock \[locked, waiters:1\]>\.acquire, held by holder +\d\S*( \d+s)? +.* ago +Task-1 +kind=import job=17/
    )
    assert.match(out, /parent +pending +gather of child 1, child 2/)
  })

  it("is data with --json", async () => {
    const rows = (await json("ps", pid)) as ReadonlyArray<{ name: string; awaiter?: { name: string } }>

    assert.deepInclude(
      rows.map(({ awaiter, name }) => [name, awaiter?.name]),
      ["child 1", "parent"]
    )
  })
})

describe("pstree", () => {
  it("is a tree, and data with --json", async () => {
    const { out } = await cli("pstree", pid)
    const [main] = await json("pstree", pid)

    assert.match(out, /^└── \(T\) Task-1\n {4}└── {2}main\n/)
    assert.strictEqual(main.label, "Task-1")
  })
})

describe("where", () => {
  it("says what a task waits for, who waits for it, and who has created it", async () => {
    const { out } = await cli("where", pid, "child 1")

    assert.match(out, /^child 1 \(\d+\), pending\n {2}waits for sleep, .* left, for /)
    assert.match(out, /waited for by:\n {4}parent\n {6}Task-1\n {2}created .* ago by parent, by Task-1\n$/)
  })

  it("knows nothing of a task that was never there", async () => {
    const { code, err } = await cli("where", pid, "nobody")

    assert.strictEqual(code, 1)
    assert.match(err, /has no task nobody, and remembers none/)
  })
})

describe("dump", () => {
  it("is what dumpOf gives", async () => {
    const dump = JSON.parse((await cli("dump", pid)).out)

    assert.deepStrictEqual(
      dump.loops[0].tasks.map(({ id }: { id: number }) => id),
      (await dumpOf(program.pid)).loops[0]?.tasks.map(({ id }) => id)
    )
  })

  it("lists the lock with its holder and its wait queue", async () => {
    const { objects, tasks } = (await dumpOf("service.ts")).loops[0]!
    const idOf = (name: string) => tasks.find((task) => task.name === name)!.id

    assert.deepStrictEqual(
      objects.map(({ holders, text, waiting }) => ({ holders, text, waiting })),
      [
        {
          text: "<Lock [locked, waiters:1]>",
          holders: [idOf("holder")],
          waiting: [{ task: idOf("waiter"), operation: "acquire" }]
        }
      ]
    )
  })

  it("is given to several at once", async () => {
    const dumps = await Promise.all([1, 2, 3, 4].map(() => dumpOf(program.pid)))

    for (const { loops } of dumps) assert.strictEqual(loops[0]?.tasks.length, dumps[0]?.loops[0]?.tasks.length)
  })

  it("comes while the program computes", async () => {
    const flag = join(service.files.folder, "go")
    program.child.stdin.write(`${flag}\n`)
    assert.strictEqual(await program.line(), "computing")

    const dump = await dumpOf(program.pid)

    writeFileSync(flag, "")
    assert.strictEqual(await program.line(), "done")
    assert.isAtLeast(dump.loops[0]!.tasks.length, 9)
  })
})

describe("a client", () => {
  const open = async () => {
    const socket = connect(join(service.files.folder, `${pid}.sock`))
    await once(socket, "connect")
    return socket
  }

  it("that sends what is no request is let go, and the process answers others", async () => {
    const socket = await open()
    socket.resume()
    socket.write("GET / HTTP/1.1\r\n\r\n")
    await once(socket, "close")

    assert.strictEqual((await cli("ps", pid)).code, 0)
  })

  it("that asks for another version, or for what there is not, is told so", async () => {
    const socket = await open()
    socket.setEncoding("utf8")
    let text = ""
    socket.on("data", (data: string) => (text += data))
    socket.write(`{"id":1,"protocol":99,"request":"dump"}\n{"id":2,"protocol":1,"request":"toString"}\n`)
    while (text.split("\n").length < 4) await once(socket, "data")
    socket.destroy()

    assert.deepStrictEqual(
      text
        .split("\n")
        .slice(1, 3)
        .map((line) => JSON.parse(line)),
      [
        { id: 1, error: "this process speaks version 1 of the protocol, and not 99" },
        { id: 2, error: 'there is no request "toString"' }
      ]
    )
  })

  it("that stops reading keeps no other waiting", async () => {
    const socket = await open()
    socket.pause()
    for (let id = 0; id < 2000; id++) socket.write(`${JSON.stringify({ id, protocol: 1, request: "dump" })}\n`)

    const { code } = await cli("ps", pid)

    socket.destroy()
    assert.strictEqual(code, 0)
  })
})

// They change what the tests above look at.
describe("cancel", () => {
  it("ends a task, and says so; where remembers who has asked", async () => {
    const { code, out } = await cli("cancel", pid, "sleeper", "--reason", "no longer needed")
    const where = await cli("where", pid, "sleeper")

    assert.deepStrictEqual([code, out.replace(/\d+/, "N")], [0, "sleeper (N): cancelled\n"])
    assert.match(
      where.out,
      /^sleeper \(\d+\), cancelled .* ago, after .*: requested by effect-asyncio-inspect: no longer needed\n/
    )
    assert.match(where.out, /created .* ago by Task-1\n$/)
  })

  it("does not guess which of two is meant", async () => {
    const { code, err } = await cli("cancel", pid, "twin")

    assert.strictEqual(code, 1)
    assert.match(err, /^2 tasks are called twin: say which by its number \(\d+, \d+\)\n$/)
  })

  it("asks for a kind, of core's or of the program's own", async () => {
    const [first, second] = (await dumpOf(pid)).loops[0]!.tasks.filter(({ name }) => name === "twin")
    const codes = [
      (await cli("cancel", pid, String(first!.id), "--kind", "shutdown")).code,
      (await cli("cancel", pid, String(second!.id), "--kind", "budget", "--reason", "spent")).code
    ]
    const { out } = await cli("where", pid, "twin")

    assert.deepStrictEqual(codes, [0, 0])
    assert.match(out, /: budget by effect-asyncio-inspect: spent\n/)
    assert.match(out, /: shutdown by effect-asyncio-inspect\n/)
  })

  const asksFor = "ask for one of requested, shutdown, interrupt, disconnect, budget, quota"

  it.each([
    [
      "budgte",
      `this process has no kind of cancellation that is called budgte: ${asksFor}, or have it name its own, serve`
    ],
    ["Shutdown", "this process has no kind of cancellation that is called Shutdown"],
    ["timeout", `a cancellation of the kind timeout tells what nobody knows who asks from outside: ${asksFor}`],
    ["\u001B[2J", String.raw`is called \x1b[2J`]
  ])("does not ask for the kind %j", async (kind, message) => {
    const { code, err } = await cli("cancel", pid, "stubborn", "--kind", kind)

    assert.strictEqual(code, 2)
    assert.include(err, `process ${pid}: `)
    assert.include(err, message)
  })

  it("is refused by the process, too, where somebody else asks for such a kind", async () => {
    const connection = await find(pid, {})
    const { id } = await taskNamed("stubborn")
    const error = await connection
      .ask({ request: "cancel", select: { tasks: [id] }, kind: "sibling" })
      .catch((error: unknown) => String(error))
    connection.close()

    assert.include(String(error), "a cancellation of the kind sibling tells what nobody knows")
    assert.strictEqual((await taskNamed("stubborn")).cancelling, 0)
  })

  it("tells of a task that goes on, and what it waits for", async () => {
    const { code, out } = await cli("cancel", pid, "stubborn", "--wait", "100ms")

    assert.strictEqual(code, 1)
    assert.match(out, /^stubborn \(\d+\): asked, and has not ended in 0\.1 s\n {2}waits for sleep, /)
    assert.match(
      (await cli("where", pid, "stubborn")).out,
      /asked to cancel itself: requested by effect-asyncio-inspect, .* ago\n$/
    )
  })

  it("ends all that have a label", async () => {
    const { code, out } = await cli("cancel", pid, "--label", "job=17", "kind=import")

    assert.deepStrictEqual(
      [code, out.replaceAll(/\(\d+\)/g, "(N)")],
      [0, "holder (N): cancelled\nwaiter (N): cancelled\n2 of 2 have ended\n"]
    )
  })

  it("ends a task with all that it has created", async () => {
    const outcomes = (await json("cancel", pid, "--tree", "parent")) as ReadonlyArray<{ name: string; state: string }>

    assert.deepStrictEqual(
      outcomes.map(({ name, state }) => [name, state]),
      [
        ["parent", "cancelled"],
        ["child 1", "cancelled"],
        ["child 2", "cancelled"]
      ]
    )
  })

  it.each([
    [[], /say which tasks/],
    [["twin", "--tree", "parent"], /say which tasks/],
    [["--label", "job"], /--label takes KEY=VALUE, and not job/],
    [["twin", "--wait", "soon"], /give it a time: 500ms, 5s, 1m, 1h/],
    [["twin", "--wait", "241h"], /give it a time of 10 days, 240h, at most/]
  ] as const)("refuses %j", async (args, message) => {
    const { code, err } = await cli("cancel", pid, ...args)

    assert.strictEqual(code, 2)
    assert.match(err, message)
  })

  it.each([
    [["ps"], "error: missing required argument 'process'\n`list` shows which there are\n"],
    [["where", "service.ts"], "error: missing required argument 'task'\n`ps` shows which there are\n"],
    [
      ["cancel", "--label", "job=17", "service.ts"],
      "error: missing required argument 'process'\n--label takes all that follows it: give the process before it\n"
    ],
    [["ps", ""], "say which process, by its number or its name: this is an empty text\n"],
    [
      ["ps", "service.ts", "--timeout", "999999m"],
      "error: option '--timeout <time>' argument '999999m' is invalid. give it a time of 10 days, 240h, at most.\n"
    ]
  ])("says what to do about %j", async (args, said) => {
    const { code, err } = await cli(...args)

    assert.deepStrictEqual([code, err], [2, said])
  })

  it("says that nothing has such a label", async () => {
    assert.deepStrictEqual(await cli("cancel", pid, "--label", "job=18"), {
      code: 1,
      out: "",
      err: "no task was asked: none has job=18; no task has labels\n"
    })
  })
})
