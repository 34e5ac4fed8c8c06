import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { Ajv } from "ajv"
import { afterAll, afterEach, assert, beforeAll, beforeEach, describe, it } from "vitest"
import * as asyncio from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import { Effect } from "effect"
import { record, serve, type TraceEvent } from "@effect-asyncio/inspect"
import { find } from "../../src/client/find.ts"
import type { BusyRow } from "../../src/profile/cpuProfile.ts"
import { writeOptionsOf } from "../../src/target/writing.ts"
import { cli, json, type Program, spawnTool, start, withFolder } from "../process.ts"

let files: ReturnType<typeof withFolder>

beforeEach(() => {
  files = withFolder()
})

afterEach(() => files.remove())

/** What is said, but for how long it takes: on a slow machine that comes first. */
const withoutTime = (said: string): string => said.replace(/^it takes [^,]+, or until Ctrl-C\n/, "")

const tracksOf = (events: ReadonlyArray<TraceEvent>) =>
  new Map(events.flatMap(({ args, name, tid }) => (name === "thread_name" ? [[args?.name, tid]] : [])))

/** What readers of the Trace Event Format refuse, or show as what it is not. */
const wrongIn = (events: ReadonlyArray<TraceEvent>): ReadonlyArray<string> => {
  const wrong: Array<string> = []
  const ends = new Map<number, number>()
  const open = new Map<string, Array<string>>()
  for (const { dur, id, name, ph, tid, ts } of events) {
    if (ph === "M") continue
    if (ts === undefined || !(ts >= 0)) wrong.push(`${name} has no time`)
    if (ph === "X") {
      if (!(dur! >= 0)) wrong.push(`${name} ends before it begins`)
      // Rounded, the end of a step may be behind the begin of the next.
      if (ts! < (ends.get(tid) ?? 0) - 0.001) wrong.push(`${name} is in the middle of another step of its track`)
      ends.set(tid, ts! + dur!)
    }
    if (ph === "b") open.set(id!, [...(open.get(id!) ?? []), name])
    // Of what began before the recording only the end is there.
    if (ph === "e" && (open.get(id!) ?? []).length > 0 && open.get(id!)!.pop() !== name)
      wrong.push(`${name} is not open`)
  }
  return wrong
}

describe("record", () => {
  it("has a track for each name, with steps, waits and ends", async () => {
    const recorder = record()
    await asyncio.run(async () => {
      const worker = asyncio.createTask(() => asyncio.sleep(1), { name: "worker" })
      const hung = asyncio.createTask(() => asyncio.sleep("1 hour"), { name: "hung" })
      await worker
      hung.cancel("enough")
      await asyncio.wait([hung])
    })
    const { otherData, traceEvents } = recorder.trace()
    recorder.stop()

    const tracks = tracksOf(traceEvents)
    assert.includeMembers([...tracks.keys()], ["Task-1", "worker", "hung"])
    const of = (name: string) => traceEvents.filter(({ ph, tid }) => ph !== "M" && tid === tracks.get(name))
    assert.deepStrictEqual(
      of("worker").map(({ name, ph }) => `${ph} ${name.replace(/ \(\d+\)$/, "")}`),
      ["b worker", "X worker", "b waits for sleep", "e waits for sleep", "X worker", "e worker"]
    )
    const asked = of("hung").find(({ ph }) => ph === "i")
    assert.deepInclude(asked, { name: "asked to cancel" })
    assert.strictEqual(asked?.args?.reason, "enough")
    assert.match(String(asked?.args?.by), /^Task-1 \(\d+\)$/)
    assert.deepStrictEqual(of("hung").at(-1)?.args, { outcome: "cancelled" })
    assert.isAbove(Number(otherData.events), 5)
  })

  it("has times that only grow, of which no step overlaps another", async () => {
    const recorder = record({ precise: true })
    await asyncio.run(async () => {
      await asyncio.gather(Array.from({ length: 20 }, () => asyncio.createTask(() => asyncio.sleep(0))))
    })
    const { traceEvents } = recorder.trace()
    recorder.stop()

    let end = 0
    for (const { dur = 0, ph, ts = 0 } of traceEvents) {
      if (ph !== "X") continue
      assert.isAtLeast(ts, end - 1e-6)
      assert.isAtLeast(dur, 0)
      end = ts + dur
    }
  })

  it("tells of a task that was made before the first event, and of the step under way", async () => {
    let trace: ReadonlyArray<TraceEvent> = []
    await asyncio.run(async () => {
      const recorder = record({ events: 4 })
      const worker = asyncio.createTask(
        async () => {
          for (let i = 0; i < 20; i++) await asyncio.sleep(0)
          trace = recorder.trace().traceEvents
        },
        { name: "old" }
      )
      await worker
      recorder.stop()
    })

    assert.include([...tracksOf(trace).keys()], "old")
    assert.deepStrictEqual(trace.at(-1)?.args, { ends: "under way" })
  })

  it("writes into a file, and nothing when it has stopped", async () => {
    const recorder = record()
    await asyncio.run(async () => {})
    const path = join(files.folder, "trace.json")
    recorder.write(path)
    recorder.stop()
    const { traceEvents } = JSON.parse(readFileSync(path, "utf8")) as { traceEvents: ReadonlyArray<TraceEvent> }

    assert.isAbove(traceEvents.length, 1)
    await asyncio.run(async () => {})
    assert.strictEqual(recorder.trace().traceEvents.length, 1)
  })
})

