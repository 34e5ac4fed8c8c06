import * as cluster from "@effect-asyncio/cluster"
import { postgres } from "@effect-asyncio/cluster/postgres"
import * as asyncio from "@effect-asyncio/core"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { once } from "node:events"
import { type AddressInfo, createServer } from "node:net"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { Server, startPostgres, type Started } from "../../tools/servers/servers.ts"
import type { ClusterImpl } from "../src/internal/cluster.ts"
import { purge } from "../src/internal/purge.ts"

let database: Started
beforeAll(async () => void (database = await startPostgres()), 120_000)
afterAll(async () => {
  if (database instanceof Server) await database.stop()
})

const double = cluster.task("double", { payload: Schema.Number, success: Schema.Number, retention: 0 })
const sleeper = cluster.task("sleeper", { progress: Schema.String })
const stubborn = cluster.task("stubborn")
const workers = [
  double.worker((n) => Effect.succeed(2 * n)),
  sleeper.worker(() => Effect.andThen(cluster.reportProgress("asleep"), asyncio.sleep("1 hour"))),
  // Goes on until nobody asks it to stop any more.
  stubborn.worker(
    Effect.fn("stubborn")(function* () {
      const task = yield* asyncio.currentTask
      yield* asyncio.catchCancelled(asyncio.sleep("1 hour"), () => Effect.succeed(undefined))
      while (task.cancelling() > 0) yield* asyncio.sleep(5)
    })
  )
]

const definitions = [double, sleeper, stubborn]

/** Runs a client in a cluster that has one worker; both have layers of their own. */
const run = async <A, E>(client: Effect.Effect<A, E, cluster.Cluster>): Promise<A> => {
  const { url } = database as Server
  const worker = Layer.build(postgres({ url, workers, drain: 0 }))
  const both = Effect.andThen(worker, Effect.provide(client, postgres({ url, definitions })))
  return asyncio.run(Effect.scoped(both))
}

const until = (name: string, state: cluster.TaskState) =>
  Effect.repeat(Effect.andThen(asyncio.sleep(20), cluster.findTask(name)), { until: (info) => info?.state === state })

describe("a cluster on PostgreSQL", () => {
  it("gives results, lists by labels, cancels in the name of who asks, and tells progress", async ({ skip }) => {
    if (typeof database === "string") skip(database)
    const client = Effect.gen(function* () {
      const doubled = yield* Effect.flatten(cluster.createTask(double, 21))
      const task = yield* cluster.createTask(sleeper, undefined, { name: "long", labels: { user: 17, "a b": true } })
      yield* until("long", "running")
      const [report] = yield* Stream.runCollect(Stream.take(task.progress, 1))
      const found = yield* cluster.allTasks({ labels: { user: 17, "a b": true }, name: "lo*", state: "running" })
      const joined = yield* cluster.createTask(sleeper, undefined, { name: "long" })
      yield* task.cancel("enough", { kind: "disconnect" })
      const error = yield* Effect.flip(joined)
      const info = yield* cluster.findTask("long")
      return {
        doubled,
        report,
        names: found.tasks.map(({ name }) => name),
        error: error instanceof asyncio.CancelledError ? [error.kind, error.reason] : error,
        state: info?.state,
        askerIsClient: info?.cancellation?.requestedBy.endsWith(info.client),
        elsewhere: info?.runner !== info?.client
      }
    })

    assert.deepStrictEqual(await run(client), {
      doubled: 42,
      report: "asleep",
      names: ["long"],
      error: ["disconnect", "enough"],
      state: "cancelled",
      askerIsClient: true,
      elsewhere: true
    })
  })

  it("withdraws a request from the process that has got it", async ({ skip }) => {
    if (typeof database === "string") skip(database)
    const client = Effect.gen(function* () {
      const task = yield* cluster.createTask(stubborn, undefined, { name: "stubborn" })
      yield* until("stubborn", "running")
      yield* Effect.andThen(task.cancel("please"), asyncio.sleep(50))
      yield* task.uncancel()
      yield* task
      const info = yield* cluster.findTask("stubborn")
      return [info?.state, info?.cancelling, info?.cancellation]
    })

    assert.deepStrictEqual(await run(client), ["succeeded", 0, undefined])
  })

  it("ends what waits for a worker, and deletes what has been kept for long enough", async ({ skip }) => {
    if (typeof database === "string") skip(database)
    const unserved = cluster.task("unserved", { retention: 0 })
    const client = Effect.gen(function* () {
      const task = yield* cluster.createTask(unserved, undefined, { name: "never" })
      yield* Effect.flatten(cluster.createTask(double, 1, { name: "kept" }))
      yield* task.cancel()
      const error = yield* Effect.flip(task)
      const late = yield* cluster.submit(unserved, undefined, { startWithin: 20.5 })
      const ended = Effect.map(cluster.findTask(late), (info) => info === undefined)
      yield* Effect.repeat(Effect.andThen(asyncio.sleep(20), ended), { until: Boolean })
      const gone = Effect.map(cluster.allTasks({ definition: "double" }), ({ tasks }) => tasks.length)
      yield* Effect.repeat(Effect.andThen(asyncio.sleep(100), gone), { until: (n) => n === 0 })
      const { impl } = (yield* cluster.Cluster) as { readonly impl: ClusterImpl }
      return [error._tag, yield* impl.engine.requestOf({ definition: "double", name: "kept" }), yield* cluster.troubles]
    })

    assert.deepStrictEqual(await run(client), ["CancelledError", undefined, []])
  })
})

