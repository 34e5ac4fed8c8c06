// The command as a stranger runs it, in a process of its own, on what can be wrong: each has its message and its exit code, and a process that is
// looked into goes on as if nobody had looked.
import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { chownSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { connect } from "node:net"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, afterEach, assert, beforeAll, describe, it } from "vitest"
import { endPretending, greeting, nobody, pretend } from "../impostor.ts"
import { type Printed, type Program, start, withService } from "../process.ts"

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url))
const node = ["--conditions=@effect-asyncio/source", "--no-warnings"]

/** Runs the command, and gives what it prints. */
const run = async (args: ReadonlyArray<string>, env: NodeJS.ProcessEnv = {}, before = ""): Promise<Printed> => {
  const child = spawn(process.execPath, [...node, ...(before === "" ? [main] : ["-e", before, "--"]), ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"]
  })
  let out = ""
  let err = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text))
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text))
  const [code] = (await once(child, "close")) as [number]
  return { code, out, err }
}

const isRoot = process.getuid?.() === 0
const isWindows = process.platform === "win32"

const service = withService()
let said = ""

beforeAll(() => {
  service.program.child.stderr.on("data", (text: Buffer) => (said += text.toString()))
})

afterEach(async () => {
  await endPretending()
  rmSync(join(service.files.folder, `${nobody}.sock`), { force: true })
})

afterAll(async () => {
  // Whatever was tried with it, it has printed nothing, and answers.
  const { code, out } = await run(["ps", "service.ts"])
  assert.deepStrictEqual([said, code], ["", 0])
  assert.include(out, "sleeper")
})

/** What is tried: a set-up that may give the process to be asked, the arguments behind the command, the exit code, and the message. */
interface Trial {
  readonly what: string
  readonly skip?: boolean
  readonly given?: () => Promise<string | undefined> | string | undefined | void
  readonly args?: ReadonlyArray<string>
  readonly env?: () => NodeJS.ProcessEnv
  readonly code: 0 | 1 | 2 | 3
  readonly says: string | RegExp
}

/** A program that is ended behind the trial. */
const begun: Array<Program> = []
const begin = async (name: string): Promise<Program> => {
  const other = await start(name)
  begun.push(other)
  return other
}

afterEach(async () => {
  await Promise.all(begun.splice(0).map((each) => each.end()))
})

const isNone = `what listens for process ${nobody} is no process of @effect-asyncio/inspect`

const trials: ReadonlyArray<Trial> = [
  { what: "no such process", given: () => String(nobody), code: 1, says: `there is no process ${nobody}\n` },
  {
    what: "no such name",
    given: () => "api",
    code: 1,
    says: /^no process is called api: there are service\.ts \(\d+\)\n$/
  },
  {
    what: "a process that does not let itself be looked into",
    given: () => String(process.pid),
    code: 1,
    says: /does not let itself be looked into: start it with `node --import/
  },
  {
    what: "a process that ends meanwhile",
    given: async () => {
      await pretend(service.files.folder, nobody, greeting())
      return String(nobody)
    },
    code: 1,
    says: `process ${nobody} has ended meanwhile\n`
  },
  {
    what: "a process without a loop",
    given: async () => String((await begin("idle.ts")).pid),
    code: 0,
    says: ""
  },
  {
    what: "a process that is blocked in synchronous code of its own",
    given: async () => {
      const flag = join(service.files.folder, "never")
      const blocked = await begin("service.ts")
      blocked.child.stdin.write(`${flag}\n`)
      assert.strictEqual(await blocked.line(), "computing")
      return String(blocked.pid)
    },
    code: 0,
    says: ""
  },
  {
    what: "a process that is blocked in a call of the system",
    skip: isWindows,
    given: async () => {
      const blocked = await begin("blocked.ts")
      assert.strictEqual(await blocked.line(), "blocks")
      return String(blocked.pid)
    },
    args: ["--timeout", "2s"],
    code: 3,
    says: /^(waiting: the process is busy\n)?process \d+ has not answered for 2 s: it is stopped .*a call of the system that blocks \(execFileSync for one\)/
  },
  {
    what: "a process that a debugger has stopped",
    given: async () => {
      const paused = await begin("paused.ts")
      assert.strictEqual(await paused.line(), "paused")
      return String(paused.pid)
    },
    code: 0,
    says: ""
  },
  {
    what: "a process that the system has stopped",
    skip: isWindows,
    given: async () => {
      const stopped = await begin("idle.ts")
      process.kill(stopped.pid, "SIGSTOP")
      return String(stopped.pid)
    },
    args: ["--timeout", "100ms"],
    code: 3,
    says: /^process \d+ has not answered for 0\.1 s: it is stopped \(by a debugger, or SIGSTOP\)/
  },
  {
    what: "a stale socket of a dead process",
    skip: isWindows,
    given: () => {
      const path = join(service.files.folder, `${nobody}.sock`)
      const script = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`
      spawnSync(process.execPath, ["-e", script])
      return String(nobody)
    },
    code: 1,
    says: `there is no process ${nobody}\n`
  },
  {
    what: "a file in the place of a socket",
    given: () => {
      writeFileSync(join(service.files.folder, `${nobody}.sock`), "")
      return String(nobody)
    },
    code: 1,
    says: /^what is at .*\.sock, where process \d+ would listen, is no socket of yours\n$/
  },
  {
    what: "a socket of another user",
    skip: !isRoot,
    given: async () => {
      chownSync(await pretend(service.files.folder, nobody, greeting()), 12345, 12345)
      return String(nobody)
    },
    code: 1,
    says: /^what is at .*\.sock, where process \d+ would listen, is no socket of yours\n$/
  },
  {
    what: "a folder of another user",
    skip: !isRoot,
    given: () => {
      mkdirSync(join(service.files.folder, "others"), { mode: 0o700 })
      chownSync(join(service.files.folder, "others"), 12345, 12345)
    },
    env: () => ({ EFFECT_ASYNCIO_INSPECT_DIR: join(service.files.folder, "others") }),
    code: 1,
    says: /others belongs to another user: remove it, or set EFFECT_ASYNCIO_INSPECT_DIR\n$/
  },
  {
    what: "a socket that is a mail server's",
    given: async () => {
      await pretend(service.files.folder, nobody, "220 ready\r\n")
      return String(nobody)
    },
    code: 1,
    says: `${isNone}\n`
  },
  {
    what: "a socket that sends something else than tasks",
    given: async () => {
      await pretend(service.files.folder, nobody, greeting(), () => `{"id":1,"piece":{"tasks":[{"id":"7"}]}}\n`)
      return String(nobody)
    },
    code: 1,
    says: `${isNone}: id is no whole number\n`
  },
  {
    what: "a socket that never comes to the end of a line",
    given: async () => {
      await pretend(service.files.folder, nobody, greeting(), (_, socket) => {
        const more = () => {
          while (!socket.destroyed && socket.write("x".repeat(1024 * 1024)));
        }
        socket.on("drain", more)
        setImmediate(more)
        return '{"id":1,'
      })
      return String(nobody)
    },
    args: ["--timeout", "60s"],
    code: 1,
    says: `${isNone}\n`
  },
  {
    what: "a socket whose errors have escape codes",
    given: async () => {
      await pretend(service.files.folder, nobody, greeting(), () => `{"id":1,"error":"\\u001b[2J\\u009b"}\n`)
      return String(nobody)
    },
    code: 1,
    says: `process ${nobody}: \\x1b[2J\\x9b\n`
  },
  { what: "a time that is none", args: ["--timeout", "soon"], code: 2, says: /give it a time: 500ms, 5s, 1m, 1h/ }
]

