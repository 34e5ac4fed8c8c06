// Tokens, variables without a default, and contexts that are entered: the cases of CPython's test_context.
import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { run } from "../support.ts"

const { ContextVar, Token } = asyncio

/** The text of the defect, or of the error, that an effect ends with. */
const problem = (effect: Effect.Effect<unknown, unknown>) =>
  effect.pipe(
    Effect.map((value) => `gave ${String(value)}`),
    Effect.catchDefect((defect) => Effect.succeed(String(defect))),
    Effect.catch((error) => Effect.succeed(String(error)))
  )

const textOf = (call: () => unknown): string => {
  try {
    return `gave ${String(call())}`
  } catch (error) {
    return String(error)
  }
}

describe("a ContextVar without a default", () => {
  // test_context_getset_1
  it("fails with a LookupError where none was set, in Effect and outside", () =>
    run(
      Effect.gen(function* () {
        const variable = ContextVar.make<number>("c")

        assert.strictEqual(yield* problem(variable.get()), "LookupError: <ContextVar name='c'>")
        assert.strictEqual(
          textOf(() => variable.getUnsafe()),
          "LookupError: <ContextVar name='c'>"
        )
        const error = yield* Effect.flip(variable.get())
        assert.deepStrictEqual(
          {
            tag: error._tag,
            isLookupError: error instanceof asyncio.LookupError,
            task: error.task,
            hasHint: error.hint?.includes("get(fallback)")
          },
          { tag: "LookupError", isLookupError: true, task: "Task-1", hasHint: true }
        )
      })
    ))

  it("has a value as soon as one was set, be it undefined", () =>
    run(
      Effect.gen(function* () {
        const variable = ContextVar.make<undefined>("c")

        yield* variable.set(undefined)

        assert.deepStrictEqual([yield* variable.get(), yield* variable.get(1)], [undefined, undefined])
      })
    ))

  it("takes the fallback before its default, and a value before both", () =>
    run(
      Effect.gen(function* () {
        const bare = ContextVar.make<number>("bare")
        const variable = ContextVar.make("variable", { defaultValue: 1 })

        const before = [yield* bare.get("none"), yield* variable.get("none"), yield* variable.get(undefined)]
        yield* variable.set(2)

        assert.deepStrictEqual(before, ["none", "none", undefined])
        assert.deepStrictEqual(
          [yield* variable.get("none"), variable.getUnsafe("none"), bare.getUnsafe(null)],
          [2, 2, null]
        )
      })
    ))
})

