import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Cause, Effect, Exit, Fiber } from "effect"
import { failuresOf, reportsOf, run } from "../support.ts"

const hour = asyncio.sleep("1 hour")

const outcomeOf = (task: asyncio.Task<unknown, unknown>) =>
  Effect.map(Effect.exit(task), (exit) =>
    Exit.isSuccess(exit) ? `value ${String(exit.value)}` : String(Cause.squash(exit.cause))
  )

describe("shielded", () => {
  it("lets no cancellation in, gives its result, and delivers the request at the next await", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const loop = yield* asyncio.getRunningLoop
        const task = yield* asyncio.createTask(
          Effect.gen(function* () {
            lines.push(
              yield* asyncio.shielded(Effect.andThen(asyncio.sleep(5), asyncio.sleep(5, "result"))),
              loop.time()
            )
            yield* asyncio.sleep(0)
            lines.push("never")
          })
        )
        for (const at of [1, 7]) {
          yield* asyncio.sleep(at)
          yield* task.cancel(`at ${at}`)
        }

        lines.push(yield* outcomeOf(task), loop.time(), task.cancelled(), task.cancelling())

        assert.deepStrictEqual(lines, ["result", 10, "CancelledError: at 7", 10, true, 2])
      })
    ))

  it("lets none into an uninterruptible region in it whose time limit expires", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const limited = asyncio.timeout(10, asyncio.sleep(20, "whole"))
        const body = Effect.gen(function* () {
          lines.push(yield* Effect.uninterruptible(limited))
          lines.push(yield* asyncio.sleep(1, "behind it"))
        })
        const task = yield* asyncio.createTask(asyncio.shielded(body))
        yield* asyncio.sleep(1)

        yield* task.cancel("stop")

        lines.push(yield* outcomeOf(task))
        assert.deepStrictEqual(lines, ["whole", "behind it", "CancelledError: stop"])
      })
    ))

  it("is a part of its task: the same current task, variables, services", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.currentTask
        const variable = asyncio.ContextVar.make("variable", { defaultValue: 0 })
        const inside = yield* asyncio.shielded(
          Effect.gen(function* () {
            yield* asyncio.sleep(1)
            yield* variable.set(7)
            return yield* asyncio.currentTask
          })
        )
        assert.strictEqual(inside, task)
        assert.strictEqual(yield* variable.get(), 7)
      })
    ))

  it("ends cancelled where the task returns behind it, and goes on where the request was withdrawn", () =>
    run(
      Effect.gen(function* () {
        const ends = yield* asyncio.createTask(asyncio.shielded(asyncio.sleep(5, "result")))
        const goesOn = yield* asyncio.createTask(
          Effect.gen(function* () {
            const result = yield* asyncio.shielded(asyncio.sleep(5, "result"))
            yield* (yield* asyncio.currentTask).uncancel()
            yield* asyncio.sleep(1)
            return result
          })
        )
        yield* asyncio.sleep(1)
        yield* ends.cancel("stop")
        yield* goesOn.cancel("stop")
        assert.deepStrictEqual(
          [yield* outcomeOf(ends), yield* outcomeOf(goesOn)],
          ["CancelledError: stop", "value result"]
        )
      })
    ))

  it("lets a cancellation in when it was held back for the limit, and only then", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const unasked = yield* asyncio.createTask(asyncio.shielded(asyncio.sleep(1000, "long"), { limit: 5 }))
        yield* asyncio.wait([unasked])
        assert.deepStrictEqual([yield* outcomeOf(unasked), loop.time()], ["value long", 1000])

        for (const body of [hour, Effect.never, Effect.andThen(asyncio.sleep(102), hour)]) {
          const start = loop.time()
          const task = yield* asyncio.createTask(asyncio.shielded(body, { limit: 5 }))
          yield* asyncio.sleep(100)
          yield* task.cancel("first")
          yield* asyncio.sleep(2)
          yield* task.cancel("second")
          assert.deepStrictEqual(
            [yield* outcomeOf(task), loop.time() - start, task.cancelled()],
            ["CancelledError: second", 105, true]
          )
        }
      })
    ))

  it("does not let in what was withdrawn before the limit was over, and lets in all that comes afterwards", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(
          asyncio.shielded(
            asyncio.catchCancelled(hour, () => asyncio.sleep(100, "cleaned up")),
            { limit: 5 }
          )
        )
        yield* asyncio.sleep(1)
        yield* task.cancel()
        yield* asyncio.sleep(1)
        yield* task.uncancel()
        yield* asyncio.sleep(100)
        assert.isFalse(task.done())

        yield* task.cancel("at once")
        yield* asyncio.sleep(1)
        yield* task.cancel("in the handler")

        assert.strictEqual(yield* outcomeOf(task), "CancelledError: in the handler")
      })
    ))

  it("delivers behind the limit once: the first request begins it, later ones do not begin it anew", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const loop = yield* asyncio.getRunningLoop
        const cleanup = Effect.as(asyncio.sleep(10), "cleaned up")
        const task = yield* asyncio.createTask(
          Effect.gen(function* () {
            lines.push(
              yield* asyncio.shielded(
                asyncio.catchCancelled(hour, () => cleanup),
                { limit: 5 }
              )
            )
            lines.push(yield* asyncio.sleep(1, "behind"))
          })
        )
        for (const at of [1, 3]) {
          yield* asyncio.sleep(at - loop.time())
          yield* task.cancel(`at ${at}`)
        }
        lines.push(yield* outcomeOf(task), loop.time())
        assert.deepStrictEqual(lines, ["cleaned up", "behind", "value undefined", 17])
      })
    ))

  it("leaves no timer when it ends before the limit", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const inTask = Effect.ignore(asyncio.shielded(asyncio.sleep(2), { limit: 5 }))
        const task = yield* asyncio.createTask(
          Effect.andThen(
            inTask,
            Effect.sync(() => loop.snapshot().timers)
          )
        )
        const inBranch = asyncio.shielded(asyncio.sleep(2), { limit: 5 })
        yield* asyncio.sleep(1)
        yield* task.cancel()
        yield* Effect.ignore(Effect.all([inBranch, failsSoon], { concurrency: 2 }))
        assert.deepStrictEqual([task.done(), loop.snapshot().timers], [true, 0])
      })
    ))

  const failsSoon = Effect.andThen(asyncio.sleep(1), Effect.fail("sibling"))

  for (const [name, cleanup] of Object.entries({ "an await of our own": hour, "a foreign effect": Effect.never })) {
    it(`lets the interrupt of its fiber in behind the limit, and at once when that is over: at ${name}`, () =>
      run(
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop
          const fibers: Array<Fiber.Fiber<unknown, unknown>> = []
          const noting = <A, E>(effect: Effect.Effect<A, E>) =>
            Effect.withFiber((fiber) => {
              fibers.push(fiber)
              return effect
            })
          const held = yield* asyncio.createTask(noting(asyncio.shielded(hour, { limit: 5 })))
          const stubborn = asyncio.catchCancelled(hour, () => cleanup)
          const over = yield* asyncio.createTask(noting(asyncio.shielded(stubborn, { limit: 5 })))
          yield* asyncio.sleep(1)
          yield* over.cancel("first")
          fibers[0]!.interruptUnsafe()
          yield* asyncio.wait([held])
          const heldUntil = loop.time()
          yield* asyncio.sleep(4)
          const isOver = over.done()
          fibers[1]!.interruptUnsafe()
          yield* asyncio.wait([over])
          assert.deepStrictEqual(
            { heldUntil, isOver, overAt: loop.time() },
            { heldUntil: 6, isOver: false, overAt: 10 }
          )
          assert.deepStrictEqual({ held: held.cancelled(), over: over.cancelled() }, { held: true, over: true })
        })
      ))
  }

  it("holds back what was due before it began", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const task = yield* asyncio.createTask(
          Effect.gen(function* () {
            yield* (yield* asyncio.currentTask).cancel("by itself")
            lines.push(yield* asyncio.shielded(asyncio.sleep(5, "result")))
            yield* asyncio.shielded(hour, { limit: 5 })
          })
        )
        lines.push(yield* outcomeOf(task))
        assert.deepStrictEqual(lines, ["result", "CancelledError: by itself"])
      })
    ))

  it("holds back what a timeout around it asks, whose body then has a result", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        assert.strictEqual(yield* asyncio.timeout(5, asyncio.shielded(asyncio.sleep(10, "late"))), "late")
        const andThen = Effect.andThen(asyncio.shielded(asyncio.sleep(10)), asyncio.sleep(0))
        assert.strictEqual((yield* Effect.flip(asyncio.timeout(5, andThen)))._tag, "TimeoutError")
        assert.deepStrictEqual(yield* asyncio.moveOn(5, asyncio.shielded(hour, { limit: 10 })), {
          timedOut: true,
          value: undefined
        })
        assert.strictEqual(loop.time(), 35)
        assert.strictEqual((yield* asyncio.currentTask).cancelling(), 0)
        yield* asyncio.sleep(1)
      })
    ))

  it("has timeouts and groups inside that cancel what is inside, also while a request is held back", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const boom = asyncio.taskGroup((group: asyncio.TaskGroup<string>) =>
          Effect.andThen(group.createTask(Effect.andThen(asyncio.sleep(5), Effect.fail("boom"))), hour)
        )
        const task = yield* asyncio.createTask(
          Effect.gen(function* () {
            const inside = Effect.gen(function* () {
              lines.push((yield* Effect.flip(asyncio.timeout(5, hour)))._tag)
              lines.push((yield* asyncio.moveOn(5, Effect.never)).timedOut)
              lines.push((yield* Effect.flip(boom)).errors)
              lines.push(yield* asyncio.sleep(1, "inside"))
            })
            yield* asyncio.shielded(inside)
            lines.push("behind")
            yield* asyncio.sleep(1)
            lines.push("never")
          })
        )
        yield* asyncio.sleep(2)
        yield* task.cancel("outside")
        lines.push(yield* outcomeOf(task))
        assert.deepStrictEqual(lines, ["TimeoutError", true, ["boom"], "inside", "behind", "CancelledError: outside"])
      })
    ))

  it("nests: what is held back twice is delivered behind both", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const task = yield* asyncio.createTask(
          asyncio.shielded(
            Effect.gen(function* () {
              lines.push(yield* asyncio.shielded(asyncio.sleep(5, "inner")))
              lines.push(yield* asyncio.sleep(5, "outer"))
            })
          )
        )
        const limited = yield* asyncio.createTask(
          asyncio.shielded(
            Effect.gen(function* () {
              lines.push(yield* asyncio.shielded(asyncio.sleep(20, "inner to its end")))
              yield* hour
            }),
            { limit: 5 }
          )
        )
        yield* asyncio.sleep(1)
        yield* task.cancel("stop")
        yield* limited.cancel("stop")
        lines.push(yield* outcomeOf(task), yield* outcomeOf(limited))
        assert.deepStrictEqual(lines, [
          "inner",
          "outer",
          "inner to its end",
          "CancelledError: stop",
          "CancelledError: stop"
        ])
      })
    ))

  it("fails as its body fails, and then the request is still due", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const task = yield* asyncio.createTask(
          Effect.gen(function* () {
            const body = Effect.andThen(asyncio.sleep(5), Effect.fail("boom"))
            lines.push(yield* Effect.flip(asyncio.shielded(body)))
            yield* asyncio.sleep(0)
          })
        )
        yield* asyncio.sleep(1)
        yield* task.cancel("outside")
        lines.push(yield* outcomeOf(task))
        assert.deepStrictEqual(lines, ["boom", "CancelledError: outside"])
      })
    ))

  it("in a branch of Effect.all is waited for by the interrupt, and its late failure is told", async () => {
    const lines: Array<unknown> = []
    const reports = await reportsOf(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const branch = asyncio.shielded(
          Effect.andThen(
            asyncio.sleep(10),
            Effect.sync(() => lines.push("finished"))
          )
        )
        const failing = asyncio.shielded(Effect.andThen(asyncio.sleep(10), Effect.fail("late")))
        const endless = asyncio.shielded(hour, { limit: 20 })
        const all = Effect.all([branch, failing, endless, Effect.andThen(asyncio.sleep(1), Effect.fail("sibling"))], {
          concurrency: "unbounded"
        })
        lines.push(yield* Effect.flip(all), loop.time())
      })
    )
    assert.deepStrictEqual(lines, ["finished", "sibling", 21])
    assert.deepStrictEqual(reports, ["Task exception was never retrieved"])
  })

  it("in a fiber of the task's is waited for when that is interrupted natively", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const loop = yield* asyncio.getRunningLoop
        const body = Effect.andThen(
          asyncio.sleep(10),
          Effect.sync(() => lines.push("finished"))
        )
        const fiber = yield* Effect.forkChild(asyncio.shielded(body))
        yield* asyncio.sleep(1)
        yield* Fiber.interrupt(fiber)
        lines.push(loop.time())
        assert.deepStrictEqual(lines, ["finished", 10])
      })
    ))

  it("holds the end of its run up until it is over", async () => {
    const lines: Array<string> = []
    const body = Effect.andThen(
      asyncio.sleep(10),
      Effect.sync(() => void lines.push("finished"))
    )
    await run(Effect.andThen(asyncio.createTask(asyncio.shielded(body)), asyncio.sleep(0)))
    assert.deepStrictEqual(lines, ["finished"])
  })

  it("refuses what is no body and no limit", () =>
    run(
      Effect.gen(function* () {
        const wrong: ReadonlyArray<unknown> = [
          asyncio.shielded(5 as never),
          asyncio.shielded(hour, 5 as never),
          asyncio.shielded(hour, { limit: Number.NaN }),
          asyncio.shielded((() => 5) as never)
        ]
        assert.deepStrictEqual(yield* failuresOf(wrong as ReadonlyArray<Effect.Effect<unknown>>), [
          "TypeError: an Effect, or a function that makes one, was expected by shielded(), got 5",
          "TypeError: an object of options was expected by shielded(), got 5",
          "ValueError: Invalid delay: NaN (not a number)",
          "TypeError: an Effect was expected by shielded(), got 5"
        ])
      })
    ))
})