describe("ps", () => {
  it.each(trials.filter(({ skip }) => skip !== true))("of $what", async ({ args = [], code, env, given, says }) => {
    const target = (await given?.()) ?? "service.ts"

    const printed = await run(["ps", target, ...args], env?.())

    if (typeof says === "string") assert.strictEqual(printed.err, says)
    else assert.match(printed.err, says)
    assert.strictEqual(printed.code, code)
  })

  it("of a process of another user", { skip: !isRoot }, async () => {
    // Whoever is root may look at everybody: it is somebody else who asks.
    const source = new URL("../../src/", import.meta.url).href
    const before = `
      const all = ["command.ts", "commands/show.ts"].map((file) => import(${JSON.stringify(source)} + file))
      Promise.all(all).then(async ([{ command }]) => {
        process.setuid(65534)
        const io = { out: (text) => void process.stdout.write(text), err: (text) => void process.stderr.write(text), colors: false }
        process.exitCode = await command(process.argv.slice(1), io)
      })`
    const { code, err } = await run(["ps", "1"], { EFFECT_ASYNCIO_INSPECT_DIR: "/nowhere" }, before)

    assert.deepStrictEqual([code, err], [1, "process 1 belongs to another user: look into it as that one\n"])
  })

  it("for two at once, and for one that does not read", async () => {
    const socket = connect(join(service.files.folder, `${service.program.pid}.sock`))
    await once(socket, "connect")
    socket.pause()
    for (let id = 0; id < 500; id++) socket.write(`${JSON.stringify({ id, protocol: 1, request: "dump" })}\n`)

    const [first, second] = await Promise.all([run(["ps", "service.ts"]), run(["ps", "service.ts"])])

    socket.destroy()
    assert.deepStrictEqual(
      [first, second].map(({ code, err }) => [code, err]),
      [
        [0, ""],
        [0, ""]
      ]
    )
    assert.strictEqual(first.out, second.out)
  })

  it("for a reader that has seen enough", { skip: isWindows }, async () => {
    const command = [process.execPath, ...node, main, "ps", "service.ts"].map((each) => `'${each}'`).join(" ")
    const child = spawn("sh", ["-c", `${command} | head -1`], { stdio: ["ignore", "pipe", "pipe"] })
    let err = ""
    child.stderr.on("data", (text: Buffer) => (err += text.toString()))
    child.stdout.resume()
    await once(child, "close")

    assert.strictEqual(err, "")
  })
})
