import * as cluster from "@effect-asyncio/cluster/compat"
import * as asyncio from "@effect-asyncio/compat"
import * as Schema from "effect/Schema"
import { assert, describe, it } from "vitest"

class TooLarge extends Schema.TaggedError<TooLarge>()("TooLarge", { size: Schema.Number }) {}

const double = cluster.task("double", { payload: Schema.Number, success: Schema.Number, error: TooLarge })
const doubleWorker = double.worker(async (n) => {
  await asyncio.sleep(1)
  if (n > 100) throw new TooLarge({ size: n })
  if (n < 0) throw new RangeError("below zero")
  return 2 * n
})

const parent = cluster.task("parent", { success: Schema.Array(Schema.String), progress: Schema.String })
const parentWorker = parent.worker(async () => {
  const attempt = cluster.currentAttempt()
  await cluster.reportProgress("half")
  const child = cluster.createTask(double, 21)
  return [asyncio.currentTask()!.getName(), String(attempt?.attempt), String(await child)]
})

const started: Array<string> = []
const sleeper = cluster.task("sleeper")
const sleeperWorker = sleeper.worker(async () => {
  started.push(asyncio.currentTask()!.getName())
  await asyncio.sleep("1 hour")
})

const keeper = cluster.task("keeper")
const keeperWorker = keeper.worker(async () => {
  cluster.createTask(sleeper, undefined, { name: "child" })
  while (!started.includes("child")) await asyncio.sleep(5)
  await asyncio.sleep("1 hour")
})

const live = cluster.embedded({ workers: [doubleWorker, parentWorker, sleeperWorker, keeperWorker], drain: 0 })
const run = <A>(body: () => Promise<A>) => asyncio.run(() => cluster.open(live, body))

const rejection = (promise: PromiseLike<unknown>) =>
  Promise.resolve(promise).then(
    () => undefined,
    (error: unknown) => error
  )

describe("a task of an embedded cluster, for async functions", () => {
  it("fails with what a failure was caused by, and what it is made of, as text", async () => {
    const inner = new RangeError("the disk is full")
    const broken = cluster.task("broken", { payload: Schema.Number })
    const worker = broken.worker((depth) => {
      if (depth === 0) throw new AggregateError([new Error("first"), "second"], "both", { cause: inner })
      const ring = new Error("ring")
      ring.cause = ring
      throw ring
    })
    const [both, ring] = await asyncio.run(() =>
      cluster.open(cluster.embedded({ workers: [worker], drain: 0 }), async () => [
        (await rejection(cluster.createTask(broken, 0))) as Error,
        (await rejection(cluster.createTask(broken, 1))) as Error
      ])
    )

    const told = both.stack!.split("\n").filter((line) => !line.startsWith("    at "))
    assert.deepStrictEqual(told, [
      "AggregateError: both",
      "[cause]: RangeError: the disk is full",
      "[errors 0]: Error: first",
      "[errors 1]: second"
    ])
    assert.include(ring.stack, "Error: ring")
  })

  it("reports to who looks before it is written down", async () => {
    const reports = await run(async () => {
      const reports: Array<string> = []
      for await (const report of cluster.createTask(parent, undefined).progress) reports.push(report)
      return reports
    })

    assert.deepStrictEqual(reports, ["half"])
  })

  it("has its reports end with the cluster, and nothing is asked for ever", async () => {
    const [ended, error] = await asyncio.run(async () => {
      let reading: Promise<string> | undefined
      let asking: asyncio.Task<void> | undefined
      await cluster.open(live, async () => {
        const task = cluster.createTask(sleeper, undefined, { name: "reported on" })
        await task.submitted
        reading = (async () => {
          for await (const report of task.progress) assert.fail(String(report))
          return "ended"
        })()
        asking = asyncio.createTask(async () => {
          for (;;) {
            await asyncio.sleep(5)
            await cluster.cancel("nobody")
          }
        })
        await asyncio.sleep(150)
      })
      return [await reading, await rejection(asking!)]
    })

    assert.strictEqual(ended, "ended")
    assert.match(String(error), /^RuntimeError: the cluster is closed/)
  })

  it("has no reports where it cannot be created", async () => {
    const reports = await run(async () => {
      await cluster.submit(double, 1, { name: "taken" })
      const task = cluster.createTask(parent, undefined, { name: "taken" })
      const reports: Array<string> = []
      for await (const report of task.progress) reports.push(report)
      return [reports, ((await rejection(task)) as Error).name]
    })

    assert.deepStrictEqual(reports, [[], "TaskExistsError"])
  })

  it("is not what another one of its name is, which ends while it is created", async () => {
    const errors = await run(async () => {
      await cluster.submit(double, 1, { name: "of double" })
      const other = cluster.createTask(parent, undefined, { name: "of double" })
      await cluster.submit(double, 2, { name: "there" })
      const taken = cluster.createTask(double, 3, { name: "there", ifExists: "fail" })
      return [await rejection(other), await rejection(taken)].map((error) => (error as Error | undefined)?.name)
    })

    assert.deepStrictEqual(errors, ["TaskExistsError", "TaskExistsError"])
  })

  it("creates others, reports, and knows its attempt", async () => {
    const [value, reports] = await run(async () => {
      const task = cluster.createTask(parent, undefined, { name: "parent" })
      await task.submitted
      const reports: Array<string> = []
      for await (const report of task.progress) reports.push(report)
      return [await task, reports] as const
    })

    assert.deepStrictEqual(value, ["parent", "1", "42"])
    assert.deepStrictEqual(reports, ["half"])
  })

  it("rejects with its typed error, and with any other as text", async () => {
    const errors = await run(async () => [
      await rejection(cluster.createTask(double, 101)),
      await rejection(cluster.createTask(double, -1))
    ])

    assert.instanceOf(errors[0], TooLarge)
    assert.instanceOf(errors[1], cluster.RemoteDefect)
    assert.strictEqual(String(errors[1]), "RangeError: below zero")
    assert.include((errors[1] as Error).stack, "compat.test.ts")
  })

  it("is cancelled with what it has created on other workers", async () => {
    const states = await run(async () => {
      const task = cluster.createTask(keeper, undefined, { name: "keeper" })
      while (!started.includes("child")) await asyncio.sleep(5)
      task.cancel("stop")
      await asyncio.wait([task])
      return [(await cluster.findTask("keeper"))?.state, (await cluster.findTask("child"))?.state]
    })

    assert.deepStrictEqual(states, ["cancelled", "cancelled"])
  })

  it("is refused when it cannot be", async () => {
    const errors = await run(async () => {
      await cluster.submit(double, 1, { name: "taken" })
      const taken = cluster.createTask(double, 1, { name: "taken", ifExists: "fail" })
      const errors = [await rejection(taken), await rejection(taken.submitted)]
      for (const create of [
        () => cluster.createTask(double, "1" as never),
        () => cluster.createTask(double, 1, { name: "x".repeat(201) })
      ]) {
        try {
          create()
        } catch (error) {
          errors.push(error)
        }
      }
      return errors.map((error) => (error as Error).name)
    })

    assert.deepStrictEqual(errors, ["TaskExistsError", "TaskExistsError", "PayloadError", "ValueError"])
  })

  it("needs a cluster", async () => {
    const error = await rejection(asyncio.run(async () => cluster.createTask(double, 1)))

    assert.include(String(error), "createTask() needs a cluster, and there is none")
  })
})
