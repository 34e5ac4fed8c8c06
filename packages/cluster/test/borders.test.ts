import * as cluster from "@effect-asyncio/cluster"
import * as asyncio from "@effect-asyncio/core"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import { mkdtempSync, rmSync } from "node:fs"
import { execFileSync } from "node:child_process"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { afterAll, assert, describe, it } from "vitest"

const folder = mkdtempSync(join(tmpdir(), "cluster-"))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0
const newFile = () => join(folder, `${files++}.sqlite`)

const runIn = <A, E>(
  options: cluster.EmbeddedOptions<cluster.Cluster>,
  program: Effect.Effect<A, E, cluster.Cluster>
) => asyncio.run(Effect.provide(program, cluster.embedded({ drain: 0, ...options })))

describe("a task that has to begin in time", () => {
  const begun: Array<string> = []
  const late = cluster.task("late")
  const worker = late.worker(() => Effect.sync(() => void begun.push("late")))

  it("ends where nobody stands for it and no worker is there", async () => {
    const main = Effect.gen(function* () {
      yield* cluster.submit(late, undefined, { name: "late", startWithin: 20 })
      const ended = yield* Effect.repeat(Effect.andThen(asyncio.sleep(20), cluster.findTask("late")), {
        until: (info) => info?.endedAt !== undefined
      })
      const onlooker = yield* cluster.joinTask(late, "late")
      return { ended, error: yield* Effect.flip(onlooker) }
    })

    const { ended, error } = await runIn({}, main)

    assert.deepInclude(ended, { state: "cancelled", attempt: 0 })
    assert.deepInclude(ended?.cancellation, { kind: "timeout", reason: "it did not begin in time" })
    assert.instanceOf(error, cluster.NotStartedError)
    assert.deepInclude(error, { task: "late", definition: "late", served: false })
  })

  it("is not begun by a worker that comes too late, though its client is gone", async () => {
    const file = newFile()
    begun.length = 0
    await runIn({ file }, cluster.submit(late, undefined, { name: "late", startWithin: 20 }))
    await runIn({ file }, cluster.submit(late, undefined, { name: "in time", startWithin: "1 hour" }))
    await new Promise((resolve) => setTimeout(resolve, 20))

    const error = await runIn(
      { file, workers: [worker] },
      Effect.gen(function* () {
        yield* Effect.orDie(Effect.flatMap(cluster.joinTask(late, "in time"), (task) => task))
        return yield* Effect.flip(yield* cluster.joinTask(late, "late"))
      })
    )

    assert.instanceOf(error, cluster.NotStartedError)
    assert.deepStrictEqual(begun, ["late"])
  })

  it("may run for longer, and is begun again, once it has begun", async () => {
    const slow = cluster.task("slow", { success: Schema.Number })
    const attempts: Array<number> = []
    const slowWorker = slow.worker(() =>
      Effect.flatMap(cluster.currentAttempt, (attempt) => {
        attempts.push(attempt!.attempt)
        return attempt!.attempt === 1 ? asyncio.sleep("1 hour", 1) : Effect.succeed(2)
      })
    )
    const file = newFile()
    const options = { file, workers: [slowWorker] }
    const first = Effect.gen(function* () {
      yield* cluster.submit(slow, undefined, { name: "slow", startWithin: "1 second" })
      while (attempts.length === 0) yield* asyncio.sleep(5)
      yield* asyncio.sleep("1100 millis")
    })
    await runIn(options, first)

    const value = await runIn(
      options,
      Effect.flatMap(cluster.joinTask(slow, "slow"), (task) => task)
    )

    assert.strictEqual(value, 2)
    assert.deepStrictEqual(attempts, [1, 2])
  })
})

