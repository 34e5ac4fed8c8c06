// A cluster of a worker and a client on PostgreSQL is one, whoever of them is asked; and a terminal that knows the database alone sees it as well.
import * as cluster from "@effect-asyncio/cluster"
import * as asyncio from "@effect-asyncio/core"
import * as Effect from "effect/Effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { once } from "node:events"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { Server, startPostgres, type Started } from "../../../tools/servers/servers.ts"
import { cli, type Folder, json, type Program, runTool, start, startTool, withFolder } from "../process.ts"

let database: Started
let files: Folder
const programs: Array<Program> = []

beforeAll(async () => {
  files = withFolder()
  database = await startPostgres()
}, 120_000)

afterAll(async () => {
  await Promise.all(programs.map((program) => program.end()))
  if (database instanceof Server) await database.stop()
  files.remove()
})

const urlOf = (started: Started): string => (started as Server).url

const run = async (begun: Promise<Program>): Promise<Program> => {
  const program = await begun
  programs.push(program)
  return program
}

/** The rows of `ps --wide`, when a task runs. */
const untilOneRuns = async (name: string): Promise<string> => {
  for (;;) {
    const { out } = await cli("ps", name, "--wide")
    if (out.includes(" runs on ")) return out
  }
}

/** What is listed of clusters, when both processes have said that they are in one. */
const untilBothAreListed = async () => {
  for (;;) {
    const listed: ReadonlyArray<{ name: string; place?: string; cluster?: string }> = await json("list")
    const clusters = listed.filter((each) => each.cluster !== undefined)
    if (clusters.length === 2) return clusters
  }
}

describe("a cluster of several processes", () => {
  it("is listed by each, found by its name, and has who runs what", async ({ skip }) => {
    if (typeof database === "string") skip(database)
    const env = { TEST_DATABASE: urlOf(database) }
    const [client, worker] = await Promise.all([run(start("presses.ts", env, "3")), run(start("presses.ts", env))])
    const clusters = await untilBothAreListed()
    const [first] = clusters
    const out = await untilOneRuns(first!.name)

    assert.sameMembers(
      clusters.map(({ place }) => place),
      [client, worker].map(({ pid }) => `${pid}:1`)
    )
    assert.strictEqual(new Set(clusters.map((each) => each.cluster)).size, 1)
    assert.match(out, new RegExp(` runs on \\S+:${worker.pid}#`))
    assert.match(out, /sheet \d +pending +<Workers of sheet>\.take/)
    for (const text of [out, JSON.stringify(clusters)]) assert.notInclude(text, "postgresql://")
  })

  it("is seen from a terminal that knows the database alone, which cancels what runs elsewhere", async ({ skip }) => {
    if (typeof database === "string") skip(database)
    const tool = await run(startTool({ EFFECT_ASYNCIO_CLUSTER: urlOf(database) }, "cluster"))
    const { code, out } = await cli("cancel", `${tool.pid}:1`, "--label", "n=1", "--kind", "shutdown")
    const { out: where } = await cli("where", `${tool.pid}:1`, "sheet 1")

    assert.match(tool.first, /^cluster:\w+ can be looked into as \d+:1, until Ctrl-C$/)
    assert.deepStrictEqual([code, out], [0, "sheet 1 (1): cancelled\n"])
    assert.match(where, new RegExp(`: shutdown by effect-asyncio-inspect at \\S+:${tool.pid}#`))
  })

  it("says so where its database is away", async ({ skip }) => {
    if (typeof database === "string") skip(database)
    await (database as Server).stop()
    const { code, err } = await cli("ps", `${programs[1]!.pid}:1`)

    assert.strictEqual(code, 1)
    assert.match(err, /^cluster \d+:1: the database of the cluster did not answer: /)
  })
})

describe("the command cluster", () => {
  const folder = mkdtempSync(join(tmpdir(), "cluster-"))
  afterAll(() => rmSync(folder, { recursive: true }))

  it("asks where the tasks are", async () => {
    const { code, err } = await cli("cluster")

    assert.strictEqual(code, 2)
    assert.match(err, /^say where the tasks of the cluster are kept: in EFFECT_ASYNCIO_CLUSTER, /)
  })

  it("shows the file that a process has left behind, cancels what waits there, and ends at a signal", async () => {
    const file = join(folder, "left.sqlite")
    const later = cluster.task("later")
    await asyncio.run(
      Effect.provide(cluster.submit(later, undefined, { name: "tomorrow" }), cluster.embedded({ file }))
    )
    const tool = await startTool({}, "cluster", file)
    const place = `${tool.pid}:1`
    const { out } = await cli("ps", "cluster:left.sqlite", "--wide")
    const { out: cancelled } = await cli("cancel", place, "tomorrow")
    tool.child.kill("SIGINT")
    const [code] = (await once(tool.child, "exit")) as [number]

    assert.strictEqual(tool.first, `cluster:left.sqlite can be looked into as ${place}, until Ctrl-C`)
    assert.match(out, /^1 +tomorrow +pending +<Workers of later, none is there>\.take /m)
    assert.deepStrictEqual([cancelled, code], ["tomorrow (1): cancelled\n", 0])
  })

  it("says what is wrong with an address, and does not print it", async () => {
    const file = join(folder, "secret.sqlite")
    writeFileSync(file, "no database, but text of some length")
    const url = "postgresql://ada:hunter%202@127.0.0.1:1/jobs"
    const [broken, silent, malformed] = await Promise.all([
      runTool({}, "cluster", file),
      runTool({ EFFECT_ASYNCIO_CLUSTER: url }, "cluster"),
      runTool({ EFFECT_ASYNCIO_CLUSTER: "postgresql://ada:hunter%2@127.0.0.1:1/jobs%" }, "cluster")
    ])

    assert.deepStrictEqual([broken.code, silent.code, malformed.code], [1, 1, 1])
    assert.match(malformed.err, /^that cluster cannot be looked into: .*percent-encoding/)
    assert.match(broken.err, /^that cluster cannot be looked into: \*\*\* cannot be opened: /)
    assert.match(silent.err, /^that cluster cannot be looked into: the database of the cluster did not answer: /)
    for (const { err, out } of [broken, silent, malformed]) {
      for (const secret of ["secret.sqlite", "hunter", "ada:"]) assert.notInclude(out + err, secret)
    }
  })
})
