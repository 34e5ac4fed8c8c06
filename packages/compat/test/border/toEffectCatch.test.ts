import * as asyncio from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import { Data, Effect } from "effect"
import { assert, describe, it } from "vitest"

class LegacyError extends Data.TaggedError("LegacyError")<{ readonly cause: unknown }> {}

const toLegacyError = (cause: unknown) => new LegacyError({ cause })
const run = <A, E>(effect: Effect.Effect<A, E>) => core.run(effect, { handleSigint: false })

describe("toEffect with catch", () => {
  it("fails with what catch makes of the error, and gives a value as it is", async () => {
    const boom = new RangeError("boom")
    const fails = asyncio.toEffect({ try: () => Promise.reject(boom), catch: toLegacyError })
    const caught = fails.pipe(Effect.catchTag("LegacyError", ({ cause }) => Effect.succeed(cause)))

    assert.strictEqual(await run(caught), boom)
    assert.strictEqual(await run(asyncio.toEffect({ try: async () => 1, catch: toLegacyError })), 1)
  })

  it("is not asked about a cancellation, its own or that of another task", async () => {
    const program = Effect.gen(function* () {
      const gone = yield* core.createTask(Effect.never)
      yield* gone.cancel("gone")
      const waits = asyncio.toEffect({ try: () => asyncio.Task.of(gone).then(), catch: toLegacyError })
      const ofOther = yield* Effect.flip(waits)
      const sleeps = asyncio.toEffect({ try: () => asyncio.sleep("1 hour"), catch: toLegacyError })
      const task = yield* core.createTask(sleeps)
      yield* core.sleep(0)
      yield* task.cancel("enough")
      yield* core.wait([task])
      return [String(ofOther), task.cancelled()]
    })

    assert.deepStrictEqual(await run(program), ["CancelledError: gone", true])
  })

  it("refuses a catch that is no function, and a try that is none, at the call", () => {
    const textOf = (body: unknown): string => {
      try {
        asyncio.toEffect(body as () => void)
        return "made"
      } catch (error) {
        return String(error)
      }
    }

    assert.match(
      textOf({ try: async () => 1, catch: 5 }),
      /^TypeError: a function was expected by catch of toEffect\(\), got 5/
    )
    assert.match(textOf({ try: 5, catch: toLegacyError }), /^TypeError: a coroutine function was expected, got 5/)
    assert.match(textOf(undefined), /^TypeError: a coroutine function was expected, got undefined/)
    assert.match(textOf({ try: async () => 1 }), /^TypeError: a coroutine function was expected, got /)
  })
})