it("one connection is enough for a worker, which has another for its locks, and for a client", async ({ skip }) => {
  if (typeof database === "string") skip(database)
  const { url } = database as Server
  const worker = Layer.build(postgres({ url, workers, drain: 0, maxConnections: 1 }))
  const unserved = cluster.task("unserved", { retention: 0 })
  const client = Effect.gen(function* () {
    const tasks = yield* Effect.forEach([1, 2, 3, 4], (n) => cluster.createTask(double, n, { name: `narrow ${n}` }))
    const doubled = yield* asyncio.gather(tasks)
    const never = yield* cluster.createTask(unserved, undefined, { name: "narrow 5" })
    yield* never.cancel()
    yield* Effect.flip(never)
    const left = Effect.map(cluster.allTasks({ name: "narrow *" }), (page) => page.tasks.length)
    yield* Effect.repeat(Effect.andThen(asyncio.sleep(100), left), { until: (n) => n === 0 })
    return doubled
  })
  const both = Effect.andThen(worker, Effect.provide(client, postgres({ url, definitions, maxConnections: 1 })))

  assert.deepStrictEqual(await asyncio.run(asyncio.timeout("50 seconds", Effect.scoped(both))), [2, 4, 6, 8])
})

it("a worker that ends its tasks is there until it has ended them", async ({ skip }) => {
  if (typeof database === "string") skip(database)
  const { url } = database as Server
  const patient = cluster.task("patient", { success: Schema.String })
  const ofPatient = patient.worker(() => asyncio.sleep("8 seconds", "ended in time"))
  const worker = Effect.scoped(
    Effect.andThen(
      Layer.build(postgres({ url, workers: [ofPatient], drain: "15 seconds" })),
      until("patient", "running")
    )
  )
  const client = Effect.gen(function* () {
    const task = yield* cluster.createTask(patient, undefined, { name: "patient" })
    const closed = yield* asyncio.createTask(worker)
    yield* until("patient", "running")
    // Longer than a worker may say nothing.
    yield* asyncio.sleep("6.5 seconds")
    const info = yield* cluster.findTask("patient")
    const counts = (yield* cluster.counts).find(({ definition }) => definition === "patient")
    const result = yield* task
    yield* closed
    const workersAfter = (yield* cluster.counts).find(({ definition }) => definition === "patient")?.workers.length
    const held = counts?.workers.map((each) => [each.held.length, each.running, each.concurrency])
    return [info?.state, held, result, workersAfter]
  })

  const seen = await asyncio.run(Effect.provide(client, postgres({ url, definitions: [patient] })))

  assert.deepStrictEqual(seen, ["running", [[1, 1, 1]], "ended in time", 0])
})

it("what is not kept is there until those who wait are told", async ({ skip }) => {
  if (typeof database === "string") skip(database)
  const client = Effect.gen(function* () {
    const { impl } = (yield* cluster.Cluster) as { readonly impl: ClusterImpl }
    yield* Effect.flatten(cluster.createTask(double, 1, { name: "brief" }))
    // What any process does each second. The engine looks for answers several times in a second, where it is not told of them.
    yield* purge(impl)
    return (yield* cluster.findTask("brief"))?.state
  })

  assert.strictEqual(await run(client), "succeeded")
})

