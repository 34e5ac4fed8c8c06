import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect, Exit } from "effect"
import { failuresOf, macrotask, reportsOf, run } from "../support.ts"

const hour = asyncio.sleep("1 hour")
const failsAt = (time: number, error: string) => Effect.andThen(asyncio.sleep(time), Effect.fail(error))
const errorsOf = (error: unknown) => (error as asyncio.ExceptionGroup).errors
const taskNames = Effect.map(asyncio.allTasks, (tasks) => Array.from(tasks, (task) => task.getName()))
const outcomeOf = (effect: Effect.Effect<unknown, unknown>) => Effect.map(failuresOf([effect]), ([outcome]) => outcome!)

describe("race", () => {
  it("ends as the first that ends, when the others have cleaned up", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const loop = yield* asyncio.getRunningLoop
        const slow = Effect.ensuring(
          hour,
          Effect.andThen(
            asyncio.sleep(5),
            Effect.sync(() => lines.push("cleaned up"))
          )
        )

        lines.push(yield* asyncio.race([slow, asyncio.sleep(1, "quick")]), loop.time())
        lines.push(yield* Effect.flip(asyncio.race([slow, failsAt(1, "failed")])), loop.time())

        lines.push(yield* taskNames)
        assert.deepStrictEqual(lines, ["cleaned up", "quick", 6, "cleaned up", "failed", 12, ["Task-1"]])
      })
    ))

  it("leaves tasks alone that are given beside what cannot be awaited", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(hour)
        const outcome = yield* outcomeOf(asyncio.race([task, 5 as never]))
        assert.strictEqual(outcome, "TypeError: An asyncio.Future, a coroutine or an awaitable is required")
        assert.strictEqual(task.cancelling(), 0)
      })
    ))

  it("never begins one that was lost before its first step, and prefers the first of several", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const done = yield* asyncio.createTask(Effect.succeed("done"))
        yield* done
        const body = Effect.sync(() => lines.push("ran"))
        lines.push(yield* asyncio.race([done, body, body]))
        lines.push(yield* asyncio.race([asyncio.sleep(1, "first"), asyncio.sleep(1, "second")]))
        lines.push(yield* asyncio.race(new Set([asyncio.sleep(2, "b"), asyncio.sleep(1, "a")])))
        assert.deepStrictEqual(lines, ["done", "first", "a"])
      })
    ))

  it("takes tasks, futures and promises, cancels those that lose, and leaves those behind a shield", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const task = yield* asyncio.createTask(hour)
        const future = yield* loop.createFuture<string>()
        const kept = yield* asyncio.createTask(asyncio.sleep(10, "kept"))
        const shielded = asyncio.shield(kept)
        const never = new Promise<string>(() => {})
        const winner = yield* asyncio.race([task, future, shielded, never, asyncio.sleep(1, "quick"), task])
        assert.deepStrictEqual(
          { winner, task: task.cancelled(), future: future.cancelled(), kept: yield* kept },
          { winner: "quick", task: true, future: true, kept: "kept" }
        )
        const error = yield* Effect.flip(asyncio.race([yield* cancelledTask, hour]))
        assert.strictEqual(error._tag, "CancelledError")
      })
    ))

  const cancelledTask = Effect.gen(function* () {
    const task = yield* asyncio.createTask(hour)
    yield* task.cancel("somebody else")
    return task
  })

  it("tells losers who has won", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const loser = asyncio.catchCancelled(hour, (error) =>
          Effect.sync(() => lines.push(error.reason, error.requestedBy?.name))
        )
        const winner = yield* asyncio.createTask(asyncio.sleep(1), { name: "winner" })
        yield* asyncio.race([loser, winner])
        assert.deepStrictEqual(lines, ["winner has won race()", "winner"])
      })
    ))

  it("passes a cancellation on to all, a second one to those that clean up, and goes on with the last", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const loop = yield* asyncio.getRunningLoop
        const cleanup = Effect.onInterrupt(asyncio.sleep(100), () =>
          Effect.sync(() => lines.push(`cut at ${loop.time()}`))
        )
        const member = asyncio.catchCancelled(hour, () => cleanup)
        const task = yield* asyncio.createTask(
          asyncio.race([member, asyncio.catchCancelled(hour, () => asyncio.sleep(3))])
        )
        for (const at of [1, 2]) {
          yield* asyncio.sleep(at - loop.time())
          yield* task.cancel(`at ${at}`)
        }
        lines.push(yield* outcomeOf(task), loop.time(), task.cancelled(), yield* taskNames)
        assert.deepStrictEqual(lines, ["cut at 2", "CancelledError: at 2", 2, true, ["Task-1"]])
      })
    ))

  it("cancelled while losers clean up ends cancelled when they have, and hands the winner's value back", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const loop = yield* asyncio.getRunningLoop
        const loser = Effect.ensuring(hour, Effect.uninterruptible(asyncio.sleep(10)))
        const discard = (value: string | void) =>
          Effect.andThen(
            asyncio.sleep(5),
            Effect.sync(() => void lines.push(`discarded ${value}`, loop.time()))
          )
        const task = yield* asyncio.createTask(asyncio.race([loser, asyncio.sleep(1, "value")], { discard }))
        yield* asyncio.sleep(4)
        yield* task.cancel("outside")
        lines.push(yield* outcomeOf(task), loop.time(), yield* taskNames)
        assert.deepStrictEqual(lines, ["discarded value", 9, "CancelledError: outside", 11, ["Task-1"]])
      })
    ))

  it("hands back what losers give all the same", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const stubborn = asyncio.catchCancelled(hour, () => asyncio.sleep(3, "stubborn"))
        const members = [asyncio.sleep(1, "first"), asyncio.sleep(1, "same moment"), stubborn]
        const discard = (value: unknown) => Effect.sync(() => void lines.push(String(value)))
        lines.push(String(yield* asyncio.race(members, { discard })))
        assert.deepStrictEqual(lines, ["same moment", "stubborn", "first"])
      })
    ))

  it("hands back what a promise brings that was given up", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const loop = yield* asyncio.getRunningLoop
        const promises: Array<(value: string) => void> = []
        const promise = () => new Promise<string>((resolve) => promises.push(resolve))
        const discard = (value: string) => Effect.sync(() => void lines.push(`discarded ${value} at ${loop.time()}`))
        lines.push(yield* asyncio.race([promise(), asyncio.sleep(1, "quick")], { discard }))
        const task = yield* asyncio.createTask(asyncio.anyOf([promise()], { discard }))
        yield* asyncio.sleep(1)
        yield* asyncio.cancelAndWait([task])
        yield* asyncio.sleep(3)
        for (const [i, resolve] of promises.entries()) resolve(`${i}`)
        yield* asyncio.sleep(1)
        assert.deepStrictEqual(lines, ["quick", "discarded 0 at 5", "discarded 1 at 5"])
      })
    ))

  it("asks what is only like a promise once, also for the value that it brings too late", () =>
    run(
      Effect.gen(function* () {
        const answers: Array<(value: string) => void> = []
        const query: PromiseLike<string> = {
          then: (resolve) => new Promise<string>((answer) => answers.push(answer)).then(resolve)
        }
        const lines: Array<string> = []
        const discard = (value: string | void) => Effect.sync(() => void lines.push(`discarded ${value}`))

        yield* asyncio.race([query, asyncio.sleep(1)], { discard })
        for (const answer of answers) answer("late")
        yield* asyncio.sleep(1)

        assert.deepStrictEqual([answers.length, ...lines], [1, "discarded late"])
      })
    ))

  it("hands nothing back when its loop is closed", async () => {
    const lines: Array<unknown> = []
    let resolve: (value: string) => void = () => {}
    const late = new Promise<string>((onResolved) => (resolve = onResolved))
    const discard = (value: string) => Effect.sync(() => void lines.push(value))
    await run(asyncio.race([late, asyncio.sleep(1, "quick")], { discard }))
    resolve("late")
    await macrotask()
    assert.deepStrictEqual(lines, [])
  })

  it("reports failures of losers, of discards, and what was decided against", async () => {
    const reports = await reportsOf(
      Effect.gen(function* () {
        yield* asyncio.race([asyncio.sleep(1), Effect.ensuring(hour, Effect.die("cleanup"))])
        yield* asyncio.race([asyncio.sleep(1), failsAt(1, "same moment")])
        yield* asyncio.race([asyncio.sleep(1), asyncio.sleep(1)], { discard: () => Effect.fail("discard") })
        const task = yield* asyncio.createTask(
          asyncio.race([failsAt(1, "winner"), Effect.ensuring(hour, asyncio.sleep(5))])
        )
        yield* asyncio.sleep(3)
        yield* task.cancel()
        yield* Effect.exit(task)
      })
    )
    assert.deepStrictEqual(
      reports,
      Array.from({ length: 4 }, () => "Task exception was never retrieved")
    )
  })

  it("keeps a discard that runs from a second cancellation", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const loop = yield* asyncio.getRunningLoop
        const discard = (value: string | void) =>
          Effect.andThen(
            asyncio.sleep(5),
            Effect.sync(() => void lines.push(`discarded ${value}`, loop.time()))
          )
        const members = [asyncio.sleep(1, "first"), asyncio.sleep(1, "same moment"), Effect.ensuring(hour, hour)]
        const task = yield* asyncio.createTask(asyncio.race(members, { discard }))
        for (const at of [2, 3]) {
          yield* asyncio.sleep(at - loop.time())
          yield* task.cancel(`at ${at}`)
        }
        lines.push(yield* outcomeOf(task))
        assert.deepStrictEqual(lines, ["discarded same moment", 6, "discarded first", 7, "CancelledError: at 3"])
      })
    ))

  it("counts one that is given twice as one", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const winner = yield* asyncio.createTask(asyncio.sleep(1, "winner"))
        const loser = yield* asyncio.createTask(failsAt(1, "loser"))
        const discard = (value: unknown) => Effect.sync(() => void lines.push(`discarded ${String(value)}`))
        lines.push(yield* asyncio.race([winner, winner, hour], { discard }))
        lines.push(errorsOf(yield* Effect.flip(asyncio.anyOf([loser, loser]))))
        assert.deepStrictEqual(lines, ["winner", ["loser"]])
      })
    ))

  it("says who has asked first where a timeout cancels it as well", () =>
    run(
      Effect.gen(function* () {
        const slow = asyncio.catchCancelled(hour, () => hour)
        const task = yield* asyncio.createTask(asyncio.timeout(10, asyncio.race([slow, slow])))
        yield* asyncio.sleep(5)
        yield* task.cancel("outside")
        const error = yield* Effect.flip(task)
        assert.deepStrictEqual([error._tag, (error as asyncio.CancelledError).reason], ["CancelledError", "outside"])
      })
    ))

  it("ends with the first of several Ctrl-C, hands the winner's value back, and has no report", async () => {
    const lines: Array<unknown> = []
    const interrupts = [new asyncio.KeyboardInterrupt("first"), new asyncio.KeyboardInterrupt("second")] as const
    const seen = (raced: Effect.Effect<unknown, unknown>) =>
      Effect.map(Effect.exit(raced), (exit) => lines.push(Exit.isFailure(exit) && asyncio.exceptionOf(exit.cause)))
    const reports = await reportsOf(
      Effect.gen(function* () {
        yield* seen(asyncio.race([Effect.die(interrupts[0]), Effect.die(interrupts[1])]))
        const discard = (value: unknown) => Effect.sync(() => void lines.push(`discarded ${String(value)}`))
        const cleanup = Effect.ensuring(hour, Effect.die(interrupts[1]))
        yield* seen(asyncio.race([asyncio.sleep(1, "value"), cleanup], { discard }))
      })
    )
    assert.deepStrictEqual(lines, [interrupts[0], "discarded value", interrupts[1]])
    assert.deepStrictEqual(reports, [])
  })

  it("ends all at a Ctrl-C in one of them", () =>
    run(
      Effect.gen(function* () {
        const interrupt = new asyncio.KeyboardInterrupt()
        const members = [hour, Effect.die(interrupt)]
        for (const raced of [asyncio.race(members), asyncio.anyOf(members)] as ReadonlyArray<
          Effect.Effect<void, Error>
        >) {
          assert.strictEqual(
            yield* Effect.catchDefect(Effect.as(Effect.orDie(raced), undefined), Effect.succeed),
            interrupt
          )
        }
        const discarded = asyncio.race([Effect.void, Effect.void], { discard: () => Effect.die(interrupt) })
        assert.strictEqual(yield* Effect.catchDefect(discarded, Effect.succeed), interrupt)
        assert.deepStrictEqual(yield* taskNames, ["Task-1"])
      })
    ))

  it("refuses the task that it is in, which would wait for itself, and cancel itself for ever", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const itself = Effect.flatMap(asyncio.currentTask, (me) => asyncio.race([hour, me]))
        const later = Effect.flatMap(asyncio.currentTask, (me) => asyncio.staggered(1, [hour, () => me]))
        for (const each of [itself, later]) {
          const task = yield* asyncio.createTask(each, { name: "me" })
          lines.push((yield* outcomeOf(task)).replace(/: <.*/, ""), yield* taskNames)
        }
        const refused = "RuntimeError: Task cannot await on itself"
        assert.deepStrictEqual(lines, [refused, ["Task-1"], refused, ["Task-1"]])
      })
    ))

  it("gives up the task that waits for it, as every wait in a ring does", () =>
    run(
      Effect.gen(function* () {
        const parent = yield* asyncio.createTask(
          Effect.flatMap(asyncio.currentTask, (me) => Effect.flatten(asyncio.createTask(asyncio.race([me, hour]))))
        )
        yield* asyncio.sleep(5)
        yield* parent.cancel("stop")
        assert.strictEqual(yield* outcomeOf(parent), "CancelledError: stop")
        yield* asyncio.sleep(1)
        assert.deepStrictEqual(yield* taskNames, ["Task-1"])
      })
    ))

  it("nests with timeouts, and in branches of Effect.all", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const slowCleanup = Effect.ensuring(hour, asyncio.sleep(5))
        assert.isTrue((yield* asyncio.moveOn(5, asyncio.race([slowCleanup, hour]))).timedOut)
        assert.strictEqual(loop.time(), 10)
        const branch = asyncio.race([slowCleanup, hour])
        const all = Effect.all([branch, failsAt(5, "sibling")], { concurrency: 2 })
        assert.strictEqual(yield* Effect.flip(all), "sibling")
        assert.strictEqual(loop.time(), 20)
        assert.deepStrictEqual(yield* taskNames, ["Task-1"])
      })
    ))

  it("refuses what is nothing, no list, and cannot be awaited, before any of it has begun", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const ran = Effect.sync(() => lines.push("ran"))
        const refused = yield* failuresOf([
          asyncio.race([]),
          asyncio.race(hour as never),
          asyncio.race([ran, 5] as never),
          asyncio.race([ran], { discard: 5 as never }),
          asyncio.race([ran], 5 as never),
          asyncio.anyOf([])
        ])
        yield* asyncio.sleep(1)
        assert.deepStrictEqual(
          [refused, lines, yield* taskNames],
          [
            [
              "ValueError: race() needs at least one to wait for",
              "TypeError: race() expects a list of awaitables, not coroutine",
              "TypeError: An asyncio.Future, a coroutine or an awaitable is required",
              "TypeError: a function was expected by race(), got 5",
              "TypeError: an object of options was expected by race(), got 5",
              "ValueError: anyOf() needs at least one to wait for"
            ],
            [],
            ["Task-1"]
          ]
        )
      })
    ))
})