describe("a Token", () => {
  // test_context_getset_1
  it("knows the value before, and takes the variable back to it, or to none", () =>
    run(
      Effect.gen(function* () {
        const variable = ContextVar.make<number | string>("c")
        const first = yield* variable.set(42)
        const second = yield* variable.set("spam")

        assert.deepStrictEqual([first.oldValue, second.oldValue, first.variable], [Token.MISSING, 42, variable])
        yield* variable.reset(second)
        assert.strictEqual(yield* variable.get(), 42)
        const copy = yield* asyncio.copyContext
        yield* variable.reset(first)
        assert.strictEqual(yield* variable.get("none"), "none")
        assert.deepStrictEqual(
          [copy.values.get(variable), (yield* asyncio.copyContext).values.has(variable)],
          [42, false]
        )
      })
    ))

  it("serves once, and says so", () =>
    run(
      Effect.gen(function* () {
        const variable = ContextVar.make("c", { defaultValue: 0 })
        const token = yield* variable.set(1)
        const before = String(token)

        yield* variable.reset(token)

        yield* variable.set(2)
        assert.deepStrictEqual(
          [before, String(token), yield* problem(variable.reset(token)), yield* variable.get()],
          [
            "<Token var=<ContextVar name='c' default=0>>",
            "<Token used var=<ContextVar name='c' default=0>>",
            "RuntimeError: <Token used var=<ContextVar name='c' default=0>> has already been used once",
            2
          ]
        )
      })
    ))

  // test_context_getset_2
  it("is refused by another variable", () =>
    run(
      Effect.gen(function* () {
        const [one, two] = [ContextVar.make<number>("v1"), ContextVar.make<number>("v2")]
        const token = yield* one.set(42)

        assert.strictEqual(
          yield* problem(two.reset(token)),
          "ValueError: <Token var=<ContextVar name='v1'>> was created by a different ContextVar"
        )
        // It was not used by that.
        yield* one.reset(token)
        assert.strictEqual(yield* one.get(0), 0)
      })
    ))

  // test_context_getset_4
  it("is refused in another context, task or callback", () =>
    run(
      Effect.gen(function* () {
        const variable = ContextVar.make("c", { defaultValue: 42 })
        const context = yield* asyncio.copyContext
        const loop = yield* asyncio.getRunningLoop
        const expected = "ValueError: <Token var=<ContextVar name='c' default=42>> was created in a different Context"

        const ofContext = yield* context.run(variable.set(1))
        const ofTask = yield* yield* asyncio.createTask(variable.set(1))
        const own = yield* variable.set(2)
        const inCallback = yield* loop.createFuture<string>()
        yield* loop.callSoon(() => inCallback.setResultUnsafe(textOf(() => variable.resetUnsafe(own))))

        assert.strictEqual(yield* problem(variable.reset(ofContext)), expected)
        assert.strictEqual(yield* problem(variable.reset(ofTask)), expected)
        assert.strictEqual(yield* inCallback, expected)
        yield* variable.reset(own)
        assert.strictEqual(yield* variable.get(), 42)
      })
    ))

  it("resets in a callback what was set in it", () =>
    run(
      Effect.gen(function* () {
        const variable = ContextVar.make("c", { defaultValue: 0 })
        const loop = yield* asyncio.getRunningLoop
        const seen = yield* loop.createFuture<ReadonlyArray<number>>()

        yield* loop.callSoon(() => {
          const token = variable.setUnsafe(1)
          const inside = variable.getUnsafe()
          variable.resetUnsafe(token)
          seen.setResultUnsafe([inside, variable.getUnsafe()])
        })

        assert.deepStrictEqual(yield* seen, [1, 0])
      })
    ))

  it("is what set gives, and nothing else", () =>
    run(
      Effect.gen(function* () {
        const variable = ContextVar.make("c", { defaultValue: 0 })
        for (const wrong of [1, undefined, { variable, oldValue: 1 }]) {
          const error = yield* problem(variable.reset(wrong as never))
          assert.match(error, /^TypeError: expected an instance of Token, got /)
        }
      })
    ))
})

