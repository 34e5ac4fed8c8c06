import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect, Exit } from "effect"
import { collectReports, run } from "../support.ts"

type Child = asyncio.Future<number, Error>

const setUp = (count: number) =>
  Effect.map(asyncio.getRunningLoop, (loop) => ({
    loop,
    futures: Array.from({ length: count }, (): Child => loop.createFutureUnsafe()) as unknown as {
      readonly [n: number]: Child
      map<B>(f: (child: Child) => B): Array<B>
    }
  }))

/** Lets everything happen that is ready. */
const settle = asyncio.sleep(1)

const coroutineOf = (future: Child): Effect.Effect<number, Error | asyncio.CancelledError> =>
  Effect.andThen(asyncio.sleep(0), future)

/** Runs a test with futures as the children of a gather, and with coroutines that await them. Nothing may be reported. */
const withBothKinds =
  <E>(
    test: (wrap: (future: Child) => Effect.Effect<number, Error | asyncio.CancelledError>) => Effect.Effect<void, E>
  ) =>
  async () => {
    for (const wrap of [(future: Child) => future, coroutineOf]) {
      const loop = makeVirtualTimeLoop()
      const reports = collectReports(loop)

      await run(test(wrap), { loopFactory: () => loop })

      assert.deepStrictEqual(reports, [])
    }
  }

/** Gathered exits as Python has them in its list. */
const outcomes = (exits: ReadonlyArray<Exit.Exit<unknown, unknown>>): ReadonlyArray<unknown> =>
  exits.map((exit) => (Exit.isSuccess(exit) ? exit.value : asyncio.exceptionOf(exit.cause)))

/** The defect of an effect, as text. */
const defectOf = (effect: Effect.Effect<unknown, unknown>): string =>
  String(Effect.runSync(Effect.catchDefect(effect, Effect.succeed)))