describe("anyOf", () => {
  it("gives the first success, cancels the rest, and waits for them", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const members = [failsAt(1, "down"), asyncio.sleep(2, "value"), Effect.ensuring(hour, asyncio.sleep(5))]
        assert.deepStrictEqual([yield* asyncio.anyOf(members), loop.time(), yield* taskNames], ["value", 7, ["Task-1"]])
      })
    ))

  it("fails with all failures, in the order of what was given", () =>
    run(
      Effect.gen(function* () {
        const cancelled = Effect.andThen(
          Effect.flatMap(asyncio.currentTask, (task) => task.cancel("itself")),
          hour
        )
        const error = yield* Effect.flip(asyncio.anyOf([failsAt(3, "c"), failsAt(2, "b"), failsAt(1, "a"), cancelled]))
        assert.strictEqual(String(error), "ExceptionGroup: nothing has succeeded in anyOf() (4 sub-exceptions)")
        assert.deepStrictEqual(errorsOf(error).map(String), ["c", "b", "a", "CancelledError: itself"])
      })
    ))

  it("dies of all failures where one of them is a defect, which no type tells", () =>
    run(
      Effect.gen(function* () {
        const failing = asyncio.anyOf([failsAt(1, "a"), Effect.die(new Error("bug"))])
        const handled = Effect.catchTag(failing, "ExceptionGroup", () => Effect.succeed("handled"))

        const defect = yield* Effect.catchDefect(handled, Effect.succeed)

        assert.deepStrictEqual(errorsOf(defect).map(String), ["a", "Error: bug"])
      })
    ))

  it("drops failures before the first success, and reports defects", async () => {
    const reports = await reportsOf(
      Effect.gen(function* () {
        yield* asyncio.anyOf([failsAt(1, "expected"), asyncio.sleep(5)])
        yield* asyncio.anyOf([Effect.die("bug"), asyncio.sleep(5)])
      })
    )
    assert.deepStrictEqual(reports, ["Task exception was never retrieved"])
  })

  it("is cancelled with all that run", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(asyncio.anyOf([failsAt(1, "down"), hour, hour]))
        yield* asyncio.sleep(5)
        yield* task.cancel("stop")
        assert.deepStrictEqual([yield* outcomeOf(task), yield* taskNames], ["CancelledError: stop", ["Task-1"]])
      })
    ))
})