/** On a machine that does other things a task may not come to it in the time that was asked for: then twice as much is asked for. */
const untilSeen = async <A>(ask: (time: string) => Promise<A>, isSeen: (given: A) => boolean): Promise<A> => {
  for (let millis = 200; ; millis *= 2) {
    const given = await ask(`${millis}ms`)
    if (isSeen(given)) return given
  }
}

interface TraceFile {
  readonly traceEvents: ReadonlyArray<TraceEvent>
}

/** How long the steps of a task were that are there from their beginning to their end. */
const stepsOf = (events: ReadonlyArray<TraceEvent>, task: string): ReadonlyArray<number> => {
  const track = tracksOf(events).get(task)
  return events.flatMap(({ args, dur, ph, tid }) =>
    ph === "X" && tid === track && args?.ends !== "under way" ? [dur!] : []
  )
}

describe("a program that computes", () => {
  let program: Program
  let own: ReturnType<typeof withFolder>

  beforeAll(async () => {
    own = withFolder()
    program = await start("busy.ts")
  }, 60_000)

  afterAll(async () => {
    await program.end()
    own.remove()
  })

  beforeEach(() => {
    process.env.EFFECT_ASYNCIO_INSPECT_DIR = own.folder
  })

  it("is recorded for as long as it was asked for", async () => {
    const { traceEvents } = await untilSeen<TraceFile>(
      (time) => json("record", "busy.ts", time),
      ({ traceEvents }) => ["parser", "logger"].every((task) => stepsOf(traceEvents, task).length > 0)
    )

    assert.deepStrictEqual(wrongIn(traceEvents), [])
    // They compute until so much time is over, however much of the processor they get meanwhile. Times have whole microseconds.
    for (const dur of stepsOf(traceEvents, "parser")) assert.isAtLeast(dur, 39_999)
    for (const dur of stepsOf(traceEvents, "logger")) assert.isAtLeast(dur, 3999)
  })

  it("is recorded for two at once, for each as long as that one has asked", async () => {
    // What a step has ended with, and not how long it was: it may have begun before.
    const spanOf = ({ traceEvents }: TraceFile) => {
      const times = traceEvents.flatMap(({ dur = 0, ph, ts }) => (ph === "M" ? [] : ts! + dur))
      return Math.max(0, ...times) - Math.min(Infinity, ...times)
    }
    const short = 50
    const [long, ...shorts] = await untilSeen<ReadonlyArray<TraceFile>>(
      (time) =>
        Promise.all([
          json("record", "busy.ts", time),
          json("record", "busy.ts", `${short}ms`),
          json("record", "busy.ts", `${short}ms`)
        ]),
      ([long]) => spanOf(long!) > short * 1000
    )
    const { err, out } = await cli("profile", "busy.ts", "10ms")

    assert.isAbove(spanOf(long!), short * 1000)
    for (const each of shorts) assert.isAtMost(spanOf(each), short * 1000)
    assert.deepStrictEqual([withoutTime(err), out === ""], ["", false], "it can be asked again")
  })

  it("is no more recorded when who has asked has left", async () => {
    const left = await find("busy.ts", {})
    const asking = left.ask({ request: "record", millis: 3_600_000 }, 3_700_000).catch(() => {})
    // The first bytes are there when the second one is answered.
    await json("record", "busy.ts", "1ms")
    left.close()
    await asking
    const profiles = await find("busy.ts", {})
    const profiling = profiles.ask({ request: "profile", millis: 3_600_000 }, 3_700_000).catch(() => {})

    // As long as somebody takes one nobody else can.
    let said = ""
    while (said === "") said = withoutTime((await cli("profile", "busy.ts", "1ms")).err)
    profiles.close()
    await profiling
    let code = 1
    while (code !== 0) ({ code } = await cli("profile", "busy.ts", "1ms"))

    assert.match(
      said,
      /^process \d+: somebody else takes a profile of it at this moment: ask again when that is done\n$/
    )
  })

  /** A command with what it does on Ctrl-C, once it has begun. */
  const interruptible = async (...args: ReadonlyArray<string>) => {
    const others = new Set(process.listeners("SIGINT"))
    const asked = cli(...args)
    for (;;) {
      const listener = process.listeners("SIGINT").find((each) => !others.has(each))
      if (listener !== undefined) return { asked, interrupt: () => listener("SIGINT") }
      await setTimeout(1)
    }
  }

  it("is recorded until Ctrl-C, if that comes before the time is over", async () => {
    const path = join(own.folder, "until.json")
    const longer = await find("busy.ts", {})
    const asking = longer.ask({ request: "record", millis: 3_600_000 }, 3_700_000).catch(() => {})
    // What somebody else has recorded before is not in it.
    await json("record", "busy.ts", "500ms")
    const begun = performance.now()
    const { asked, interrupt } = await interruptible("record", "busy.ts", "60m", "--out", path)
    await json("record", "busy.ts", "200ms")
    interrupt()
    const { code, err } = await asked
    const took = performance.now() - begun
    longer.close()
    await asking

    assert.strictEqual(code, 0)
    assert.match(
      withoutTime(err),
      /^ended by Ctrl-C after \S+: what was recorded is written; once more leaves at once\n\d+ events are in /
    )
    const { traceEvents } = JSON.parse(readFileSync(path, "utf8")) as TraceFile
    assert.isNotEmpty(stepsOf(traceEvents, "parser"))
    const times = traceEvents.flatMap(({ ph, ts }) => (ph === "M" ? [] : ts!))
    assert.isAtMost(Math.max(...times) - Math.min(...times), took * 1000)
  })

  it("is profiled until Ctrl-C, which npx passes on a second time", async () => {
    const { asked, interrupt } = await interruptible("profile", "busy.ts", "60m", "--json")
    await json("record", "busy.ts", "500ms")
    interrupt()
    interrupt()
    const { code, err, out } = await asked

    assert.strictEqual(code, 0)
    assert.match(withoutTime(err), /^ended by Ctrl-C after \S+: /)
    assert.isArray(JSON.parse(out))
    assert.strictEqual((await cli("profile", "busy.ts", "1ms")).code, 0, "nobody else takes one any more")
  })

  it.each([
    ["a second Ctrl-C", ["SIGSTOP", "SIGINT", "SIGINT"], 130],
    ["SIGTERM", ["SIGTERM"], "SIGTERM"],
    ["a terminal that is closed", ["SIGHUP"], "SIGHUP"]
  ] as const)(
    "is left at once by %s, and goes on",
    { skip: process.platform === "win32" },
    async (_, [first, ...others], ended) => {
      const path = join(own.folder, "left.cpuprofile")
      const tool = spawnTool({ stdio: ["ignore", "ignore", "pipe"] }, "profile", "busy.ts", "60m", "--out", path)
      const closed = once(tool, "close")
      const [said] = await once(tool.stderr!, "data")
      // One that does not answer any more does not keep who is tired of it.
      const isStopped = first === "SIGSTOP"
      if (isStopped) program.child.kill(first)
      else tool.kill(first)
      for (const [index, signal] of others.entries()) {
        const answered = index === 0 ? once(tool.stderr!, "data") : undefined
        tool.kill(signal)
        await answered
        // A second one counts when half a second is over behind the answer to the first.
        await setTimeout(700)
      }
      const [code, signal] = await closed
      if (isStopped) program.child.kill("SIGCONT")

      assert.strictEqual(String(said), "it takes 1h 0m, or until Ctrl-C\n")
      assert.deepStrictEqual([code ?? signal, existsSync(path)], [ended, false])
      while ((await cli("profile", "busy.ts", "1ms")).code !== 0);
    }
  )

  it("is recorded into a file", async () => {
    const path = join(own.folder, "trace.json")
    const { code, err, out } = await cli("record", String(program.pid), "50ms", "--out", path)

    assert.deepStrictEqual([code, out], [0, ""])
    assert.match(err, /^\d+ events are in .*perfetto/)
    assert.isArray(JSON.parse(readFileSync(path, "utf8")).traceEvents)
  })

  it("cannot be recorded into what is no file", async () => {
    const { code, err } = await cli("record", "busy.ts", "50ms", "--out", join(own.folder, "no", "trace.json"))

    assert.strictEqual(code, 1)
    assert.match(err, /^cannot write .*ENOENT/)
  })

  it("is not waited for where its file cannot be written", async () => {
    const out = join(own.folder, "no", "busy.cpuprofile")
    const asked = [cli("record", "busy.ts", "1m", "--out", out), cli("profile", "busy.ts", "1m", "--out", out)]

    for (const { code, err } of await Promise.all(asked)) {
      assert.strictEqual(code, 1)
      assert.match(err, /^cannot write .*ENOENT/)
    }
  })

  it("is recorded into a file that is left alone until then: somebody may be tired of waiting", async () => {
    const [before, none] = [join(own.folder, "before.json"), join(own.folder, "none.json")]
    writeFileSync(before, "what was there")
    const asked = [before, none].map((path) => cli("record", "busy.ts", "1s", "--out", path))
    await json("record", "busy.ts", "100ms")
    const meanwhile = [readFileSync(before, "utf8"), existsSync(none)]
    const codes = (await Promise.all(asked)).map(({ code }) => code)

    assert.deepStrictEqual(
      [meanwhile, codes],
      [
        ["what was there", false],
        [0, 0]
      ]
    )
    assert.isArray(JSON.parse(readFileSync(before, "utf8")).traceEvents)
  })

  it.skipIf(process.platform !== "linux")("cannot be recorded where there is no room", async () => {
    const { code, err } = await cli("record", "busy.ts", "50ms", "--out", "/dev/full")

    assert.strictEqual(code, 1)
    assert.match(err, /^cannot write \/dev\/full: ENOSPC/)
  })

  it("is profiled by the names of its tasks", async () => {
    const rowOf = (rows: ReadonlyArray<BusyRow>, name: string) => rows.find(({ task }) => task === name)
    const rows = await untilSeen<ReadonlyArray<BusyRow>>(
      (time) => json("profile", "busy.ts", time),
      (rows) => ["parser", "logger"].every((name) => rowOf(rows, name) !== undefined)
    )
    const { out } = await untilSeen(
      (time) => cli("profile", "busy.ts", time),
      ({ out }) => out.includes("\nparser ")
    )

    // V8 may put the one into the other.
    assert.match(rowOf(rows, "parser")!.hottest, /^(?:compute|work) .*busy\.ts:\d+$/)
    assert.deepStrictEqual(
      rows.map(({ busy }) => busy),
      rows.map(({ busy }) => busy).toSorted((a, b) => b - a)
    )
    assert.match(out, /^task +busy ms +% +most of it in\n/)
    assert.match(out, /\nparser +\d/)
  })

  it("is profiled into files for Chromium and speedscope", async () => {
    const cpu = join(own.folder, "busy.cpuprofile")
    const scope = join(own.folder, "busy.json")
    const profiledTo = async (path: string, time: string) => {
      await cli("profile", "busy.ts", time, "--out", path)
      return JSON.parse(readFileSync(path, "utf8"))
    }
    const tasksIn = ({ nodes }: any): ReadonlyArray<string> =>
      nodes[0].children.map((id: number) => nodes[id - 1].callFrame.functionName)
    const hasBoth = (names: ReadonlyArray<string>) => names.includes("parser") && names.includes("logger")
    const namesOf = ({ profiles }: any): ReadonlyArray<string> => profiles.map(({ name }: { name: string }) => name)
    const { samples, timeDeltas } = await untilSeen(
      (time) => profiledTo(cpu, time),
      (profile) => hasBoth(tasksIn(profile))
    )
    const file = await untilSeen(
      (time) => profiledTo(scope, time),
      (profile) => hasBoth(namesOf(profile))
    )

    assert.strictEqual(samples.length, timeDeltas.length)
    const schema = createRequire(import.meta.url).resolve("speedscope/dist/release/file-format-schema.json")
    const isValid = new Ajv({ strict: false }).compile(JSON.parse(readFileSync(schema, "utf8")))
    assert.isTrue(isValid(file), JSON.stringify(isValid.errors))
  })

  it("is given no profile of another kind", async () => {
    assert.strictEqual((await cli("profile", "busy.ts", "--out", "busy.txt")).code, 2)
  })
})