it("who waits for a task that is not there any more is told that", async ({ skip }) => {
  if (typeof database === "string") skip(database)
  const { url } = database as Server
  const lost = cluster.task("lost")
  const client = Effect.gen(function* () {
    const { impl } = (yield* cluster.Cluster) as { readonly impl: ClusterImpl }
    const task = yield* cluster.createTask(lost, undefined, { name: "lost 1" })
    yield* impl.store.sql`DELETE FROM asyncio_tasks WHERE name = 'lost 1'`
    return yield* Effect.exit(asyncio.timeout("10 seconds", task))
  })

  const exit = await asyncio.run(Effect.provide(client, postgres({ url, definitions: [lost] })))

  assert.include(String(Exit.isFailure(exit) && Cause.squash(exit.cause)), 'the result of "lost 1" was not kept')
})

it("a cluster takes times that no database counts, and says that it is closed when it is", async ({ skip }) => {
  if (typeof database === "string") skip(database)
  const { url } = database as Server
  const client = Effect.gen(function* () {
    const results = yield* Effect.forEach([1e300, -1e300], (retention) =>
      Effect.flatten(cluster.createTask(double, 21, { retention, startWithin: 1e300 }))
    )
    return [results, yield* cluster.Cluster] as const
  })
  const main = Effect.gen(function* () {
    const [results, kept] = yield* Effect.provide(client, postgres({ url, workers, drain: 0, patience: 1e300 }))
    const questions: ReadonlyArray<Effect.Effect<unknown, unknown, cluster.Cluster>> = [
      cluster.submit(double, 1),
      cluster.counts
    ]
    const late = yield* Effect.forEach(questions, (question) =>
      Effect.catchDefect(question, (defect) => Effect.succeed(String(defect)))
    ).pipe(Effect.provideService(cluster.Cluster, kept))
    return { results, late }
  })

  const closed = "RuntimeError: the cluster is closed, so that nobody can be asked any more"
  assert.deepStrictEqual(await asyncio.run(main), { results: [42, 42], late: [closed, closed] })
})

it("a worker says that it has stood still for longer than its expiry", async ({ skip }) => {
  if (typeof database === "string") skip(database)
  const { url } = database as Server
  const warnings: Array<string> = []
  const logger = Logger.make<unknown, void>(({ message }) => void warnings.push(String(message)))
  const main = asyncio.sleep(100).pipe(
    Effect.andThen(
      Effect.sync(() => {
        const end = performance.now() + 2200
        while (performance.now() < end);
      })
    ),
    Effect.andThen(asyncio.sleep("1.5 seconds"))
  )

  const layer = postgres({ url, workers, expiry: "2 seconds", drain: 0 })
  await asyncio.run(main.pipe(Effect.provide(layer), Effect.provide(Logger.layer([logger]))))

  const own = warnings.filter((message) => message.startsWith("cluster: "))
  assert.lengthOf(own, 1)
  assert.match(
    own[0]!,
    /^cluster: this worker stood still for \d+\.\d seconds, longer than its expiry of 2: others may have begun/
  )
})

it("a port that is taken is told as that", async ({ skip }) => {
  if (typeof database === "string") skip(database)
  const { url } = database as Server
  const taken = createServer().listen(0, "127.0.0.1")
  await once(taken, "listening")
  const { port } = taken.address() as AddressInfo

  const exit = await asyncio.run(Effect.exit(Effect.provide(cluster.counts, postgres({ url, workers, port }))))

  taken.close()
  const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
  assert.notInstanceOf(error, cluster.DatabaseError)
  assert.include(String(error), "RuntimeError: a worker cannot listen on its port: listen EADDRINUSE")
})

it("without its database there is no cluster", async () => {
  const layer = postgres({ url: "postgres://nobody@127.0.0.1:1/nothing", definitions })

  const error = await asyncio.run(Effect.flip(Effect.provide(cluster.counts, layer)))

  assert.instanceOf(error, cluster.DatabaseError)
  assert.strictEqual(error.message, "the database of the cluster did not answer: connect ECONNREFUSED 127.0.0.1:1")
})
