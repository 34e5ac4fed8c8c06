import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import type { VirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect } from "effect"
import { run } from "../support.ts"
import { andFinally, forever, logTo, started } from "./scopeSupport.ts"

/** What `reschedule` says to a timeout that does not let itself be moved. */
const refused = (timeout: asyncio.Timeout) =>
  Effect.catchDefect(Effect.as(timeout.reschedule(2000), "moved"), (defect) => Effect.succeed(String(defect)))

const virtualLoop = Effect.map(asyncio.getRunningLoop, (loop) => loop as VirtualTimeLoop)

describe("CPython test_timeouts", () => {
  it("is the outer one's TimeoutError when two nested ones are due together, and both have expired (test_nested_timeouts)", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const log = logTo(lines)
        const loop = yield* asyncio.getRunningLoop
        const self = yield* asyncio.currentTask
        const deadline = loop.time() + 10
        const timeouts: Array<asyncio.Timeout> = []
        const nested = asyncio.timeoutAt(deadline, (outer) => {
          timeouts.push(outer)
          return asyncio
            .timeoutAt(deadline, (inner) => {
              timeouts.push(inner)
              return Effect.onInterrupt(forever, () => log("body cancelled"))
            })
            .pipe(
              Effect.catchTag("TimeoutError", () => log("inner TimeoutError")),
              Effect.onInterrupt(() => log("inner cancelled"))
            )
        })

        const error = yield* Effect.flip(nested)

        assert.deepStrictEqual([...lines, error._tag], ["body cancelled", "inner cancelled", "TimeoutError"])
        assert.deepStrictEqual(
          { expired: timeouts.map((timeout) => timeout.expired()), cancelling: self.cancelling() },
          { expired: [true, true], cancelling: 0 }
        )
      })
    ))

  it("is the outer one's TimeoutError when the body was too busy for it, whether or not the inner one is due, too (test_nested_timeouts_concurrent)", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const loop = yield* virtualLoop
        for (const innerDelay of [10, 1000]) {
          const busy = Effect.andThen(
            Effect.sync(() => loop.advanceUnsafe(100)),
            asyncio.sleep("10 seconds")
          )
          const nested = asyncio.timeout(
            20,
            Effect.tapError(asyncio.timeout(innerDelay, busy), () => logTo(lines)("inner TimeoutError"))
          )

          const error = yield* Effect.flip(nested)

          lines.push(`${error._tag} at ${loop.time()}`)
        }
        assert.deepStrictEqual(lines, ["TimeoutError at 100", "TimeoutError at 200"])
      })
    ))

  it("interrupts the next await when it is due while the inner one's TimeoutError is handled (test_nested_timeouts_loop_busy)", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const log = logTo(lines)
        const loop = yield* virtualLoop
        const nested = asyncio.timeout(100, (outer) =>
          Effect.gen(function* () {
            yield* Effect.catchTag(asyncio.timeout(10, asyncio.sleep(1000)), "TimeoutError", () =>
              log("inner TimeoutError")
            )
            loop.advanceUnsafe(200)
            yield* log(`outer expired: ${outer.expired()}`)
            yield* asyncio.sleep(0)
            yield* asyncio.sleep(1000)
            yield* log("not reached")
          })
        )

        const error = yield* Effect.flip(nested)

        assert.deepStrictEqual(
          [...lines, error._tag, loop.time()],
          ["inner TimeoutError", "outer expired: false", "TimeoutError", 210]
        )
      })
    ))

  it("raises the TimeoutErrors of a scope and of one in the finally of its body (test_nested_timeout_in_finally)", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const inner = asyncio.timeout(1, forever).pipe(
          Effect.tapError((error) => {
            assert.instanceOf(error.cause, asyncio.CancelledError)
            return logTo(lines)(`inner ${error._tag}`)
          })
        )
        const nested = asyncio.timeout(1, andFinally(Effect.ignore(inner))(forever))

        const error = yield* Effect.flip(nested)

        assert.instanceOf(error.cause, asyncio.CancelledError)
        assert.deepStrictEqual([...lines, error._tag], ["inner TimeoutError", "TimeoutError"])
      })
    ))

  it("moves its deadline, and removes it (test_reschedule)", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const loop = yield* asyncio.getRunningLoop
        let timeout: asyncio.Timeout | undefined
        const task = yield* started(
          asyncio.timeout(undefined, (given) =>
            Effect.gen(function* () {
              timeout = given
              lines.push(given.when())
              yield* given.reschedule(100)
              lines.push(given.when())
              yield* given.reschedule(50)
              yield* given.reschedule(undefined)
              lines.push(given.when())
              yield* forever
            })
          )
        )
        yield* asyncio.sleep(200)
        yield* task.cancel()

        const error = yield* Effect.flip(task)

        assert.deepStrictEqual(
          { lines, tag: error._tag, expired: timeout?.expired() },
          { lines: [undefined, 100, undefined], tag: "CancelledError", expired: false }
        )
        assert.strictEqual(loop.time(), 200)
      })
    ))

  it("prints its state, and its deadline while it is active (test_repr_active, test_repr_disabled, test_repr_finished, test_repr_expired)", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const note = (timeout: asyncio.Timeout) => Effect.as(logTo(lines)(String(timeout)), timeout)

        yield* note(yield* asyncio.timeoutAt(1234.56789, note))
        yield* asyncio.timeout(undefined, note)
        const catching = (timeout: asyncio.Timeout) =>
          asyncio.catchCancelled(Effect.as(forever, timeout), () => note(timeout))
        yield* note(yield* asyncio.timeout(0, catching))

        assert.deepStrictEqual(lines, [
          "<Timeout [active] when=1234.568>",
          "<Timeout [finished]>",
          "<Timeout [active] when=undefined>",
          "<Timeout [expiring]>",
          "<Timeout [expired]>"
        ])
      })
    ))

  it("cannot be moved when it is over (test_timeout_finished, test_timeout_expired)", () =>
    run(
      Effect.gen(function* () {
        const timeouts: Array<asyncio.Timeout> = []
        const note = (timeout: asyncio.Timeout) => Effect.sync(() => timeouts.push(timeout))
        yield* asyncio.timeout(10, note)
        yield* Effect.ignore(asyncio.timeout(10, (timeout) => Effect.andThen(note(timeout), forever)))

        const messages = yield* Effect.forEach(timeouts, refused)

        assert.deepStrictEqual(messages, [
          "RuntimeError: Cannot change state of finished Timeout",
          "RuntimeError: Cannot change state of expired Timeout"
        ])
      })
    ))

  it("cannot be moved once its time is up, and lets a body that swallows the cancellation go (test_timeout_expiring)", () =>
    run(
      Effect.gen(function* () {
        const self = yield* asyncio.currentTask
        const [message, timeout] = yield* asyncio.timeout(10, (given) =>
          asyncio
            .catchCancelled(Effect.as(forever, "not reached"), () => refused(given))
            .pipe(Effect.map((text) => [text, given] as const))
        )

        assert.strictEqual(message, "RuntimeError: Cannot change state of expiring Timeout")
        assert.deepStrictEqual([timeout.expired(), self.cancelling()], [true, 0])
      })
    ))
})
