import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { run } from "../support.ts"
import { iteration, noteTo, startAll } from "./locksSupport.ts"

const parties = 5
const half = Math.floor(parties / 2)

const repeat = <A>(count: number, item: A): ReadonlyArray<A> => Array.from({ length: count }, () => item)

/** As tasks, because gather takes the same Effect twice for one coroutine. */
const gatherParties = <A, E>(body: Effect.Effect<A, E>) =>
  Effect.flatMap(startAll(repeat(parties, body)), (tasks) => asyncio.gather(tasks))

/** A barrier, and the lines of those who use it. */
const setUp = Effect.gen(function* () {
  const lines: Array<string> = []
  const barrier = yield* asyncio.Barrier.make(parties)
  const note = noteTo(lines)
  /** Waits; notes the message when the barrier breaks. */
  const waitOr = (name: string) =>
    Effect.catchTag(barrier.wait, "BrokenBarrierError", (error) => note(`${name}: ${error.message}`))
  return { barrier, lines, note, waitOr }
})

const idle = `<Barrier [filling, waiters:0/${parties}]>`
const brokenText = "<Barrier [broken]>"

describe("CPython test_locks", () => {
  it("is as before when it is reset and nobody waits (BarrierTests.test_reset_barrier)", () =>
    run(
      Effect.gen(function* () {
        const barrier = yield* asyncio.Barrier.make(1)
        const task = yield* asyncio.createTask(barrier.reset)
        yield* iteration

        assert.deepStrictEqual(
          { done: task.done(), nWaiting: barrier.nWaiting(), broken: barrier.broken() },
          { done: true, nWaiting: 0, broken: false }
        )
      })
    ))

  it("fails those who wait when it is reset (BarrierTests.test_reset_barrier_while_tasks_waiting)", () =>
    run(
      Effect.gen(function* () {
        const { barrier, lines, waitOr } = yield* setUp
        const tasks = yield* startAll(repeat(parties - 1, waitOr("waiting")))
        yield* iteration

        yield* asyncio.createTask(barrier.reset)
        yield* asyncio.gather(tasks)

        assert.deepStrictEqual(lines, repeat(parties - 1, "waiting: Abort or reset of barrier"))
        assert.strictEqual(String(barrier), idle)
      })
    ))

  it("fails those who have not left yet when it is reset (BarrierTests.test_reset_barrier_when_tasks_half_draining)", () =>
    run(
      Effect.gen(function* () {
        const { barrier, lines, note } = yield* setUp
        let out = 0
        const body = Effect.matchEffect(barrier.wait, {
          onFailure: () => note("broken"),
          onSuccess: () => (++out === parties - half ? Effect.andThen(note("reset"), barrier.reset) : note("out"))
        })

        yield* gatherParties(body)

        assert.deepStrictEqual(lines, [...repeat(parties - half - 1, "out"), "reset", ...repeat(half, "broken")])
        assert.strictEqual(String(barrier), idle)
      })
    ))

  it("does not fail those who wait for the next round (BarrierTests.test_reset_barrier_when_tasks_half_draining_half_blocking)", () =>
    run(
      Effect.gen(function* () {
        const { barrier, lines, note, waitOr } = yield* setUp
        let out = 0
        const body = Effect.matchEffect(barrier.wait, {
          onFailure: () => Effect.andThen(note("broken"), barrier.wait),
          onSuccess: () =>
            ++out > half ? Effect.andThen(barrier.reset, barrier.wait) : Effect.asVoid(waitOr("next round"))
        })

        yield* gatherParties(body)

        assert.deepStrictEqual(lines, repeat(half, "broken"))
        assert.strictEqual(String(barrier), idle)
      })
    ))

  it("lets those that it failed wait again (BarrierTests.test_reset_barrier_while_tasks_waiting_and_waiting_again)", () =>
    run(
      Effect.gen(function* () {
        const { barrier, lines, note, waitOr } = yield* setUp
        const again = Effect.andThen(Effect.andThen(waitOr("first"), barrier.wait), note("passed"))
        const tasks = yield* startAll(repeat(parties - 1, again))
        yield* asyncio.createTask(barrier.reset)
        yield* iteration

        yield* asyncio.createTask(barrier.use(() => note("passed")))
        yield* asyncio.gather(tasks)

        assert.deepStrictEqual(lines, [
          ...repeat(parties - 1, "first: Abort or reset of barrier"),
          ...repeat(parties, "passed")
        ])
        assert.strictEqual(String(barrier), idle)
      })
    ))

  it("disturbs nobody when the last to leave resets it (BarrierTests.test_reset_barrier_while_tasks_draining)", () =>
    run(
      Effect.gen(function* () {
        const { barrier, lines, note, waitOr } = yield* setUp
        let out = 0
        const body = Effect.gen(function* () {
          yield* barrier.wait
          if (++out === parties) yield* barrier.reset
          yield* waitOr("second")
          yield* note("second")
          yield* barrier.wait
          yield* note("third")
        })

        yield* gatherParties(body)

        assert.deepStrictEqual(lines, [...repeat(parties, "second"), ...repeat(parties, "third")])
        assert.strictEqual(String(barrier), idle)
      })
    ))

  it("is broken by abort, and stays so (BarrierTests.test_abort_barrier)", () =>
    run(
      Effect.gen(function* () {
        const barrier = yield* asyncio.Barrier.make(1)
        yield* asyncio.createTask(barrier.abort)
        yield* iteration

        const error = yield* Effect.flip(barrier.wait)

        assert.deepStrictEqual([barrier.nWaiting(), barrier.broken()], [0, true])
        assert.deepStrictEqual([error._tag, error.message], ["BrokenBarrierError", "Barrier aborted"])
      })
    ))

  it("fails those who leave and those who wait for the next round (BarrierTests.test_abort_barrier_when_tasks_half_draining_half_blocking)", () =>
    run(
      Effect.gen(function* () {
        const { barrier, lines, note, waitOr } = yield* setUp
        let out = 0
        const body = Effect.matchEffect(barrier.wait, {
          onFailure: (error) => note(`leaving: ${error.message}`),
          onSuccess: () => (++out > half ? barrier.abort : Effect.asVoid(waitOr("next round")))
        })

        yield* gatherParties(body)

        assert.deepStrictEqual(lines.toSorted(), [
          ...repeat(half, "leaving: Abort or reset of barrier"),
          ...repeat(half, "next round: Barrier aborted")
        ])
        assert.deepStrictEqual([String(barrier), barrier.nWaiting()], [brokenText, 0])
      })
    ))

  it("fails the others when one gives up because of an error (BarrierTests.test_abort_barrier_when_exception)", () =>
    run(
      Effect.gen(function* () {
        const { barrier, lines, note } = yield* setUp
        const body = barrier
          .use((index) => (index === half ? Effect.fail("error") : Effect.void))
          .pipe(
            Effect.andThen(barrier.use(() => note("passed twice"))),
            Effect.catch((error) => (error === "error" ? barrier.abort : note("broken")))
          )

        yield* gatherParties(body)

        assert.deepStrictEqual(lines, repeat(parties - 1, "broken"))
        assert.deepStrictEqual([String(barrier), barrier.nWaiting()], [brokenText, 0])
      })
    ))

  it("can be used again when it is reset after an abort (BarrierTests.test_abort_barrier_when_exception_then_resetting)", () =>
    run(
      Effect.gen(function* () {
        const { barrier, lines, note } = yield* setUp
        const other = yield* asyncio.Barrier.make(parties)
        const fragile = barrier.wait.pipe(
          Effect.andThen((index) => (index === half ? Effect.fail("error") : Effect.void)),
          Effect.andThen(barrier.wait),
          Effect.andThen(note("passed twice")),
          Effect.catch((error) => (error === "error" ? barrier.abort : note("broken")))
        )
        const body = Effect.gen(function* () {
          yield* fragile
          if ((yield* other.wait) === half) yield* barrier.reset
          yield* other.wait
          yield* barrier.wait
          yield* note("passed")
        })

        yield* gatherParties(body)

        assert.deepStrictEqual(lines, [...repeat(parties - 1, "broken"), ...repeat(parties, "passed")])
        assert.deepStrictEqual([String(barrier), String(other)], [idle, idle])
      })
    ))
})
