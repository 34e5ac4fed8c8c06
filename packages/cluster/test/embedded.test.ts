import * as cluster from "@effect-asyncio/cluster"
import * as asyncio from "@effect-asyncio/core"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { assert, describe, it } from "vitest"

class TooLarge extends Schema.TaggedError<TooLarge>()("TooLarge", { size: Schema.Number }) {}

const double = cluster.task("double", { payload: Schema.Number, success: Schema.Number, error: TooLarge })
const doubleWorker = double.worker((n) =>
  n > 100 ? Effect.fail(new TooLarge({ size: n })) : asyncio.sleep("1 milli", 2 * n)
)

const seen: Array<string> = []
const sleeper = cluster.task("sleeper", { payload: Schema.String, success: Schema.String, progress: Schema.Number })
const sleeperWorker = sleeper.worker(
  Effect.fn("sleeper")(function* (how) {
    const attempt = yield* cluster.currentAttempt
    seen.push(`${(yield* asyncio.currentTask).getName()} begins, attempt ${attempt?.attempt}`)
    yield* cluster.reportProgress(0.5)
    return yield* asyncio.sleep("1 hour", "slept").pipe(
      asyncio.catchCancelled((error) => {
        seen.push(`${error.kind}: ${error.reason}`)
        return how === "stubborn" ? Effect.succeed("would not stop") : Effect.fail(error)
      })
    )
  }),
  { concurrency: 2 }
)

const live = cluster.embedded({ workers: [doubleWorker, sleeperWorker], drain: 0 })

const run = <A, E>(program: Effect.Effect<A, E, cluster.Cluster>) => {
  seen.length = 0
  return asyncio.run(Effect.provide(program, live))
}

const untilRunning = (name: string) =>
  Effect.repeat(Effect.andThen(asyncio.sleep(5), cluster.findTask(name)), {
    until: (info) => info?.state === "running"
  })

