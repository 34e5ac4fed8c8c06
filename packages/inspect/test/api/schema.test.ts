// What every command prints with --json is what the schema says: of a program that does all kinds of things.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Ajv2020 } from "ajv/dist/2020.js"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { endPretending, nobody, pretendPieces } from "../impostor.ts"
import { cli, type Program, start, startPlain, withService } from "../process.ts"

const schema = JSON.parse(readFileSync(new URL("../../schema.json", import.meta.url), "utf8")) as { $defs: object }
const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true })
ajv.addSchema(schema, "schema")

const problemsOf = (definition: string, text: string) => {
  const validate = ajv.getSchema(`schema#/$defs/${definition}`)!
  void validate(JSON.parse(text))
  return validate.errors ?? []
}

// Where the program writes its own dumps.
const folder = mkdtempSync(join(tmpdir(), "inspect-"))
const service = withService({ EFFECT_ASYNCIO_INSPECT_WRITE: "SIGUSR2", EFFECT_ASYNCIO_INSPECT_WRITE_TO: folder })
let lost: Program
let jobs: Program

beforeAll(async () => {
  lost = await start("lost.ts")
  jobs = await start("jobs.ts")
})

afterAll(async () => {
  await lost.end()
  await jobs.end()
  rmSync(folder, { recursive: true })
})

describe("the schema", () => {
  it.each([
    ["list"],
    ["dump", "service.ts"],
    ["ps", "service.ts"],
    ["pstree", "service.ts"],
    ["where", "service.ts", "waiter"],
    ["top", "service.ts"],
    ["record", "service.ts", "50ms"],
    ["profile", "service.ts", "50ms"],
    ["leaks", "lost.ts"],
    ["cancel", "service.ts", "stubborn", "--wait", "0", "--kind", "shutdown"],
    // Again, now that ages and what has ended are known, and one is asked to cancel itself.
    ["cancel", "service.ts", "sleeper"],
    ["cancel", "service.ts", "parent"],
    ["where", "service.ts", "sleeper"],
    ["where", "service.ts", "child 1"],
    ["where", "service.ts", "stubborn"],
    ["top", "service.ts"],
    ["dump", "service.ts"],
    ["list"],
    ["dump", "cluster:memory"],
    ["ps", "cluster:memory"],
    ["pstree", "cluster:memory"],
    ["where", "cluster:memory", "page 1"],
    ["where", "cluster:memory", "refill"],
    ["top", "cluster:memory"],
    ["cancel", "cluster:memory", "page 3", "--wait", "0"],
    ["dump", "cluster:memory"]
  ])("holds for what %s %s %s prints", async (command, ...args) => {
    const { out } = await cli(command, ...args, "--json")

    assert.deepStrictEqual(problemsOf(command, out), [])
  })

  it("holds for the chain of a cancellation", async () => {
    const ended = (id: number, name: string, requestedBy: object) => {
      return { id, name, labels: {}, outcome: "cancelled", kind: "parent", requestedBy, createdAt: 1, endedAt: 2 }
    }
    const child = ended(2, "child", { id: 1, name: "parent" })
    const loop = { time: 3, state: "running", debug: false, ready: 0, timers: 0, observedSince: 0 }
    const all = [ended(1, "parent", { name: "effect-asyncio-inspect" }), child]
    await pretendPieces(service.files.folder, [{ loop: { ...loop, ended: all } }, { objects: [] }])
    const { out } = await cli("where", String(nobody), "child", "--json")
    await endPretending()

    assert.deepStrictEqual(problemsOf("where", out), [])
    assert.deepStrictEqual(JSON.parse(out)[0].askers, [
      { id: 1, name: "parent", cancellation: { kind: "parent", requestedBy: { name: "effect-asyncio-inspect" } } }
    ])
  })

  it("holds for the address of the dashboard", async () => {
    const printed = cli("dashboard", "service.ts", "--no-open", "--json")
    // Ends by the signal, which it hears only when it listens: nobody else here does.
    while (process.listenerCount("SIGTERM") === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    process.emit("SIGTERM")

    assert.deepStrictEqual(problemsOf("dashboard", (await printed).out), [])
  })

  it("holds for a dump that a process writes by itself", { skip: process.platform === "win32" }, async () => {
    process.kill(service.program.pid, "SIGUSR2")
    const read = () => readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"))
    while (!read().some((text) => text.endsWith("}\n"))) await new Promise((resolve) => setTimeout(resolve, 5))

    assert.deepStrictEqual(problemsOf("dump", read()[0]!), [])
  })

  it("holds for what is read by --attach", { skip: process.platform !== "linux" }, async () => {
    const plain = await startPlain("plain.ts")
    const pid = String(plain.pid)
    const printed = [
      ["dump", (await cli("dump", pid, "--attach")).out],
      ["ps", (await cli("ps", pid, "--attach", "--json")).out],
      ["where", (await cli("where", pid, "one", "--attach", "--json")).out]
    ] as const
    await plain.end()

    for (const [command, out] of printed) assert.deepStrictEqual(problemsOf(command, out), [], command)
  })

  it("has a definition for each command", async () => {
    const { out } = await cli("--help")
    const commands = Array.from(out.matchAll(/^ {2}(\w+) (?:\[options\])/gm), ([, name]) => name!).filter(
      (name) => name !== "help"
    )

    assert.isAbove(commands.length, 10)
    assert.includeMembers(Object.keys(schema.$defs), commands)
  })
})
