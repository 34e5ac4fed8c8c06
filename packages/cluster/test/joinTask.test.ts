import * as cluster from "@effect-asyncio/cluster"
import * as promises from "@effect-asyncio/cluster/compat"
import * as compat from "@effect-asyncio/compat"
import * as asyncio from "@effect-asyncio/core"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { assert, describe, it } from "vitest"

class TooLarge extends Schema.TaggedError<TooLarge>()("TooLarge", { size: Schema.Number }) {}

const double = cluster.task("double", { payload: Schema.Number, success: Schema.Number, error: TooLarge })
const doubleWorker = double.worker((n) =>
  n > 100 ? Effect.fail(new TooLarge({ size: n })) : asyncio.sleep("1 milli", 2 * n)
)
const sleeper = cluster.task("sleeper")
const sleeperWorker = sleeper.worker(() => asyncio.sleep("1 hour"))

const live = cluster.embedded({ workers: [doubleWorker, sleeperWorker], drain: 0 })
const run = <A, E>(program: Effect.Effect<A, E, cluster.Cluster>) => asyncio.run(Effect.provide(program, live))

const stateOf = (name: string) => Effect.map(cluster.findTask(name), (info) => info?.state)
const untilRunning = (name: string) =>
  Effect.repeat(Effect.andThen(asyncio.sleep(5), stateOf(name)), { until: (state) => state === "running" })

describe("a task that is joined by its name", () => {
  it("ends as the other does, and as the other has", async () => {
    const main = Effect.gen(function* () {
      yield* cluster.submit(double, 21, { name: "good" })
      yield* cluster.submit(double, 101, { name: "bad" })
      const good = yield* Effect.flatten(cluster.joinTask(double, "good"))
      const bad = yield* Effect.flatMap(cluster.joinTask(double, "bad"), Effect.flip)
      const again = yield* Effect.flatten(cluster.joinTask(double, "good"))
      return [good, bad._tag, again]
    })

    assert.deepStrictEqual(await run(main), [42, "TooLarge", 42])
  })

  it("lets the other go on when it is cancelled, and is told when that is", async () => {
    const main = Effect.gen(function* () {
      yield* cluster.submit(sleeper, undefined, { name: "long" })
      yield* untilRunning("long")
      const left = yield* cluster.joinTask(sleeper, "long")
      const stays = yield* cluster.joinTask(sleeper, "long")
      yield* left.cancel("looked enough")
      const own = yield* Effect.flip(left)
      const between = yield* stateOf("long")
      yield* cluster.cancel("long", "stop")
      const told = yield* Effect.flip(stays)
      return [own._tag === "CancelledError" && own.reason, between, told._tag === "CancelledError" ? told.reason : told]
    })

    assert.deepStrictEqual(await run(main), ["looked enough", "running", "stop"])
  })

  it("leaves the other alone at the end of the cluster", async () => {
    const states: Array<string | undefined> = []
    const main = Effect.gen(function* () {
      yield* cluster.submit(sleeper, undefined, { name: "long" })
      yield* untilRunning("long")
      const task = yield* cluster.joinTask(sleeper, "long")
      task.addDoneCallbackUnsafe(() => void states.push(task.cancelled() ? "let go" : "ended"))
    })

    await run(main)

    assert.deepStrictEqual(states, ["let go"])
  })

  it("is not there where the other is not, or is of another definition", async () => {
    const main = Effect.gen(function* () {
      yield* cluster.submit(double, 21, { name: "here" })
      const errors = [
        yield* Effect.flip(cluster.joinTask(double, "nobody")),
        yield* Effect.flip(cluster.joinTask(sleeper, "here"))
      ]
      return errors.map((error) => error.message)
    })

    assert.deepStrictEqual(await run(main), [
      'there is no task of the name "nobody" and the definition "double", or none any more',
      'there is no task of the name "here" and the definition "sleeper", or none any more'
    ])
  })
})

describe("a task that is joined by its name, for async functions", () => {
  const half = promises.task("half", { payload: Schema.Number, success: Schema.Number, progress: Schema.String })
  const worker = half.worker(async (n) => {
    await promises.reportProgress("halving")
    if (n % 2 !== 0) throw new RangeError("odd")
    return n / 2
  })
  const runIn = <A>(body: () => Promise<A>) =>
    compat.run(() => promises.open(promises.embedded({ workers: [worker], drain: 0 }), body))

  it("ends as the other has, tells what that has reported, and rejects where there is none", async () => {
    const seen = await runIn(async () => {
      await promises.submit(half, 42, { name: "whole" })
      const task = promises.joinTask(half, "whole")
      const result = await task
      const reports: Array<string> = []
      for await (const report of task.progress) reports.push(report)
      const error = await promises.joinTask(half, "nobody").then(
        () => undefined,
        (error: unknown) => (error as Error).name
      )
      return [result, reports, error]
    })

    assert.deepStrictEqual(seen, [21, ["halving"], "NoSuchTaskError"])
  })

  it("fails without a report where nobody looks at it", async () => {
    const reported: Array<unknown> = []
    await runIn(async () => {
      compat.getRunningLoop().setExceptionHandler((_, context) => reported.push(context.message))
      await promises.submit(half, 3, { name: "odd" })
      await compat.wait([promises.joinTask(half, "odd")])
    })

    assert.deepStrictEqual(reported, [])
  })
})
