import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { run } from "../support.ts"
import { defectOf, iteration, noteTo, startAll } from "./locksSupport.ts"

const parties = 5

const repeat = <A>(count: number, item: A): ReadonlyArray<A> => Array.from({ length: count }, () => item)

/** The word in a barrier's repr that is its state. */
const stateOf = (barrier: asyncio.Barrier): string => /\[(\w+)/.exec(String(barrier))![1]!

/** As tasks, because gather takes the same Effect twice for one coroutine. */
const gatherTimes = <A, E>(count: number, body: Effect.Effect<A, E>) =>
  Effect.flatMap(startAll(repeat(count, body)), (tasks) => asyncio.gather(tasks))

const idle = (count: number) => `<Barrier [filling, waiters:0/${count}]>`

describe("CPython test_locks", () => {
  it("prints its state through all of its life (BarrierTests.test_repr)", () =>
    run(
      Effect.gen(function* () {
        const barrier = yield* asyncio.Barrier.make(parties)
        const texts = [String(barrier)]
        const tasks: Array<asyncio.Task<number, asyncio.BrokenBarrierError>> = []
        const arrive = (count: number) =>
          Effect.gen(function* () {
            tasks.push(...(yield* startAll(repeat(count, barrier.wait))))
            yield* iteration
            texts.push(String(barrier))
          })
        yield* arrive(2)
        yield* arrive(parties - barrier.nWaiting())
        tasks.push(...(yield* startAll(repeat(2, barrier.wait))))
        yield* iteration
        yield* barrier.reset
        texts.push(String(barrier))
        tasks.push(...(yield* startAll(repeat(2, barrier.wait))))
        yield* iteration
        yield* barrier.abort
        texts.push(String(barrier))
        yield* asyncio.gather(tasks, { returnExceptions: true })

        assert.deepStrictEqual(
          { texts, broken: barrier.broken() },
          {
            texts: [
              "<Barrier [filling, waiters:0/5]>",
              "<Barrier [filling, waiters:2/5]>",
              "<Barrier [draining, waiters:0/5]>",
              "<Barrier [resetting, waiters:0/5]>",
              "<Barrier [broken]>"
            ],
            broken: true
          }
        )
      })
    ))

  it("needs at least one party (BarrierTests.test_barrier_parties)", () =>
    run(
      Effect.gen(function* () {
        const defects = [yield* defectOf(asyncio.Barrier.make(0)), yield* defectOf(asyncio.Barrier.make(-4))]
        const barrier = yield* asyncio.Barrier.make(parties)

        assert.deepStrictEqual(defects, repeat(2, "ValueError: parties must be >= 1"))
        assert.strictEqual(barrier.parties, parties)
      })
    ))

  it("gives each block the number of its arrival (BarrierTests.test_context_manager)", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<number> = []
        const barrier = yield* asyncio.Barrier.make(3)

        yield* gatherTimes(3, barrier.use(noteTo(lines)))

        // The last to arrive does not wait, so it is the first to leave.
        assert.deepStrictEqual([lines, String(barrier)], [[2, 0, 1], idle(3)])
      })
    ))

  it("does not keep a single party waiting (BarrierTests.test_filling_one_task)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const barrier = yield* asyncio.Barrier.make(1)
        let turned = false
        yield* loop.callSoon(() => (turned = true))

        const result = yield* barrier.use((index) => Effect.succeed(index))

        assert.deepStrictEqual({ result, turned, text: String(barrier) }, { result: 0, turned: false, text: idle(1) })
      })
    ))

  it("can be used again at once (BarrierTests.test_filling_one_task_twice)", () =>
    run(
      Effect.gen(function* () {
        const barrier = yield* asyncio.Barrier.make(1)
        const first = yield* asyncio.createTask(barrier.wait)
        yield* iteration
        const between = String(barrier)

        const second = yield* asyncio.createTask(barrier.wait)
        yield* iteration

        assert.deepStrictEqual([yield* first.result(), yield* second.result()], [0, 0])
        assert.deepStrictEqual([between, String(barrier)], [idle(1), idle(1)])
      })
    ))

  it("counts those who wait until all have come (BarrierTests.test_filling_task_by_task)", () =>
    run(
      Effect.gen(function* () {
        const barrier = yield* asyncio.Barrier.make(3)
        const tasks: Array<asyncio.Task<number, asyncio.BrokenBarrierError>> = []
        const seen: Array<[string, number]> = []
        for (const _ of [1, 2, 3]) {
          tasks.push(yield* asyncio.createTask(barrier.wait))
          yield* iteration
          seen.push([stateOf(barrier), barrier.nWaiting()])
        }

        yield* asyncio.wait(tasks)

        assert.deepStrictEqual(seen, [
          ["filling", 1],
          ["filling", 2],
          ["draining", 0]
        ])
        assert.deepStrictEqual([barrier.nWaiting(), barrier.broken()], [0, false])
      })
    ))

  it("lets everybody pass twice (BarrierTests.test_filling_tasks_wait_twice)", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const note = noteTo(lines)
        const barrier = yield* asyncio.Barrier.make(parties)
        const body = barrier.use(() =>
          Effect.andThen(
            note("once"),
            barrier.use(() => note("twice"))
          )
        )

        yield* gatherTimes(parties, body)

        assert.deepStrictEqual(lines, [...repeat(parties, "once"), ...repeat(parties, "twice")])
        assert.strictEqual(String(barrier), idle(parties))
      })
    ))

  it("numbers those who pass from 0 (BarrierTests.test_filling_tasks_check_return_value)", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const note = noteTo(lines)
        const barrier = yield* asyncio.Barrier.make(parties)
        const inner = barrier.use((index) => Effect.as(note("inner"), index))

        const indexes = yield* gatherTimes(
          parties,
          barrier.use(() => Effect.andThen(note("outer"), inner))
        )

        assert.deepStrictEqual(new Set(indexes), new Set([0, 1, 2, 3, 4]))
        assert.deepStrictEqual(lines, [...repeat(parties, "outer"), ...repeat(parties, "inner")])
        assert.strictEqual(String(barrier), idle(parties))
      })
    ))

  it("drains until the last has left (BarrierTests.test_draining_state)", () =>
    run(
      Effect.gen(function* () {
        const states: Array<string> = []
        const barrier = yield* asyncio.Barrier.make(parties)

        yield* gatherTimes(
          parties,
          barrier.use(() => Effect.sync(() => states.push(stateOf(barrier))))
        )

        assert.deepStrictEqual(states, [...repeat(parties - 1, "draining"), "filling"])
        assert.strictEqual(String(barrier), idle(parties))
      })
    ))

  it("keeps those who come while it drains for the next round (BarrierTests.test_blocking_tasks_while_draining)", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const note = noteTo(lines)
        const barrier = yield* asyncio.Barrier.make(parties)
        const others = yield* asyncio.Barrier.make(parties - 2)
        let early = 2
        const body = Effect.gen(function* () {
          yield* barrier.wait
          if (early-- > 0) {
            yield* note(`${stateOf(barrier)}: early`)
          } else {
            yield* others.wait
            yield* note("others")
          }
          yield* barrier.wait
          yield* note("round two")
        })

        yield* gatherTimes(parties, body)

        assert.deepStrictEqual(lines, [
          ...repeat(2, "draining: early"),
          ...repeat(parties - 2, "others"),
          ...repeat(parties, "round two")
        ])
        assert.deepStrictEqual([String(barrier), String(others)], [idle(parties), idle(parties - 2)])
      })
    ))

  it("goes on without a waiter that is cancelled (BarrierTests.test_filling_tasks_cancel_one)", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const barrier = yield* asyncio.Barrier.make(3)
        const arriveAs = (name: string) => Effect.andThen(barrier.wait, noteTo(lines)(name))
        const first = yield* asyncio.createTask(arriveAs("first"))
        yield* iteration
        const counts = [barrier.nWaiting()]
        const second = yield* asyncio.createTask(arriveAs("second"))
        yield* iteration
        counts.push(barrier.nWaiting())

        yield* first.cancel()
        yield* iteration

        counts.push(barrier.nWaiting())
        yield* Effect.flip(first)
        const third = yield* asyncio.createTask(arriveAs("third"))
        yield* iteration
        counts.push(barrier.nWaiting())
        yield* asyncio.gather([second, third, arriveAs("fourth")])
        assert.deepStrictEqual([counts, first.cancelled()], [[1, 2, 1, 2], true])
        assert.deepStrictEqual([lines, String(barrier)], [["fourth", "second", "third"], idle(3)])
      })
    ))
})