describe("a client and a worker that do not agree", () => {
  const old = cluster.task("mail", { payload: Schema.Struct({ to: Schema.String }), success: Schema.String })
  const now = cluster.task("mail", {
    payload: Schema.Struct({ to: Schema.String, subject: Schema.String }),
    success: Schema.String
  })
  const lenient = cluster.task("mail", {
    payload: Schema.Struct({ to: Schema.String, subject: Schema.optionalKey(Schema.String) }),
    success: Schema.String
  })

  it("end with a PayloadError where a new field is missing", async () => {
    const worker = now.worker(({ subject, to }) => Effect.succeed(`${to}: ${subject}`))

    const error = await runIn({ workers: [worker] }, Effect.flatMap(cluster.createTask(old, { to: "a" }), Effect.flip))

    assert.instanceOf(error, cluster.PayloadError)
    assert.strictEqual(error.where, "worker")
    assert.include(error.message, "subject")
  })

  it("understand each other where the new field may be missing", async () => {
    const worker = lenient.worker(({ subject = "none", to }) => Effect.succeed(`${to}: ${subject}`))

    const value = await runIn({ workers: [worker] }, Effect.flatten(cluster.createTask(old, { to: "a" })))

    assert.strictEqual(value, "a: none")
  })

  it("end with a defect where a schema throws instead of failing", async () => {
    const throws = SchemaGetter.transform<string, string>(() => {
      throw new Error("not today")
    })
    const broken = cluster.task("mail", {
      success: Schema.String.pipe(
        Schema.decodeTo(Schema.String, { decode: SchemaGetter.passthrough(), encode: throws })
      )
    })
    const main = Effect.gen(function* () {
      const task = yield* cluster.createTask(broken, undefined, { name: "thrown" })
      const exit = yield* Effect.exit(task)
      return [exit, yield* cluster.findTask("thrown")] as const
    })

    const [exit, info] = await runIn({ workers: [broken.worker(() => Effect.succeed("done"))] }, main)

    assert.include(String(Exit.isFailure(exit) ? Cause.squash(exit.cause) : exit), "not today")
    assert.strictEqual(info?.state, "failed")
  })

  it("end with a ResultError where the client cannot read the result", async () => {
    const other = cluster.task("mail", { payload: old.payload, success: Schema.Number })
    const worker = old.worker(({ to }) => Effect.succeed(to))

    const error = await runIn(
      { workers: [worker] },
      Effect.flatMap(cluster.createTask(other, { to: "a" }), Effect.flip)
    )

    assert.instanceOf(error, cluster.ResultError)
  })
})

describe("what is too large", () => {
  const echo = cluster.task("echo", { payload: Schema.Number, success: Schema.String, limit: 100_000 })
  const worker = echo.worker((n) => Effect.succeed("x".repeat(n)))

  it("is refused as a result, and told by another way than a small one", async () => {
    const main = Effect.gen(function* () {
      const large = yield* Effect.flatten(cluster.createTask(echo, 50_000))
      const error = yield* Effect.flatMap(cluster.createTask(echo, 100_000), Effect.flip)
      return [large.length, error._tag]
    })

    assert.deepStrictEqual(await runIn({ workers: [worker] }, main), [50_000, "ResultError"])
  })
})