describe("a process that writes by itself", () => {
  const program = `
    import * as asyncio from "@effect-asyncio/compat"
    await asyncio.run(async () => {
      asyncio.createTask(() => asyncio.sleep("1 hour"), { name: "forgotten" })
      asyncio.createTask(async () => { throw new Error("nobody hears") }, { name: "failing" })
      await asyncio.sleep(0)
      if (process.argv[2] === "slow") {
        const end = performance.now() + 300
        while (performance.now() < end);
        await asyncio.sleep(100)
      }
      if (process.argv[2] === "exit") {
        for (let i = 0; i < 5000; i++) asyncio.createTask(() => asyncio.sleep("1 hour"))
        process.on("SIGUSR2", () => process.exit(3))
        process.kill(process.pid, "SIGUSR2")
        await asyncio.sleep("1 hour")
      }
      if (process.argv[2] === "signal") {
        process.kill(process.pid, "SIGUSR2")
        await asyncio.sleep(100)
      }
    })`

  const runWith = async (write: string, ...args: ReadonlyArray<string>) => {
    const to = join(files.folder, "written")
    const child = spawn(
      process.execPath,
      [
        "--conditions=@effect-asyncio/source",
        "--no-warnings",
        "--import",
        new URL("../../src/register.ts", import.meta.url).href,
        "--input-type=module",
        "-e",
        program,
        "--",
        "program",
        ...args
      ],
      {
        cwd: new URL("../../", import.meta.url),
        env: {
          ...process.env,
          EFFECT_ASYNCIO_INSPECT_RECORD: "1",
          EFFECT_ASYNCIO_INSPECT_WRITE: write,
          EFFECT_ASYNCIO_INSPECT_WRITE_TO: to
        }
      }
    )
    let err = ""
    child.stderr.on("data", (text: Buffer) => (err += text.toString()))
    const [code] = await once(child, "close")
    const names = existsSync(to) ? readdirSync(to).sort() : []
    const read = (end: string) =>
      JSON.parse(
        readFileSync(
          join(
            to,
            names.find((name) => name.endsWith(end))!
          ),
          "utf8"
        )
      )
    return { code, err, names, read, to }
  }

  it("does so when a run leaves tasks behind, of which the dump has all", async () => {
    const { code, err, names, read, to } = await runWith("leftovers")

    assert.strictEqual(code, 0)
    assert.match(err, /effect-asyncio inspect: wrote .*leftovers\.dump\.json and .*leftovers\.trace\.json/)
    assert.strictEqual(names.length, 2)
    const { because, loops } = read("dump.json")
    assert.strictEqual(because.why, "leftovers")
    assert.include(
      loops[0].tasks.map(({ name }: { name: string }) => name),
      "forgotten"
    )
    assert.isAbove(read("trace.json").traceEvents.length, 5)
    assert.strictEqual(statSync(join(to, names[0]!)).mode & 0o777, 0o600)
  })

  it("does so when a failure was not retrieved", async () => {
    const { names, read } = await runWith("failure")

    assert.strictEqual(names.length, 2)
    assert.strictEqual(read("dump.json").because.message, "Task exception was never retrieved")
  })

  it("does so when the loop was kept waiting", async () => {
    const { names, read } = await runWith("slow:200", "slow")

    // More often on a machine that does other things too.
    assert.isAtLeast(names.length, 2)
    assert.isAtLeast(read("dump.json").because.millis, 200)
  })

  it("does so on a signal, which does nothing else", { skip: process.platform === "win32" }, async () => {
    const { code, names, read } = await runWith("SIGUSR2", "signal")

    assert.deepStrictEqual([code, names.length], [0, 2])
    assert.deepStrictEqual(read("dump.json").because, { why: "signal", signal: "SIGUSR2" })
  })

  it("does so to the end where the process ends in the middle", { skip: process.platform === "win32" }, async () => {
    const { code, read } = await runWith("SIGUSR2", "exit")

    assert.strictEqual(code, 3)
    const { because, loops } = read("dump.json")
    assert.deepStrictEqual([because.why, loops[0].tasks.length], ["signal", 5002])
  })

  it.each(["never", "slow:soon", "most:-1"])("runs all the same where it is told %s", async (nonsense) => {
    const { code, err, names } = await runWith(nonsense)

    assert.deepStrictEqual([code, names], [0, []])
    assert.include(err, `EFFECT_ASYNCIO_INSPECT_WRITE has "${nonsense}": give it slow:MILLISECONDS`)
  })

  it("is told when by a line of text", () => {
    assert.deepStrictEqual(writeOptionsOf("slow:250, failure,leftovers,SIGUSR2,most:3", "logs"), {
      slow: 250,
      failure: true,
      leftovers: true,
      signal: "SIGUSR2",
      most: 3,
      folder: "logs"
    })
  })

  it.each(["SIGKILL", "SIGNOPE"])("refuses %s, on which nothing can be written", async (signal) => {
    const refused = await serve({ thread: false, write: { signal: signal as NodeJS.Signals } }).then(
      () => "served",
      (error: unknown) => String(error)
    )

    assert.match(refused, new RegExp(`cannot write on ${signal}`))
  })
})

describe("run with inspect", () => {
  it("can be looked into while it runs", async () => {
    const listed = await asyncio.run(() => json("list"), { inspect: { name: "asked for", thread: false } })
    const serving = await serve()
    await serving.close()

    assert.deepInclude(listed[0], { pid: process.pid, name: "asked for" })
  })

  it("runs all the same where no socket can be made, and says so", async () => {
    process.env.EFFECT_ASYNCIO_INSPECT_DIR = join(files.folder, "x".repeat(200))
    const reports: Array<string> = []
    const loopFactory = () => {
      const loop = core.newEventLoop()
      loop.setExceptionHandlerUnsafe((_, { message }) => void reports.push(message))
      return loop
    }

    const result = await core.run(Effect.succeed("done"), { inspect: { thread: false }, loopFactory })

    assert.deepStrictEqual([result, reports], ["done", ["This process cannot be looked into"]])
  })
})
