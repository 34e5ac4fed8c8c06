import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Cause, Effect, Schedule } from "effect"
import { failuresOf, reportsOf, run } from "../support.ts"

const hour = asyncio.sleep("1 hour")

/** Fails so many times, each time after a while, at times on the loop's clock that it notes. */
const failing = (lines: Array<unknown>, times: number, lasts = 1) => {
  let runs = 0
  return Effect.gen(function* () {
    lines.push((yield* asyncio.getRunningLoop).time())
    yield* asyncio.sleep(lasts)
    if (++runs <= times) return yield* Effect.fail(`crash ${runs}`)
    return "works"
  })
}

describe("restart", () => {
  it("runs it again as the schedule says, and tells the exception handler of each failure", async () => {
    const lines: Array<unknown> = []
    const reports = await reportsOf(
      Effect.gen(function* () {
        lines.push(yield* asyncio.restart(failing(lines, 3), Schedule.exponential(10)))
      })
    )
    assert.deepStrictEqual(lines, [0, 11, 32, 73, "works"])
    assert.deepStrictEqual(
      reports,
      [10, 20, 40].map((delay) => `Task-1 has failed and is begun again in ${delay} ms`)
    )
  })

  it("fails as the last run did when the schedule is over, defects as well", () =>
    run(
      Effect.gen(function* () {
        const onRestart = () => Effect.void
        const twice = Schedule.recurs(2)
        const dies = Effect.die(new Error("bug"))
        assert.deepStrictEqual(
          yield* failuresOf([
            asyncio.restart(failing([], 9), twice, { onRestart }),
            asyncio.restart(dies, twice, { onRestart })
          ]),
          ["crash 3", "Error: bug"]
        )
      })
    ))

  it("begins the schedule anew when a run has lasted", () =>
    run(
      Effect.gen(function* () {
        const delays: Array<number> = []
        let runs = 0
        const lasts = Effect.suspend(() => asyncio.sleep(++runs === 3 ? 100 : 1))
        const worker = Effect.andThen(
          lasts,
          Effect.suspend(() => (runs < 6 ? Effect.fail("crash") : Effect.void))
        )
        const onRestart = (_: string, delay: number) => Effect.sync(() => void delays.push(delay))
        yield* asyncio.restart(worker, Schedule.exponential(10), { onRestart, resetAfter: 50 })
        assert.deepStrictEqual(delays, [10, 20, 10, 20, 40])
      })
    ))

  it("lets a cancellation pass, in a run and between two, a Ctrl-C and an interrupt", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const onRestart = () => Effect.void
        const always = Schedule.spaced(100)
        for (const worker of [hour, Effect.fail("crash")]) {
          const task = yield* asyncio.createTask(asyncio.restart(worker, always, { onRestart }))
          yield* asyncio.sleep(5)
          yield* task.cancel("stop")
          const [failure] = yield* failuresOf([task])
          lines.push({ failure, cancelled: task.cancelled() })
        }
        const interrupt = new asyncio.KeyboardInterrupt()
        const interrupted = asyncio.restart(Effect.as(Effect.die(interrupt), undefined), always, { onRestart })
        lines.push({ isInterrupt: (yield* Effect.catchDefect(interrupted, Effect.succeed)) === interrupt })
        const awaiting = Effect.gen(function* () {
          const other = yield* asyncio.createTask(hour)
          yield* other.cancel("other")
          yield* other
        })
        lines.push(...(yield* failuresOf([asyncio.restart(awaiting, always, { onRestart })])))
        let runs = 0
        for (const cause of [Cause.interrupt(), Cause.combine(Cause.fail("cleanup"), Cause.interrupt())]) {
          const interrupted = Effect.suspend(() => (runs++, Effect.failCause(cause)))
          yield* Effect.exit(asyncio.restart(interrupted, Schedule.recurs(3), { onRestart }))
        }
        lines.push(runs)
        assert.deepStrictEqual(lines, [
          { failure: "CancelledError: stop", cancelled: true },
          { failure: "CancelledError: stop", cancelled: true },
          { isInterrupt: true },
          "CancelledError: other",
          2
        ])
      })
    ))

  it("begins nothing anew that fails in its cleanup when it is to end, whoever asks", async () => {
    const lines: Array<unknown> = []
    const reports = await reportsOf(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const worker = asyncio.catchCancelled(hour, () => Effect.andThen(asyncio.sleep(1), Effect.fail("cleanup")))
        const restarted = asyncio.restart(worker, Schedule.spaced(100))
        const task = yield* asyncio.createTask(restarted)
        yield* asyncio.sleep(5)
        yield* task.cancel("stop")
        const group = asyncio.taskGroup((group: asyncio.TaskGroup<string>) =>
          Effect.gen(function* () {
            yield* group.createTask(restarted)
            yield* asyncio.sleep(5)
            yield* group.cancel
          })
        )
        const limited = asyncio.timeout(5, restarted)
        for (const each of [task, group, limited, asyncio.moveOn(5, restarted)]) {
          lines.push(String(yield* Effect.flip<unknown, unknown, never>(each)), loop.time())
        }
        // A request that was made before, and withdrawn inside, is none for the run.
        yield* asyncio.moveOn(50, asyncio.restart(asyncio.timeout(5, hour), Schedule.spaced(10)))
        lines.push(loop.time())
      })
    )
    const failed = "ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)"
    assert.deepStrictEqual(lines, ["cleanup", 6, failed, 12, "cleanup", 18, "cleanup", 24, 74])
    assert.deepStrictEqual(
      reports,
      Array.from({ length: 3 }, () => "Task-1 has failed and is begun again in 10 ms")
    )
  })

  it("fails where its handler fails, and refuses what is no Effect and no Schedule", () =>
    run(
      Effect.gen(function* () {
        const always = Schedule.spaced(100)
        const crash = Effect.fail("crash")
        assert.deepStrictEqual(
          yield* failuresOf([
            asyncio.restart(crash, always, { onRestart: () => Effect.fail("handler") }),
            asyncio.restart(
              crash,
              Schedule.tap(always, () => Effect.fail("schedule"))
            ),
            asyncio.restart(5 as never, always),
            asyncio.restart(crash, 5 as never),
            asyncio.restart(crash, always, 5 as never),
            asyncio.restart(crash, always, { resetAfter: Number.NaN })
          ]),
          [
            "handler",
            "schedule",
            "TypeError: an Effect was expected by restart(), got 5",
            "TypeError: a Schedule was expected by restart(), got 5",
            "TypeError: an object of options was expected by restart(), got 5",
            "ValueError: Invalid delay: NaN (not a number)"
          ]
        )
      })
    ))
})