describe("a file", () => {
  const slow = cluster.task("slow", { payload: Schema.Number, success: Schema.Number, retention: "1 second" })
  const ran: Array<number | undefined> = []
  const worker = slow.worker(
    Effect.fnUntraced(function* (n) {
      const attempt = yield* cluster.currentAttempt
      ran.push(attempt?.attempt)
      return yield* asyncio.sleep(n, n)
    })
  )

  it("keeps tasks for the next process, with those that were running", async () => {
    const file = newFile()
    const begin = Effect.gen(function* () {
      yield* cluster.submit(slow, 3_600_000, { name: "long" })
      yield* Effect.repeat(Effect.andThen(asyncio.sleep(5), cluster.findTask("long")), {
        until: (info) => info?.state === "running"
      })
    })
    await runIn({ file, workers: [worker] }, begin)
    const seen = await runIn({ file }, cluster.findTask("long"))

    const goOn = Effect.gen(function* () {
      yield* Effect.repeat(Effect.andThen(asyncio.sleep(5), cluster.findTask("long")), {
        until: (info) => info?.attempt === 2
      })
      return yield* cluster.cancelAndWait("long", "enough")
    })
    const end = await runIn({ file, workers: [worker] }, goOn)

    assert.deepInclude(seen, { state: "waiting", attempt: 1, served: false })
    assert.strictEqual(end, "cancelled")
    assert.deepStrictEqual(ran, [1, 2])
  })

  it("says nothing of the workers of a process that was killed, also where the clock was put back since", async () => {
    const file = newFile()
    await runIn({ file }, cluster.submit(slow, 1, { name: "left" }))
    const database = new DatabaseSync(file)
    const later = Date.now() + 3_600_000
    database.exec(`
      INSERT INTO asyncio_workers (runner, definition, concurrency, running, held, schemas, started_at, seen_at)
      VALUES ('killed', 'slow', 1, 1, 1, '', ${later}, ${later});
      UPDATE asyncio_tasks SET state = 'running', runner = 'killed', attempt = 1`)
    database.close()

    const [left, counts] = await runIn({ file }, Effect.all([cluster.findTask("left"), cluster.counts]))

    assert.deepInclude(left, { state: "waiting", attempt: 1, served: false })
    assert.deepStrictEqual(
      counts.map(({ workers }) => workers),
      [[]]
    )
  })

  it("belongs to one process", async () => {
    const file = newFile()
    const program = `
      import { DatabaseSync } from "node:sqlite"
      try { new DatabaseSync(${JSON.stringify(file)}).exec("BEGIN IMMEDIATE"); console.log("taken") }
      catch (error) { console.log(error.message) }`
    const other = () =>
      execFileSync(process.execPath, ["--no-warnings", "--input-type=module", "-e", program], {
        encoding: "utf8"
      }).trim()

    const locked = await runIn({ file }, Effect.sync(other))
    const second = await runIn({ file }, Effect.exit(Effect.provide(cluster.counts, cluster.embedded({ file }))))

    assert.strictEqual(locked, "database is locked")
    assert.include(Exit.isFailure(second) ? String(Cause.squash(second.cause)) : "", "belongs to another process")
    assert.strictEqual(other(), "taken")
  })

  it("forgets what has been kept for long enough, and the name is free again", async () => {
    const file = newFile()
    await runIn(
      { file, workers: [worker] },
      Effect.flatten(cluster.createTask(slow, 1, { name: "name", retention: 0 }))
    )
    const main = Effect.gen(function* () {
      yield* Effect.repeat(Effect.andThen(asyncio.sleep(50), cluster.findTask("name")), {
        until: (info) => info === undefined
      })
      return yield* Effect.flatten(cluster.createTask(slow, 2, { name: "name" }))
    })

    assert.strictEqual(await runIn({ file, workers: [worker] }, main), 2)
  })
})

describe("the worker of a task", () => {
  it("cancels it when the time of its definition is up", async () => {
    const short = cluster.task("short", { timeout: 20 })
    const worker = short.worker(() => asyncio.sleep("1 hour"))

    const error = await runIn({ workers: [worker] }, Effect.flatMap(cluster.createTask(short, undefined), Effect.flip))

    assert.instanceOf(error, asyncio.CancelledError)
    assert.strictEqual(error.kind, "timeout")
  })

  it("keeps a defect's message and stack", async () => {
    const broken = cluster.task("broken")
    const worker = broken.worker(() => Effect.die(new RangeError("off by one")))
    const main = Effect.flatMap(cluster.createTask(broken, undefined), Effect.exit)

    const exit = await runIn({ workers: [worker] }, main)

    const defect = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
    assert.instanceOf(defect, cluster.RemoteDefect)
    assert.strictEqual(String(defect), "RangeError: off by one")
    assert.include(defect.remoteStack, "borders.test.ts")
  })
})

it("a name of a definition is short and plain", () => {
  for (const name of ["", "a b", "default", "x".repeat(41)]) assert.throws(() => cluster.task(name), /name/)
})
