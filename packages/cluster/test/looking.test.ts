// What a cluster tells whoever looks into one of its processes. How that is shown is tested in packages/inspect.
import * as cluster from "@effect-asyncio/cluster"
import { lookInto, type NoClusterError } from "@effect-asyncio/cluster/look"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Migrator from "effect/sql/Migrator"
import * as SqlClient from "effect/sql/SqlClient"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { afterAll, assert, describe, expectTypeOf, it } from "vitest"
import { createTables } from "../src/internal/migrations.ts"
import { sqliteClient } from "../src/internal/sqliteClient.ts"

const folder = mkdtempSync(join(tmpdir(), "cluster-"))
afterAll(() => rmSync(folder, { recursive: true }))

const sleeper = cluster.task("sleeper", { progress: Schema.String })
const failing = cluster.task("failing")
const parent = cluster.task("parent")
const workers = [
  sleeper.worker(() => Effect.andThen(cluster.reportProgress("asleep"), asyncio.sleep("1 hour")), { concurrency: 2 }),
  failing.worker(() => Effect.die(new RangeError("no such thing"))),
  parent.worker(() =>
    Effect.gen(function* () {
      yield* Effect.orDie(cluster.submit(sleeper, undefined, { name: "child" }))
      yield* asyncio.sleep("1 hour")
    })
  )
]

/** Runs a program in an embedded cluster, with what that has announced. */
const run = <A, E>(
  program: (tasks: lowlevel.TasksElsewhere) => Effect.Effect<A, E, cluster.Cluster>,
  file?: string
): Promise<A> => {
  let announced: lowlevel.TasksElsewhere | undefined
  const stop = lowlevel.onTasksElsewhereUnsafe((tasks) => {
    announced = tasks
    return () => (announced = undefined)
  })
  const main = Effect.suspend(() => program(announced!))
  return asyncio
    .run(Effect.provide(main, cluster.embedded({ workers, drain: 0, file })))
    .finally(() => assert.strictEqual(announced, undefined))
    .finally(stop)
}

const until = (name: string, state: cluster.TaskState) =>
  Effect.repeat(Effect.andThen(asyncio.sleep(5), cluster.findTask(name)), { until: (info) => info?.state === state })

const ask = <A>(question: () => Promise<A>) => Effect.promise(question)

