import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Clock, Console, Context, Effect, Logger } from "effect"

const broken = new Error("broken")

function zeroError() {
  throw broken
}

type Services = Context.Context<never>

const withLogger = (log: (line: string) => void): Services => {
  const logger = Logger.make<unknown, void>(({ logLevel, message }) => {
    log(`${logLevel}: ${[message].flat().map(String).join(" | ")}`)
  })
  return Context.add(Context.empty(), Logger.CurrentLoggers, new Set([logger]))
}

/** The log of a program, on a loop whose tasks and reports use a logger of ours. */
const logOf = async (
  main: (loop: asyncio.EventLoop) => Effect.Effect<unknown, unknown>,
  clock?: Clock.Clock
): Promise<ReadonlyArray<string>> => {
  const entries: Array<string> = []
  const context = withLogger((line) => entries.push(line))
  const loop = asyncio.newEventLoop({ context, clock })
  await asyncio.run(main(loop), { loopFactory: () => loop, handleSigint: false })
  return entries
}

describe("CPython test_base_events", () => {
  it("logs the error of a callback, whenever it was called, and goes on (test_default_exc_handler_callback)", async () => {
    const entries = await logOf((loop) =>
      Effect.gen(function* () {
        yield* loop.callSoon(zeroError)
        yield* asyncio.sleep(0)
        yield* loop.callLater(1, zeroError)
        yield* asyncio.sleep(2)
      })
    )

    const entry =
      "Error: Exception in callback zeroError()\nhint: Catch it in the callback, or make it a task that somebody awaits.\nhandle: <Handle zeroError()> | Error: broken"
    assert.deepStrictEqual(entries, [entry, entry])
  })

  it("logs the failure of a task that nobody awaits (test_default_exc_handler_coro)", async () => {
    const entries = await logOf(() =>
      Effect.andThen(asyncio.createTask(Effect.fail("broken"), { name: "lost" }), asyncio.sleep(0))
    )

    assert.lengthOf(entries, 1)
    assert.match(
      entries[0] ?? "",
      /^Error: Task exception was never retrieved\nhint: .*\ntask: <Task finished name='lost' .*>/
    )
  })

  it("refuses a handler that is no function (test_set_exc_handler_invalid)", () => {
    const loop = makeVirtualTimeLoop()

    const attempt = () => loop.setExceptionHandlerUnsafe("spam" as never)

    assert.throws(attempt, TypeError, "A callable object or undefined is expected, got 'spam'")
    loop.closeUnsafe()
  })

  it("tells a handler what failed, until it is taken back (test_set_exc_handler_custom)", async () => {
    const seen: Array<unknown> = []
    const entries = await logOf((loop) =>
      Effect.gen(function* () {
        yield* loop.setExceptionHandler((...args) => seen.push(...args))
        yield* loop.callSoon(zeroError)
        yield* asyncio.sleep(0)
        seen[0] = seen[0] === loop ? "the loop" : seen[0]
        yield* loop.setExceptionHandler(undefined)
        yield* loop.callSoon(zeroError)
        yield* asyncio.sleep(0)
      })
    )

    const context = {
      message: "Exception in callback zeroError()",
      exception: broken,
      handle: "<Handle zeroError()>",
      hint: "Catch it in the callback, or make it a task that somebody awaits."
    }
    assert.deepStrictEqual(seen, ["the loop", context])
    assert.lengthOf(entries, 1)
    assert.match(entries[0] ?? "", /^Error: Exception in callback zeroError\(\)/)
  })

  it("logs the error of a handler, and what that was told (test_set_exc_handler_broken)", async () => {
    const entries = await logOf((loop) =>
      Effect.gen(function* () {
        yield* loop.setExceptionHandler(() => {
          throw new TypeError("spam")
        })
        yield* loop.callSoon(zeroError)
        yield* asyncio.sleep(0)
      })
    )

    assert.deepStrictEqual(entries, [
      "Error: Unhandled error in exception handler\nhint: Let the handler not throw. | TypeError: spam",
      "Error: Exception in callback zeroError()\nhint: Catch it in the callback, or make it a task that somebody awaits.\nhandle: <Handle zeroError()> | Error: broken"
    ])
  })

  it("says so on the console when the log itself fails, and goes on (test_default_exc_handler_broken)", async () => {
    const lines: Array<string> = []
    const console: Console.Console = Object.create(globalThis.console, {
      error: { value: (...args: ReadonlyArray<unknown>) => void lines.push(args.map(String).join(" ")) }
    })
    const failing = withLogger(() => {
      throw new RangeError("no log")
    })
    const loop = asyncio.newEventLoop({ context: Context.add(failing, Console.Console, console) })
    const main = Effect.gen(function* () {
      yield* loop.callSoon(zeroError)
      yield* asyncio.sleep(0)
      yield* loop.setExceptionHandler(zeroError)
      yield* loop.callSoon(zeroError)
      return yield* asyncio.sleep(0, "went on")
    })

    const result = await asyncio.run(main, { loopFactory: () => loop, handleSigint: false })

    const line = "Exception in default exception handler: RangeError: no log"
    assert.deepStrictEqual([result, ...lines], ["went on", line, line, line])
  })

  it("warns in debug mode of a callback and of a step that took too long (test_log_slow_callbacks)", async () => {
    let now = 0
    const clock: Clock.Clock = Object.create(Clock.Clock.defaultValue(), {
      monotonicTimeNanosUnsafe: { value: () => BigInt(now * 1_000_000) }
    })
    const busy = Effect.fn("stopLoopCoro")(function* () {
      now += 123
    })
    function stopLoopCb() {
      now += 123
    }

    const entries = await logOf(
      (loop) =>
        Effect.gen(function* () {
          yield* loop.setDebug(true)
          yield* loop.callSoon(stopLoopCb)
          yield* asyncio.createTask(busy(), { name: "late" })
          yield* asyncio.sleep(0)
          loop.slowCallbackDuration = 124
          yield* loop.callSoon(stopLoopCb)
          yield* asyncio.sleep(0)
        }),
      clock
    )

    assert.lengthOf(entries, 2)
    assert.strictEqual(entries[0]?.split("\n")[0], "Warn: Executing <Handle stopLoopCb()> took 0.123 seconds")
    assert.match(entries[1] ?? "", /^Warn: Executing <Task .*stopLoopCoro\(\).*> took 0\.123 seconds\nhint: .*$/)
  })
})