describe("staggered", () => {
  const noting =
    (lines: Array<unknown>, loop: asyncio.EventLoop) => (name: string, effect: Effect.Effect<unknown, unknown>) =>
      Effect.andThen(
        Effect.sync(() => void lines.push(`${name} ${loop.time()}`)),
        effect
      )

  it("begins the next one after the delay, or when the last one has failed", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const begin = noting(lines, yield* asyncio.getRunningLoop)
        const result = yield* asyncio.staggered(10, [
          begin("a", failsAt(15, "a")),
          begin("b", failsAt(12, "b")),
          begin("c", failsAt(1, "c")),
          begin("d", asyncio.sleep(3, "d")),
          begin("e", hour)
        ])
        assert.deepStrictEqual([result, lines, yield* taskNames], ["d", ["a 0", "b 10", "c 20", "d 21"], ["Task-1"]])
      })
    ))

  it("counts the delay from when the last one began, also where that was because another one failed", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const begin = noting(lines, yield* asyncio.getRunningLoop)
        const coroutines = [begin("a", failsAt(1, "a")), begin("b", asyncio.sleep(20, "b")), begin("c", hour)]
        assert.strictEqual(yield* asyncio.staggered(10, coroutines), "b")
        assert.deepStrictEqual(lines, ["a 0", "b 1", "c 11"])
      })
    ))

  it("begins the next one without a delay only when the last one has failed", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const begin = noting(lines, yield* asyncio.getRunningLoop)
        const coroutines = [begin("a", failsAt(15, "a")), begin("b", failsAt(1, "b")), begin("c", Effect.fail("c"))]
        const error = yield* Effect.flip(asyncio.staggered(undefined, coroutines))
        assert.deepStrictEqual(
          [errorsOf(error), lines],
          [
            ["a", "b", "c"],
            ["a 0", "b 15", "c 16"]
          ]
        )
      })
    ))

  it("asks a list that has come to its end for nothing more, and does not close it", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const iterator = {
          next: () => {
            lines.push("next")
            return lines.length === 1 ? { done: false, value: failsAt(5, "failed") } : { done: true, value: undefined }
          },
          return: () => {
            lines.push("return")
            return { done: true, value: undefined }
          }
        } as Iterator<Effect.Effect<void, string>>
        const error = yield* Effect.flip(asyncio.staggered(1, { [Symbol.iterator]: () => iterator }))
        assert.deepStrictEqual([errorsOf(error), lines], [["failed"], ["next", "next"]])

        lines.length = 0
        const broken = {
          ...iterator,
          next: () => {
            throw new Error("broken")
          }
        }
        const outcome = yield* outcomeOf(asyncio.staggered(1, { [Symbol.iterator]: () => broken }))
        assert.deepStrictEqual([outcome, lines], ["Error: broken", []])
      })
    ))

  it("reads an endless list no further than it needs, and closes it", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        function* endless() {
          try {
            for (let i = 1; ; i++) yield () => (lines.push(i), i === 3 ? asyncio.sleep(1, "three") : hour)
          } finally {
            lines.push("closed")
          }
        }
        lines.push(yield* asyncio.staggered(10, endless()))
        const task = yield* asyncio.createTask(asyncio.staggered(10, endless()))
        yield* asyncio.sleep(5)
        yield* task.cancel("stop")
        lines.push(yield* outcomeOf(task))
        assert.deepStrictEqual(lines, [1, 2, 3, "closed", "three", 1, "closed", "CancelledError: stop"])
      })
    ))

  it("fails with what closing its list fails with, and hands the winner's value back", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const throws = () => {
          throw new Error("closing")
        }
        function* broken() {
          try {
            yield asyncio.sleep(1, "value")
            yield hour
          } finally {
            throws()
          }
        }
        const discard = (value: unknown) =>
          Effect.andThen(
            asyncio.sleep(1),
            Effect.sync(() => void lines.push(value))
          )
        lines.push(yield* outcomeOf(asyncio.staggered(5, broken(), { discard })))
        assert.deepStrictEqual(lines, ["value", "Error: closing"])
      })
    ))

  it("begins nobody when one has won in the moment in which the last one has failed", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const loop = yield* asyncio.getRunningLoop
        const begin = noting(lines, loop)
        const [slow, last] = [loop.createFutureUnsafe<string, Error>(), loop.createFutureUnsafe<string, Error>()]
        loop.callLaterUnsafe(15, () => {
          last.setExceptionUnsafe(new Error("last"))
          slow.setResultUnsafe("slow")
        })
        const result = yield* asyncio.staggered(10, [begin("a", slow), begin("b", last), begin("c", hour)])
        assert.deepStrictEqual([result, lines], ["slow", ["a 0", "b 10"]])
      })
    ))

  it("asks a list that has ended no more", () =>
    run(
      Effect.gen(function* () {
        let asked = 0
        const list = {
          [Symbol.iterator]: () => ({
            next: () => (++asked === 1 ? { done: false, value: failsAt(15, "a") } : { done: true, value: undefined }),
            return: () => {
              throw new Error("closed")
            }
          })
        } as Iterable<Effect.Effect<void, string>>
        const error = yield* Effect.flip(asyncio.staggered(10, list))
        assert.deepStrictEqual([errorsOf(error), asked], [["a"], 2])
      })
    ))

  it("leaves no timer", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        yield* asyncio.staggered(10, [asyncio.sleep(1), hour])
        assert.strictEqual(loop.snapshot().timers, 0)
      })
    ))

  it("fails where its list or a function in it throws, and leaves nothing behind", () =>
    run(
      Effect.gen(function* () {
        function* broken() {
          yield hour
          throw new Error("broken list")
        }
        const throws = () => {
          throw new Error("thrown")
        }
        const task = yield* asyncio.createTask(hour)
        assert.deepStrictEqual(
          yield* failuresOf([
            asyncio.staggered(5, broken()),
            asyncio.staggered(5, [hour, throws]),
            asyncio.staggered(5, [() => 5]),
            asyncio.staggered(5, [task] as never),
            asyncio.staggered(5, []),
            asyncio.staggered(Number.NaN, [hour]),
            asyncio.staggered(5, hour as never)
          ]),
          [
            "Error: broken list",
            "Error: thrown",
            "TypeError: An asyncio.Future, a coroutine or an awaitable is required",
            `TypeError: a coroutine was expected by staggered(), got ${String(task)}`,
            "ValueError: staggered() needs at least one to wait for",
            "ValueError: Invalid delay: NaN (not a number)",
            "TypeError: staggered() expects a list of coroutines, not coroutine"
          ]
        )
        yield* task.cancel()
        yield* Effect.exit(task)
        assert.deepStrictEqual(yield* taskNames, ["Task-1"])
      })
    ))

  it("begins nobody when it was cancelled before, and hands a late connection back", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const discard = (value: unknown) => Effect.sync(() => void lines.push(`discarded ${String(value)}`))
        const stubborn = (name: string) => asyncio.catchCancelled(asyncio.sleep(20, name), () => asyncio.sleep(1, name))
        const members = [stubborn("a"), stubborn("b")]
        lines.push(yield* asyncio.staggered(10, members, { discard }))
        const task = yield* asyncio.createTask(asyncio.staggered(10, members, { discard }))
        yield* asyncio.sleep(5)
        yield* task.cancel("stop")
        lines.push(yield* outcomeOf(task))
        assert.deepStrictEqual(lines, ["discarded b", "a", "discarded a", "CancelledError: stop"])
        assert.isTrue(Exit.isSuccess(yield* Effect.exit(asyncio.sleep(0))))
      })
    ))
})