describe("a cluster that is looked into", () => {
  it("tells of tasks with their numbers, creators and reports", async () => {
    const rows = await run((tasks) =>
      Effect.gen(function* () {
        yield* cluster.submit(parent, undefined, { name: "p", labels: { user: 17 } })
        yield* until("child", "running")
        yield* Effect.repeat(Effect.andThen(asyncio.sleep(5), cluster.findTask("child")), {
          until: (info) => info?.progress === "asleep"
        })
        return (yield* ask(() => tasks.alive())).tasks
      })
    )

    assert.deepStrictEqual(
      rows.map(({ attempt, createdBy, definition, labels, name, number, progress, state }) => [
        number,
        name,
        definition,
        state,
        attempt,
        labels,
        createdBy,
        progress
      ]),
      [
        [1, "p", "parent", "running", 1, { user: 17 }, undefined, undefined],
        [2, "child", "sleeper", "running", 1, {}, { name: "p", number: 1 }, "asleep"]
      ]
    )
  })

  it("is read in pages of a thousand, and counted", async () => {
    const told = await run((tasks) =>
      Effect.gen(function* () {
        const submit = (i: number) => cluster.submit(sleeper, undefined, { name: `s ${String(i).padStart(4, "0")}` })
        yield* Effect.forEach(
          Array.from({ length: 1001 }, (_, i) => i),
          submit,
          { concurrency: 100 }
        )
        const first = yield* ask(() => tasks.alive())
        const second = yield* ask(() => tasks.alive(first.next))
        return [first.tasks.length, second.tasks.length, second.next, yield* ask(() => tasks.count())]
      })
    )

    assert.deepStrictEqual(told, [1000, 1, undefined, 1001])
  })

  it("tells what is new: created, running, asked to cancel itself and ended, with what it has failed with", async () => {
    const told = await run((tasks) =>
      Effect.gen(function* () {
        for (const name of ["a", "b", "c"]) yield* cluster.submit(sleeper, undefined, { name })
        yield* until("b", "running")
        yield* cluster.submit(failing, undefined, { name: "f" })
        yield* until("f", "failed")
        const { count, ended, tasks: some, workers: there } = yield* ask(() => tasks.news(0))
        return {
          count,
          names: [...new Set(some.map(({ name }) => name))].sort(),
          ended: ended.map(({ error, name, state }) => [name, state, error]),
          there: there.map(({ concurrency, definition }) => [definition, concurrency])
        }
      })
    )

    assert.deepStrictEqual(told, {
      count: 3,
      names: ["a", "b", "c"],
      ended: [["f", "failed", "RangeError: no such thing"]],
      there: [
        ["failing", 10],
        ["parent", 10],
        ["sleeper", 2]
      ]
    })
  })

  it("cancels by number, label and tree in the name of who looks, and tells since when", async () => {
    const told = await run((tasks) =>
      Effect.gen(function* () {
        yield* cluster.submit(parent, undefined, { name: "p" })
        yield* until("child", "running")
        for (const job of [1, 2]) yield* cluster.submit(sleeper, undefined, { name: `job ${job}`, labels: { job } })
        yield* until("job 1", "running")
        const request = { asker: "me", kind: "disconnect", reason: "enough" }
        // A label that none of them has.
        const unlabelled = yield* ask(() => tasks.cancel({ labels: { user: "undefined" } }, request))
        const labelled = yield* ask(() => tasks.cancel({ labels: { job: "2" } }, request))
        const below = yield* ask(() => tasks.cancel({ trees: [1] }, request))
        const one = yield* ask(() => tasks.cancel({ tasks: [3] }, request))
        for (const name of ["p", "child", "job 1", "job 2"]) yield* until(name, "cancelled")
        const again = yield* ask(() => tasks.cancel({ tasks: [3] }, request))
        const found = yield* ask(() => tasks.find({ names: ["job 1"] }))
        return { unlabelled, labelled, below, one, again, row: found.tasks[0]! }
      })
    )

    assert.deepStrictEqual(
      [told.unlabelled, told.labelled, told.below, told.one, told.again],
      [
        [],
        [{ number: 4, name: "job 2" }],
        [
          { number: 1, name: "p" },
          { number: 2, name: "child" }
        ],
        [{ number: 3, name: "job 1" }],
        []
      ]
    )
    const { askedAt, kind, reason, requestedBy } = told.row.cancellation!
    assert.deepStrictEqual([kind, reason], ["disconnect", "enough"])
    assert.match(requestedBy, /^me at .+:\d+#/)
    assert.isTrue(askedAt! >= told.row.createdAt && askedAt! <= told.row.endedAt!)
  })

  it("numbers what an older version has left in its file", async () => {
    const file = join(folder, "older.sqlite")
    const database = new DatabaseSync(file)
    const older = Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const loader = Migrator.fromRecord({ "0001_create_tables": createTables })
      yield* Migrator.make({})({ loader, table: "asyncio_migrations" })
      for (const name of ["a", "b"]) {
        yield* sql`
          INSERT INTO asyncio_tasks
            (name, definition, state, labels, payload, attempt, created_at, client, cancel_requests)
          VALUES (${name}, 'job', 'waiting', '{}', 'null', 0, 1000, 'vm:1#a', 0)`
      }
    })
    await Effect.runPromise(Effect.provide(older, sqliteClient(database)))
    database.close()
    const { tasks } = await run((looked) => ask(() => looked.alive()), file)

    assert.deepStrictEqual(
      tasks.map(({ name, number }) => [name, number]),
      [
        ["a", 1],
        ["b", 2]
      ]
    )
  })

  it.each([
    ["that is not there", undefined, "NoClusterError", /^there is no file of a cluster there$/],
    ["without its tables", "", "NoClusterError", /^the database has no tables of a cluster: /],
    ["that is no database", "text of some length, and no database", "FileError", /cannot be opened: /]
  ])("is not looked for in a file %s", async (_, text, tag, message) => {
    const file = join(folder, `${text?.length ?? "no"}.sqlite`)
    if (text !== undefined) writeFileSync(file, text)
    const error: unknown = await lookInto(file).catch((reason: unknown) => reason)
    const { message: told, _tag } = error as NoClusterError | cluster.FileError

    assert.strictEqual(_tag, tag)
    assert.match(told, message)
  })

  it("is looked into by its address alone, which gives what ends that", () => {
    expectTypeOf(lookInto).toEqualTypeOf<(address: string) => Promise<() => Promise<void>>>()
  })

  it("is known by its file, and one in memory by nothing that another has", async () => {
    const place = ({ id, name }: lowlevel.TasksElsewhere) => Effect.succeed([name, id])
    const file = join(folder, "tasks.sqlite")
    const [first, second] = [await run(place, file), await run(place, file)]
    const [inMemory, alsoInMemory] = [await run(place), await run(place)]

    assert.deepStrictEqual(first, second)
    assert.deepStrictEqual([first[0], inMemory[0]], ["cluster:tasks.sqlite", "cluster:memory"])
    assert.notStrictEqual(inMemory[1], alsoInMemory[1])
  })
})
