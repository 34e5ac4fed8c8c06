import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import * as Effectable from "effect/Effectable"
import { run } from "../support.ts"

/** An awaitable of the user's own. */
class Awaitable extends Effectable.Class<string> {
  override asEffect(): Effect.Effect<string> {
    return asyncio.sleep(0, "awaited")
  }
}

function* generator() {}

/** What becomes of a value that is to run as a task. */
const asTask = (value: unknown): Effect.Effect<string> =>
  asyncio.createTask(value as Effect.Effect<unknown>).pipe(
    Effect.flatMap((task) => task),
    Effect.matchCause({
      onSuccess: (result) => `gave ${String(result)}`,
      onFailure: (cause) => String(asyncio.exceptionOf(cause))
    })
  )

describe("CPython test_pep492", () => {
  it("holds a primitive inside its block and lets go of it at the end (test_context_manager_async_with)", () =>
    run(
      Effect.gen(function* () {
        const primitives = {
          lock: yield* asyncio.Lock.make(),
          condition: yield* asyncio.Condition.make(),
          semaphore: yield* asyncio.Semaphore.make(),
          boundedSemaphore: yield* asyncio.BoundedSemaphore.make()
        }
        const seen: Record<string, ReadonlyArray<boolean>> = {}

        for (const [name, primitive] of Object.entries(primitives)) {
          const before = primitive.locked()
          const inside = yield* primitive.use(
            Effect.andThen(
              asyncio.sleep(1),
              Effect.sync(() => primitive.locked())
            )
          )
          seen[name] = [before, inside, primitive.locked()]
        }

        const held = [false, true, false]
        assert.deepStrictEqual(seen, { lock: held, condition: held, semaphore: held, boundedSemaphore: held })
      })
    ))

  it("takes an Effect as a coroutine, and whatever behaves like one (test_iscoroutine)", () =>
    run(
      Effect.gen(function* () {
        const coroutine = Effect.fn("coroutine")(function* () {
          return "returned"
        })

        const results = [yield* asTask(coroutine()), yield* asTask(new Awaitable())]

        assert.deepStrictEqual(results, ["gave returned", "gave awaited"])
      })
    ))

  // A function that would make one is the body of a task here, as for Effect.gen.
  it("does not take a generator as a coroutine (test_iscoroutine_generator)", () =>
    run(
      Effect.gen(function* () {
        assert.match(yield* asTask(generator()), /^TypeError: a coroutine was expected, got /)
      })
    ))

  it("gives the same result with debug mode off and on (test_async_def_coroutines)", async () => {
    const bar = Effect.fn("bar")(function* () {
      return "spam"
    })
    const foo = Effect.fn("foo")(function* () {
      return yield* bar()
    })

    const results = [await run(foo()), await run(foo(), { debug: true })]

    assert.deepStrictEqual(results, ["spam", "spam"])
  })

  it("finds its own coroutine on a task's stack while it runs (test_task_print_stack)", async () => {
    const foo = Effect.fn("foo")(function* () {
      const task = yield* asyncio.currentTask
      return task.getStack({ limit: 1 })
    })

    const stack = await run(foo())

    assert.deepStrictEqual(
      stack.map(({ name }) => name),
      ["foo"]
    )
    assert.match(stack[0]?.location ?? "", /test_pep492\.test\.ts:\d+$/)
  })
})