describe("a task of an embedded cluster", () => {
  it("gives what its worker gives, in gathers", async () => {
    const main = Effect.gen(function* () {
      const tasks = yield* Effect.forEach([1, 2, 3], (n) => cluster.createTask(double, n))
      return yield* asyncio.gather(tasks)
    })

    assert.deepStrictEqual(await run(main), [2, 4, 6])
  })

  it("fails with the typed error of its definition", async () => {
    const main = Effect.gen(function* () {
      const task = yield* cluster.createTask(double, 101)
      return yield* Effect.flip(task)
    })

    const error = await run(main)

    assert.instanceOf(error, TooLarge)
    assert.strictEqual(error.size, 101)
  })

  it("is cancelled where it runs, with kind, reason and asker, and ends when that has stopped", async () => {
    const main = Effect.gen(function* () {
      const task = yield* cluster.createTask(sleeper, "", { name: "one", labels: { user: 17 } })
      yield* untilRunning("one")
      const repr = String(task)
      yield* task.cancel("not needed", { kind: "disconnect" })
      const error = yield* Effect.flip(task)
      return { repr, error, done: [...seen], info: yield* cluster.findTask("one") }
    })

    const { done, error, info, repr } = await run(main)

    assert.match(repr, /^<Task pending name='one' coro=<sleeper\(\) running at .+:\d+#/)
    assert.instanceOf(error, asyncio.CancelledError)
    assert.strictEqual(error.kind, "disconnect")
    assert.deepStrictEqual(done, ["one begins, attempt 1", "disconnect: not needed"])
    assert.strictEqual(info?.state, "cancelled")
    assert.match(info?.cancellation?.requestedBy ?? "", /^Task-\d+ at /)
    assert.deepStrictEqual(info?.labels, { user: 17 })
  })

  it("may catch a cancellation and go on", async () => {
    const main = Effect.gen(function* () {
      const task = yield* cluster.createTask(sleeper, "stubborn", { name: "two" })
      yield* untilRunning("two")
      yield* task.cancel("please")
      return yield* task
    })

    assert.strictEqual(await run(main), "would not stop")
  })

  it("never begins when it is cancelled before", async () => {
    const main = Effect.gen(function* () {
      const running = yield* Effect.forEach(["a", "b"], (name) => cluster.createTask(sleeper, "", { name }))
      yield* untilRunning("a")
      yield* untilRunning("b")
      const third = yield* cluster.createTask(sleeper, "", { name: "c" })
      yield* asyncio.sleep(20)
      yield* third.cancel("changed my mind")
      const error = yield* Effect.flip(third)
      yield* Effect.forEach(running, (task) => task.cancel())
      yield* asyncio.wait(running)
      return { reason: (error as asyncio.CancelledError).reason, seen: [...seen] }
    })

    const { reason, seen: all } = await run(main)

    assert.strictEqual(reason, "changed my mind")
    assert.notInclude(all, "c begins, attempt 1")
  })

  it("is under a timeout like any other", async () => {
    const main = Effect.gen(function* () {
      const task = yield* cluster.createTask(sleeper, "", { name: "three" })
      yield* untilRunning("three")
      const error = yield* Effect.flip(asyncio.waitFor(task, 20))
      return [error._tag, (yield* cluster.findTask("three"))?.state]
    })

    assert.deepStrictEqual(await run(main), ["TimeoutError", "cancelled"])
  })

  it("is joined by its name, also after it has ended", async () => {
    const main = Effect.gen(function* () {
      const first = yield* cluster.createTask(double, 4, { name: "four" })
      const second = yield* cluster.createTask(double, 5, { name: "four" })
      const both = yield* asyncio.gather([first, second])
      const third = yield* cluster.createTask(double, 6, { name: "four" })
      const refused = yield* Effect.flip(cluster.createTask(double, 4, { name: "four", ifExists: "fail" }))
      const other = yield* Effect.flip(cluster.createTask(sleeper, "", { name: "four" }))
      return [...both, yield* third, refused._tag, other._tag]
    })

    assert.deepStrictEqual(await run(main), [8, 8, 8, "TaskExistsError", "TaskExistsError"])
  })

  it("is seen in lists, and cancelled by its name", async () => {
    const main = Effect.gen(function* () {
      yield* cluster.submit(sleeper, "", { name: "user 1", labels: { user: 1, 'a.b"c': true } })
      yield* cluster.submit(sleeper, "", { name: "user 2", labels: { user: 2 } })
      yield* untilRunning("user 1")
      yield* untilRunning("user 2")
      const named = (query: cluster.TaskQuery) =>
        Effect.map(cluster.allTasks(query), ({ tasks }) => tasks.map((task) => task.name))
      const found = [
        yield* named({ labels: { user: 1 } }),
        yield* named({ labels: { 'a.b"c': true } }),
        yield* named({ name: "user *" }),
        yield* named({ state: "waiting" })
      ]
      const page = yield* cluster.allTasks({ limit: 1 })
      const next = yield* cluster.allTasks({ limit: 1, after: page.next })
      const [count] = (yield* cluster.counts).filter(({ definition }) => definition === "sleeper")
      const ended = yield* cluster.cancelAndWait("user 1", "by name")
      const unknown = yield* cluster.cancel("nobody")
      yield* cluster.cancelAndWait("user 2")
      return {
        found,
        pages: [page, next].map(({ next, tasks }) => [tasks[0]?.name, next !== undefined]),
        count,
        ended,
        unknown
      }
    })

    const { count, ended, found, pages, unknown } = await run(main)

    assert.deepStrictEqual(found, [["user 1"], ["user 1"], ["user 1", "user 2"], []])
    assert.deepStrictEqual(pages, [
      ["user 1", true],
      ["user 2", false]
    ])
    assert.strictEqual(count?.running, 2)
    assert.strictEqual(count?.workers[0]?.concurrency, 2)
    assert.strictEqual(ended, "cancelled")
    assert.isFalse(unknown)
  })

  it("tells its progress until it has ended", async () => {
    const main = Effect.gen(function* () {
      const task = yield* cluster.createTask(sleeper, "", { name: "progress" })
      const reported: Array<number> = []
      const reading = yield* asyncio.createTask(
        Stream.runForEach(task.progress, (report) => Effect.sync(() => void reported.push(report)))
      )
      while (reported.length === 0) yield* asyncio.sleep(5)
      yield* task.cancel()
      yield* asyncio.wait([task])
      yield* reading
      return reported
    })

    assert.deepStrictEqual(await run(main), [0.5])
  })

  it("fails where no worker begins it in time", async () => {
    const unserved = cluster.task("unserved")
    const main = Effect.gen(function* () {
      const task = yield* cluster.createTask(unserved, undefined, { startWithin: 30 })
      return yield* Effect.flip(task)
    })

    const error = await run(main)

    assert.instanceOf(error, cluster.NotStartedError)
    assert.isFalse(error.served)
  })
})

it("a cluster within another one has an engine of its own", async () => {
  const inner = cluster.embedded({ workers: [doubleWorker], drain: 0 })
  const doubled = Effect.flatten(cluster.createTask(double, 21, { name: "the same" }))
  const program = Effect.gen(function* () {
    const within = yield* Effect.provide(asyncio.timeout("5 seconds", doubled), inner)
    return [within, (yield* cluster.allTasks()).tasks.length]
  })

  assert.deepStrictEqual(
    await asyncio.run(Effect.provide(program, cluster.embedded({ definitions: [double] }))),
    [42, 0]
  )
})