describe("CPython test_tasks", () => {
  describe("gather", () => {
    it(
      "gives the results in the order of the arguments, once all are there (GatherTestsBase.test_success)",
      withBothKinds((wrap) =>
        Effect.gen(function* () {
          const { futures } = yield* setUp(3)
          const told: Array<boolean> = []
          const gathering = yield* asyncio.gatherFuture(futures.map(wrap))
          yield* gathering.addDoneCallback((future) => told.push(future === gathering))
          yield* futures[1]!.setResult(1)
          yield* futures[0]!.setResult(2)
          yield* settle
          const before = { done: gathering.done(), told: told.length }

          yield* futures[2]!.setResult(3)

          yield* settle
          assert.deepStrictEqual(before, { done: false, told: 0 })
          assert.deepStrictEqual({ told, results: yield* gathering }, { told: [true], results: [2, 1, 3] })
        })
      )
    )

    it(
      "gives exits in the same order with returnExceptions (GatherTestsBase.test_result_exception_success)",
      withBothKinds((wrap) =>
        Effect.gen(function* () {
          const { futures } = yield* setUp(3)
          const told: Array<boolean> = []
          const gathering = yield* asyncio.gatherFuture(futures.map(wrap), { returnExceptions: true })
          yield* gathering.addDoneCallback((future) => told.push(future === gathering))
          yield* futures[1]!.setResult(1)
          yield* futures[0]!.setResult(2)
          yield* settle
          const before = { done: gathering.done(), told: told.length }

          yield* futures[2]!.setResult(3)

          yield* settle
          assert.deepStrictEqual(before, { done: false, told: 0 })
          assert.deepStrictEqual({ told, results: outcomes(yield* gathering) }, { told: [true], results: [2, 1, 3] })
        })
      )
    )

    it(
      "fails with the first failure at once, and nothing that comes later changes it (GatherTestsBase.test_one_exception)",
      withBothKinds((wrap) =>
        Effect.gen(function* () {
          const { futures } = yield* setUp(5)
          const error = new Error("first")
          let told = 0
          const gathering = yield* asyncio.gatherFuture(futures.map(wrap))
          yield* gathering.addDoneCallback(() => void told++)
          yield* futures[0]!.setResult(1)
          yield* settle

          yield* futures[1]!.setException(error)

          yield* settle
          const doneAtOnce = gathering.done()
          yield* futures[2]!.setResult(3)
          yield* futures[3]!.cancel()
          yield* futures[4]!.setException(new Error("later"))
          yield* settle
          assert.strictEqual(yield* gathering.exception(), error)
          assert.deepStrictEqual(
            { doneAtOnce, told, cancelled: gathering.cancelled() },
            { doneAtOnce: true, told: 1, cancelled: false }
          )
        })
      )
    )

    it(
      "has the failures at their places with returnExceptions, once all are there (GatherTestsBase.test_return_exceptions)",
      withBothKinds((wrap) =>
        Effect.gen(function* () {
          const { futures } = yield* setUp(4)
          const [one, two] = [new Error("one"), new Error("two")]
          const gathering = yield* asyncio.gatherFuture(futures.map(wrap), { returnExceptions: true })
          yield* futures[1]!.setResult(1)
          yield* futures[2]!.setException(one)
          yield* futures[0]!.setResult(3)
          yield* settle
          const before = gathering.done()

          yield* futures[3]!.setException(two)

          yield* settle
          assert.isFalse(before)
          assert.deepStrictEqual(outcomes(yield* gathering), [3, 1, one, two])
          assert.strictEqual(outcomes(yield* gathering)[2], one)
        })
      )
    )

    it(
      "fails when a child is cancelled, without being cancelled itself (test_one_cancellation)",
      withBothKinds((wrap) =>
        Effect.gen(function* () {
          const { futures } = yield* setUp(5)
          let told = 0
          const gathering = yield* asyncio.gatherFuture(futures.map(wrap))
          yield* gathering.addDoneCallback(() => void told++)
          yield* futures[0]!.setResult(1)

          yield* futures[1]!.cancel("not needed")

          yield* settle
          const doneAtOnce = gathering.done()
          yield* futures[2]!.setResult(3)
          yield* futures[3]!.cancel()
          yield* futures[4]!.setException(new Error("later"))
          yield* settle
          const error = yield* gathering.exception()
          assert.isTrue(error instanceof asyncio.CancelledError)
          assert.strictEqual(String(error), "CancelledError: not needed")
          assert.deepStrictEqual(
            { doneAtOnce, told, cancelled: gathering.cancelled() },
            { doneAtOnce: true, told: 1, cancelled: false }
          )
        })
      )
    )

    it(
      "has cancellations among the exits with returnExceptions (test_result_exception_one_cancellation)",
      withBothKinds((wrap) =>
        Effect.gen(function* () {
          const { futures } = yield* setUp(6)
          const [one, two] = [new Error("one"), new Error("two")]
          const gathering = yield* asyncio.gatherFuture(futures.map(wrap), { returnExceptions: true })
          yield* futures[0]!.setResult(1)
          yield* futures[1]!.setException(one)
          yield* futures[2]!.cancel()
          yield* settle
          const before = gathering.done()
          yield* futures[3]!.setResult(3)
          yield* futures[4]!.cancel()

          yield* futures[5]!.setException(two)

          yield* settle
          const results = outcomes(yield* gathering)
          assert.deepStrictEqual({ before, cancelled: gathering.cancelled() }, { before: false, cancelled: false })
          assert.deepStrictEqual(
            results.map((result) => (result instanceof asyncio.CancelledError ? "cancelled" : result)),
            [1, one, "cancelled", 3, "cancelled", two]
          )
        })
      )
    )

    it("of nothing is done with nothing (test_constructor_empty_sequence_use_running_loop)", () =>
      run(
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop

          const gathering = yield* asyncio.gatherFuture([])

          assert.deepStrictEqual(
            { done: gathering.done(), sameLoop: gathering.loop === loop },
            { done: true, sameLoop: true }
          )
          assert.deepStrictEqual<ReadonlyArray<never>>(yield* gathering, [])
        })
      ))

    it("refuses futures of two loops (test_constructor_heterogenous_futures)", () =>
      run(
        Effect.gen(function* () {
          const { futures, loop } = yield* setUp(1)
          const stranger = makeVirtualTimeLoop().createFutureUnsafe<number>()
          const gather = Effect.provideService(asyncio.gatherFuture([futures[0]!, stranger]), asyncio.RunningLoop, loop)

          const defects = [
            defectOf(gather),
            defectOf(Effect.provideService(asyncio.gatherFuture([stranger]), asyncio.RunningLoop, loop))
          ]

          assert.deepStrictEqual(
            defects,
            Array(2).fill(
              "ValueError: The future belongs to a different loop than the one specified as the loop argument"
            )
          )
        })
      ))

    it("belongs to the loop of its children (test_constructor_homogenous_futures)", async () => {
      const loop = makeVirtualTimeLoop()
      const children = [loop.createFutureUnsafe<number>(), loop.createFutureUnsafe<number>()]

      const gathering = Effect.runSync(Effect.provideService(asyncio.gatherFuture(children), asyncio.RunningLoop, loop))

      assert.strictEqual(gathering.loop, loop)
      for (const child of children) child.setResultUnsafe(1)
      await loop.runUntilComplete(gathering)
      assert.deepStrictEqual(gathering.exitUnsafe(), Exit.succeed([1, 1]))
    })

    it("runs coroutines as tasks of the running loop (test_constructor_use_running_loop)", () =>
      run(
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop
          const lines: Array<string> = []
          const coroutine = (name: string) =>
            Effect.map(asyncio.currentTask, (task) => {
              lines.push(`${name} in ${task.getName()}`)
              return name
            })

          const gathering = yield* asyncio.gatherFuture([coroutine("one"), coroutine("two")])

          lines.push("gathering")
          assert.strictEqual(gathering.loop, loop)
          assert.deepStrictEqual(yield* gathering, ["one", "two"])
          assert.deepStrictEqual(lines, ["gathering", "one in Task-2", "two in Task-3"])
        })
      ))

    it("runs an Effect each time it is given (test_duplicate_coroutines)", () =>
      run(
        Effect.gen(function* () {
          const ran: Array<string> = []
          const coroutine = (text: string) =>
            Effect.sync(() => {
              ran.push(text)
              return text
            })
          const same = coroutine("abc")

          const results = yield* asyncio.gather([same, same, coroutine("def"), same])

          assert.deepStrictEqual(
            [results, ran],
            [
              ["abc", "abc", "def", "abc"],
              ["abc", "abc", "def", "abc"]
            ]
          )
        })
      ))

    it("takes the failures that come after its own for seen (test_exception_marking)", async () => {
      const loop = makeVirtualTimeLoop()
      const reports = collectReports(loop)

      const seen = await run(
        Effect.gen(function* () {
          const { futures } = yield* setUp(2)
          const failing = (n: number) =>
            Effect.andThen(coroutineOf(futures[n]!), Effect.fail(new Error(`failure ${n}`)))
          const children = [yield* asyncio.createTask(failing(0)), yield* asyncio.createTask(failing(1))]
          const gathering = yield* asyncio.gatherFuture(children)
          yield* futures[0]!.setResult(1)
          yield* settle
          const first = yield* gathering.exception()

          yield* futures[1]!.setResult(1)

          yield* settle
          return { first: String(first), retrieved: children.map((child) => lowlevel.exceptionRetrieved(child)) }
        }),
        { loopFactory: () => loop }
      )

      assert.deepStrictEqual(seen, { first: "Error: failure 0", retrieved: [true, true] })
      assert.deepStrictEqual(reports, [])
    })
  })
})
