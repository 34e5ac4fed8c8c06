import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { Context, Effect, Metric } from "effect"
import type { Runnable } from "../../src/internal/data/readyQueue.ts"
import { Measuring } from "../../src/internal/task/measuring.ts"
import type { TaskImpl } from "../../src/internal/task/task.ts"
import type { TaskLoop } from "../../src/internal/task/taskLoop.ts"
import { run } from "../support.ts"

/** The state of each metric of ours, by its name and outcome. */
const states = Effect.map(Metric.snapshot, (all) =>
  Object.fromEntries(
    all
      .filter(({ id }) => id.startsWith("asyncio_"))
      .map(({ attributes, id, state }) => [
        [id.slice("asyncio_".length), attributes?.outcome].filter((word) => word !== undefined).join(" "),
        "value" in state ? state.value : "count" in state ? state.count : state
      ])
  )
)

const measured = <A, E>(body: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  body.pipe(Effect.provide(asyncio.taskMetrics), Effect.provideService(Metric.MetricRegistry, new Map()))

describe("taskMetrics", () => {
  it("counts tasks by their ends, requests to cancel, and steps", () =>
    run(
      measured(
        Effect.gen(function* () {
          const done = yield* asyncio.createTask(asyncio.sleep(1))
          const failing = yield* asyncio.createTask(Effect.fail("no"))
          const hung = yield* asyncio.createTask(asyncio.sleep("1 hour"))
          const left = yield* asyncio.createTask(asyncio.sleep("1 hour"))
          yield* done
          yield* Effect.exit(failing)
          yield* asyncio.cancelAndWait(hung)

          const { loop_lag_ms: lag, steps, ...rest } = yield* states

          assert.deepStrictEqual(rest, {
            tasks_alive: 2,
            tasks_started: 4,
            "tasks_ended finished": 1,
            "tasks_ended failed": 1,
            "tasks_ended cancelled": 1,
            cancel_requests: 1
          })
          assert.isAtLeast(Number(steps), 7)
          assert.isAtLeast(Number(lag), 1)
          yield* asyncio.cancelAndWait(left)
        })
      )
    ))

  it("counts an eager task once", () =>
    run(
      measured(
        Effect.gen(function* () {
          yield* yield* asyncio.createTask(asyncio.sleep(1), { eagerStart: true })

          const { tasks_alive: alive, tasks_started: started } = yield* states

          assert.deepStrictEqual([alive, started], [1, 1])
        })
      )
    ))

  it("tells how long a step was on the queue", async () => {
    const main = measured(
      Effect.gen(function* () {
        yield* asyncio.createTask(Effect.void)
        const end = performance.now() + 20
        while (performance.now() < end);
        yield* asyncio.sleep(0)

        return (yield* Metric.snapshot).find(({ id }) => id === "asyncio_loop_lag_ms")?.state
      })
    )

    const lag = (await asyncio.run(main)) as { readonly count: number; readonly max: number }

    assert.isAtLeast(lag.max, 19)
    assert.strictEqual(lag.count, 1, "one step at a time")
  })

  it("goes on to tell that where a task has ended without the step that it was on the queue for", () =>
    run(
      Effect.gen(function* () {
        const registry: Metric.MetricRegistry = new Map()
        const loop = (yield* asyncio.getRunningLoop) as unknown as TaskLoop
        const measuring = new Measuring(loop, Context.make(Metric.MetricRegistry, registry))
        const [first, second] = [yield* asyncio.createTask(Effect.void), yield* asyncio.createTask(Effect.void)]
        yield* asyncio.wait([first, second])
        const queued = (task: object) => measuring.queued({ task } as Runnable)

        queued(first)
        measuring.ended(first as unknown as TaskImpl)
        queued(second)
        measuring.stepBegins(second as unknown as TaskImpl)

        const { loop_lag_ms: lag } = yield* Effect.provideService(states, Metric.MetricRegistry, registry)
        assert.strictEqual(lag, 1)
      })
    ))

  it("counts no more when it is not provided any more, and nothing is left that listens", () =>
    run(
      Effect.gen(function* () {
        const registry: Metric.MetricRegistry = new Map()
        const withRegistry = Effect.provideService(Metric.MetricRegistry, registry)
        const one = Effect.flatMap(asyncio.createTask(Effect.void), (task) => task)
        yield* one.pipe(Effect.provide(asyncio.taskMetrics), withRegistry)
        const before = yield* states.pipe(withRegistry)
        yield* one

        assert.deepStrictEqual(yield* states.pipe(withRegistry), before)
        const loop = yield* asyncio.getRunningLoop
        assert.isUndefined((loop as unknown as { readonly observer?: unknown }).observer)
        assert.isTrue(lowlevel.isOfThisCopy(loop))
      })
    ))
})
