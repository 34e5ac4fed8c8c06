// oxlint-disable unicorn/consistent-function-scoping -- what runs on a thread is written beside what it is for
import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"

// Threads take real time: these programs run on the host's clock, and wait for nothing but the threads.
const run = <A, E>(main: Effect.Effect<A, E>): Promise<A> => asyncio.run(main, { handleSigint: false })

describe("CPython test_threads", () => {
  it("runs a function on another thread and resolves to its result (test_to_thread)", async () => {
    const isMain = (answer: number) => {
      const { isMainThread } = process.getBuiltinModule("node:worker_threads")
      return [isMainThread, answer]
    }

    const here = isMain(42)
    const there = await run(asyncio.toThread(isMain, 42))

    assert.deepStrictEqual(
      [here, there],
      [
        [true, 42],
        [false, 42]
      ]
    )
  })

  it("fails with what the function throws (test_to_thread_exception)", async () => {
    const fails = (message: string): number => {
      throw new TypeError(message)
    }

    const error = await run(Effect.flip(asyncio.toThread(fails, "test")))

    assert.instanceOf(error.cause, TypeError)
    assert.strictEqual(error.cause.message, "test")
  })

  it("calls the function once (test_to_thread_once)", async () => {
    const calls = new Int32Array(new SharedArrayBuffer(4))
    const call = (calls: Int32Array) => Atomics.add(calls, 0, 1)

    await run(asyncio.toThread(call, calls))

    assert.strictEqual(calls[0], 1)
  })

  it("runs calls beside each other (test_to_thread_concurrent)", async () => {
    const calls = new Int32Array(new SharedArrayBuffer(4))
    const count = 4
    // Nobody returns before everybody is there, so that they must run at the same time.
    const meet = (calls: Int32Array, index: number, count: number) => {
      Atomics.add(calls, 0, 1)
      Atomics.notify(calls, 0)
      for (let here = Atomics.load(calls, 0); here < count; here = Atomics.load(calls, 0)) Atomics.wait(calls, 0, here)
      return index
    }

    const results = await run(
      asyncio.gather(Array.from({ length: count }, (_, i) => asyncio.toThread(meet, calls, i, count)))
    )

    assert.deepStrictEqual([results, calls[0]], [[0, 1, 2, 3], count])
  })

  it("passes its arguments on (test_to_thread_args_kwargs)", async () => {
    const joined = (first: string, options: { readonly something: number }) => `${first} ${options.something}`

    const result = await run(asyncio.toThread(joined, "me", { something: 42 }))

    assert.strictEqual(result, "me 42")
  })

  it("takes the task's context variables along (test_to_thread_contextvars)", async () => {
    const parrot = asyncio.ContextVar.make("parrot", { defaultValue: "alive" })
    const look = () => {
      const { asyncio } = globalThis as unknown as { readonly asyncio: { variables: Record<string, unknown> } }
      return asyncio.variables["parrot"]
    }

    const seen = await run(Effect.andThen(parrot.set("dead"), asyncio.toThread(look)))

    assert.strictEqual(seen, "dead")
  })
})