describe("a context that is entered", () => {
  const variable = ContextVar.make("c", { defaultValue: 0 })

  // test_context_run_6, test_context_getset_3
  it("has what is set inside, which nobody sees outside", () =>
    run(
      Effect.gen(function* () {
        const context = yield* asyncio.copyContext
        const lines: Array<unknown> = []

        yield* context.run(
          Effect.gen(function* () {
            lines.push(yield* variable.get(), context.values.has(variable))
            yield* variable.set(42)
            yield* asyncio.sleep(1)
            lines.push(yield* variable.get(), context.values.get(variable), variable.getUnsafe())
          })
        )

        lines.push(yield* variable.get(), String(context), yield* context.run(variable.get()))
        assert.deepStrictEqual(lines, [0, false, 42, 42, 42, 0, "<Context of 1 variable>", 42])
      })
    ))

  // test_context_run_2, test_context_run_3, test_context_run_5
  it("is left by a function when that returns or throws", () =>
    run(
      Effect.gen(function* () {
        const context = yield* asyncio.copyContext
        const set = (value: number, throws: boolean): number => {
          variable.setUnsafe(value)
          if (throws) throw new RangeError("boom")
          return variable.getUnsafe()
        }

        const seen = [context.runUnsafe(set, 5, false), textOf(() => context.runUnsafe(set, 6, true))]

        assert.deepStrictEqual(
          [...seen, context.values.get(variable), variable.getUnsafe()],
          [5, "RangeError: boom", 6, 0]
        )
      })
    ))

  it("is left by an Effect that fails or is cancelled", () =>
    run(
      Effect.gen(function* () {
        const context = yield* asyncio.copyContext
        const failing = context.run(Effect.andThen(variable.set(1), Effect.fail("boom")))
        yield* Effect.ignore(failing)
        const waiting = context.run(Effect.andThen(variable.set(2), asyncio.sleep("1 hour")))
        yield* Effect.ignore(asyncio.timeout(5, waiting))

        assert.deepStrictEqual([yield* variable.get(), context.values.get(variable)], [0, 2])
      })
    ))

  // test_context_run_4, test_context_copy_1
  it("nests in others, each with its own values", () =>
    run(
      Effect.gen(function* () {
        const [outer, inner] = [yield* asyncio.copyContext, yield* asyncio.copyContext]
        const seen: Array<number> = []

        yield* outer.run(
          Effect.gen(function* () {
            yield* variable.set(1)
            yield* inner.run(Effect.flatMap(variable.get(), (value) => Effect.sync(() => seen.push(value))))
            inner.runUnsafe(() => seen.push(variable.getUnsafe(), Effect.runSync(outer.copy().run(variable.get()))))
            const copy = outer.copy()
            yield* variable.set(2)
            seen.push(yield* copy.run(variable.get()), yield* variable.get())
            const own = yield* asyncio.copyContext
            seen.push(own.values.get(variable) as number)
          })
        )

        assert.deepStrictEqual(seen, [0, 0, 1, 1, 2, 2])
      })
    ))

  // test_context_run_7
  it("cannot be entered again inside, nor in a task that has it", () =>
    run(
      Effect.gen(function* () {
        const context = yield* asyncio.copyContext
        const expected = "RuntimeError: cannot enter context: <Context of 0 variables> is already entered"
        const again = problem(context.run(Effect.void))
        const between = (yield* asyncio.copyContext).run(again)

        const errors = [
          yield* context.run(again),
          yield* context.run(between),
          context.runUnsafe(() => textOf(() => context.runUnsafe(() => "reached"))),
          yield* context.run(Effect.sync(() => textOf(() => context.runUnsafe(() => "reached")))),
          yield* yield* asyncio.createTask(again, { variables: context })
        ]

        assert.deepStrictEqual(
          errors,
          errors.map(() => expected)
        )
        assert.strictEqual(yield* context.run(Effect.succeed("left")), "left")
      })
    ))

  it("can be entered by several fibers at a time, as several tasks can share it", () =>
    run(
      Effect.gen(function* () {
        const context = yield* asyncio.copyContext
        const add = context.run(
          Effect.gen(function* () {
            yield* asyncio.sleep(1)
            yield* variable.set((yield* variable.get()) + 1)
          })
        )

        yield* Effect.all([add, add, add], { concurrency: "unbounded" })

        assert.deepStrictEqual([context.values.get(variable), yield* variable.get()], [3, 0])
      })
    ))

  it("is copied to what is started inside", () =>
    run(
      Effect.gen(function* () {
        const context = yield* asyncio.copyContext
        const loop = yield* asyncio.getRunningLoop
        const seen: Array<number> = []

        const tasks = yield* context.run(
          Effect.gen(function* () {
            yield* variable.set(1)
            yield* loop.callSoon(() => seen.push(variable.getUnsafe()))
            const child = Effect.tap(variable.get(), variable.set(9))
            return [
              yield* asyncio.createTask(child),
              yield* asyncio.createTask(child, { eagerStart: true }),
              yield* asyncio.ensureFuture(variable.get())
            ]
          })
        )
        const eager = context.runUnsafe(() =>
          Effect.runSync(
            Effect.provideService(asyncio.createTask(variable.get(), { eagerStart: true }), asyncio.RunningLoop, loop)
          )
        )

        for (const task of tasks) seen.push(yield* task)
        seen.push(yield* eager)
        assert.deepStrictEqual([...seen, context.values.get(variable), yield* variable.get()], [1, 1, 1, 1, 1, 1, 0])
      })
    ))

  it("serves a callback, too", () =>
    run(
      Effect.gen(function* () {
        const context = yield* asyncio.copyContext
        const loop = yield* asyncio.getRunningLoop
        const seen = yield* loop.createFuture<ReadonlyArray<number>>()

        yield* loop.callSoon(() => {
          context.runUnsafe(() => variable.setUnsafe(7))
          seen.setResultUnsafe([variable.getUnsafe(), context.runUnsafe(() => variable.getUnsafe())])
        })

        assert.deepStrictEqual(yield* seen, [0, 7])
      })
    ))

  it("refuses what is no Effect, and what is no function", () =>
    run(
      Effect.gen(function* () {
        const context = yield* asyncio.copyContext

        assert.match(
          yield* problem(context.run(5 as never)),
          /^TypeError: an Effect was expected by run\(\) of a context, got 5/
        )
        assert.match(
          textOf(() => context.runUnsafe(5 as never)),
          /^TypeError: a function was expected by run\(\) of a context, got 5/
        )
      })
    ))
})
