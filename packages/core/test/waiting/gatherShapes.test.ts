import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { type Cause, type Effect as EffectType, Effect, Exit } from "effect"
import { run } from "../support.ts"

class Failure {
  readonly _tag = "Failure"
}
interface Service {
  readonly port: number
}

declare const coroutine: Effect.Effect<number, Failure, Service>
declare const task: asyncio.Task<string, Failure>
declare const promise: Promise<boolean>

// The declared values above do not exist: the calls are written down to be checked, and never run.
const unrun = (calls: () => void): void => void calls

const after = <A>(millis: number, value: A) => asyncio.sleep(millis, value)

describe("gather", () => {
  it("gives a tuple in the order of the arguments, whatever the order they end in", () =>
    run(
      Effect.gen(function* () {
        const results = yield* asyncio.gather([after(3, 1), after(1, "two"), after(2, true)])

        expectTypeOf(results).toEqualTypeOf<[number, string, boolean]>()
        assert.deepStrictEqual(results, [1, "two", true])
      })
    ))

  it("gives an array for an array, a set and a generator", () =>
    run(
      Effect.gen(function* () {
        const coroutines: Array<Effect.Effect<number>> = [after(2, 1), after(1, 2)]
        const generated = function* () {
          yield* coroutines
        }

        const ofArray = yield* asyncio.gather(coroutines)
        const ofSet = yield* asyncio.gather(new Set(coroutines))
        const ofGenerator = yield* asyncio.gather(generated())

        expectTypeOf(ofArray).toEqualTypeOf<Array<number>>()
        expectTypeOf(ofSet).toEqualTypeOf<Array<number>>()
        expectTypeOf(ofGenerator).toEqualTypeOf<Array<number>>()
        assert.deepStrictEqual(
          [ofArray, ofSet, ofGenerator],
          [
            [1, 2],
            [1, 2],
            [1, 2]
          ]
        )
      })
    ))

  it("gives a record with the keys in their order", () =>
    run(
      Effect.gen(function* () {
        const results = yield* asyncio.gather({ slow: after(2, 1), quick: after(1, "two") })

        expectTypeOf(results).toEqualTypeOf<{ slow: number; quick: string }>()
        assert.deepStrictEqual(Object.entries(results), [
          ["slow", 1],
          ["quick", "two"]
        ])
      })
    ))

  it("gives what it was given when that was nothing", () =>
    run(
      Effect.gen(function* () {
        const tuple = yield* asyncio.gather([])
        const record = yield* asyncio.gather({})
        const exits = yield* asyncio.gather([], { returnExceptions: true })

        expectTypeOf(tuple).toEqualTypeOf<[]>()
        assert.deepStrictEqual([tuple, record, exits], [[], {}, []])
      })
    ))

  it("takes futures, tasks, coroutines and promises together", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const future = yield* loop.createFuture<string>()
        yield* loop.callLater(1, () => future.setResultUnsafe("future"))
        const task = yield* asyncio.createTask(after(2, "task"))

        const results = yield* asyncio.gather([future, task, after(1, "coroutine"), Promise.resolve("promise")])

        expectTypeOf(results).toEqualTypeOf<[string, string, string, string]>()
        assert.deepStrictEqual(results, ["future", "task", "coroutine", "promise"])
      })
    ))

  it("gives exits with returnExceptions, of every member and in the same shape", () =>
    run(
      Effect.gen(function* () {
        const cancelled = yield* asyncio.createTask(asyncio.sleep("1 hour"))
        yield* cancelled.cancel("stop")
        const members = {
          value: after(1, 1),
          failure: Effect.fail("failed"),
          defect: Effect.die("bug"),
          cancelled,
          promise: Promise.reject(new RangeError("rejected"))
        }

        const exits = yield* asyncio.gather(members, { returnExceptions: true })

        expectTypeOf(exits.value).toEqualTypeOf<Exit.Exit<number, asyncio.CancelledError>>()
        expectTypeOf(exits.failure).toEqualTypeOf<Exit.Exit<never, string | asyncio.CancelledError>>()
        assert.deepStrictEqual(
          [exits.value, exits.failure, exits.defect],
          [Exit.succeed(1), Exit.fail("failed"), Exit.die("bug")]
        )
        assert.deepStrictEqual(Object.keys(exits), Object.keys(members))
        assert.match(String(exits.cancelled), /^Failure\(Cause\(\[Fail\(CancelledError/)
        assert.match(String(exits.promise), /^Failure\(Cause\(\[Fail\(UnknownError: An error occurred in a promise/)
      })
    ))

  it("runs the same future in two places once", () =>
    run(
      Effect.gen(function* () {
        let runs = 0
        const task = yield* asyncio.createTask(Effect.sync(() => ++runs))

        const results = yield* asyncio.gather({ one: task, two: task })

        assert.deepStrictEqual([results, runs], [{ one: 1, two: 1 }, 1])
      })
    ))

  it("runs the same Effect in two places twice", () =>
    run(
      Effect.gen(function* () {
        let runs = 0
        const count = Effect.sync(() => ++runs)

        assert.deepStrictEqual(yield* asyncio.gather([count, count]), [1, 2])
      })
    ))

  it("takes nothing for a collection that is none", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(Effect.void)
        const refusals: Array<string> = []
        for (const value of [task, Effect.void, undefined, null, 1, () => {}]) {
          const gather: Effect.Effect<unknown, unknown> = asyncio.gather(value as never)
          refusals.push(String(yield* Effect.catchDefect(gather, Effect.succeed)))
        }

        assert.deepStrictEqual(
          refusals,
          ["Task", "coroutine", "undefined", "null", "number", "function"].map(
            (kind) => `TypeError: gather() expects a list or a record of awaitables, not ${kind}`
          )
        )
      })
    ))
})

describe("the types of gather", () => {
  it("have the errors of all members, and CancelledError", () =>
    unrun(() => {
      expectTypeOf(asyncio.gather([coroutine, task])).toEqualTypeOf<
        Effect.Effect<[number, string], Failure | asyncio.CancelledError, Service>
      >()
      expectTypeOf(asyncio.gather({ coroutine, task })).toEqualTypeOf<
        Effect.Effect<{ coroutine: number; task: string }, Failure | asyncio.CancelledError, Service>
      >()
      expectTypeOf(asyncio.gather([promise])).toEqualTypeOf<
        Effect.Effect<[boolean], Cause.UnknownError | asyncio.ExceptionGroup | asyncio.CancelledError>
      >()
    }))

  it("have no other error than CancelledError with returnExceptions", () =>
    unrun(() => {
      type NumberExit = Exit.Exit<number, Failure | asyncio.CancelledError>
      type StringExit = Exit.Exit<string, Failure | asyncio.CancelledError>

      expectTypeOf(asyncio.gather([coroutine, task], { returnExceptions: true })).toEqualTypeOf<
        Effect.Effect<[NumberExit, StringExit], asyncio.CancelledError, Service>
      >()
      expectTypeOf(asyncio.gather({ coroutine }, { returnExceptions: true })).toEqualTypeOf<
        Effect.Effect<{ coroutine: NumberExit }, asyncio.CancelledError, Service>
      >()
      expectTypeOf(asyncio.gather([coroutine], { returnExceptions: false })).toEqualTypeOf<
        Effect.Effect<[number], Failure | asyncio.CancelledError, Service>
      >()
    }))

  it("of gatherFuture are a future's: the cancellation is in every await of it", () =>
    unrun(() => {
      const effect = asyncio.gatherFuture([coroutine, task])
      type Made = EffectType.Success<typeof effect>

      expectTypeOf<EffectType.Error<typeof effect>>().toEqualTypeOf<never>()
      expectTypeOf<EffectType.Services<typeof effect>>().toEqualTypeOf<Service>()
      expectTypeOf<EffectType.Success<Made>>().toEqualTypeOf<[number, string]>()
      expectTypeOf<EffectType.Error<Made>>().toEqualTypeOf<Failure | asyncio.CancelledError>()
    }))

  it("of asCompleted, wait and shield follow their members", () =>
    unrun(() => {
      expectTypeOf(asyncio.asCompleted([coroutine])).toEqualTypeOf<
        Effect.Effect<asyncio.AsCompleted<number, Failure>, never, Service>
      >()
      expectTypeOf(asyncio.wait([task])).toEqualTypeOf<
        Effect.Effect<asyncio.WaitResult<asyncio.Task<string, Failure>>>
      >()
      expectTypeOf(asyncio.shield(coroutine)).toEqualTypeOf<
        Effect.Effect<number, Failure | asyncio.CancelledError, Service>
      >()
    }))
})
