/**
 * An error that cleanup raises takes the place of the cancellation, as in Python, at an own wait and in a foreign effect. Around it they
 * differ: asyncio's cancellation is over then, and a handler of that error goes on; Effect has marked a fiber that it interrupted,
 * which runs no handler any more ("Interrupts do not block typed recovery", says Effect of causes, not of interrupted fibers).
 */
import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Cause, Effect, Exit } from "effect"
import { collectReports, run } from "../support.ts"

type Cleanup = (wait: Effect.Effect<void>, finalizer: Effect.Effect<void, string>) => Effect.Effect<void, string>

const cleanups: Record<string, Cleanup> = {
  onExit: (wait, finalizer) => Effect.onExit(wait, () => finalizer),
  onInterrupt: (wait, finalizer) => Effect.onInterrupt(wait, () => finalizer)
}
const finalizers = { fails: Effect.fail("cleanup"), dies: Effect.die("cleanup") }
const waits = { "an own wait": asyncio.sleep(1000), "a foreign wait": Effect.sleep(1000) }

const endOf = (body: Effect.Effect<unknown, unknown>) =>
  Effect.gen(function* () {
    const task = yield* asyncio.createTask(body)
    yield* asyncio.sleep(1)
    yield* task.cancel("stop")
    const exit = yield* Effect.exit(task)
    return [task.cancelled(), Exit.isSuccess(exit) ? exit.value : Cause.squash(exit.cause)]
  })

describe("cleanup that fails while a task is cancelled", () => {
  for (const [place, wait] of Object.entries(waits)) {
    for (const [name, cleanup] of Object.entries(cleanups)) {
      for (const [how, finalizer] of Object.entries(finalizers)) {
        it(`fails the task with its error where ${name} ${how} at ${place}`, () =>
          run(
            Effect.gen(function* () {
              assert.deepStrictEqual(yield* endOf(cleanup(wait, finalizer)), [false, "cleanup"])
            })
          ))
      }
    }
  }

  it("is handled around an own wait, as in Python, and debug mode reports what it has swallowed", () =>
    run(
      Effect.gen(function* () {
        const { loop } = yield* asyncio.currentTask
        const reports = collectReports(loop)
        yield* loop.setDebug(true)
        const body = Effect.catch(
          Effect.onExit(asyncio.sleep(1000), () => Effect.fail("cleanup")),
          Effect.succeed
        )

        assert.deepStrictEqual(yield* endOf(body), [false, "cleanup"])
        assert.deepStrictEqual(
          reports.map(({ message }) => message),
          ["Task swallowed its cancellation: it was cancelled, returned, and did not call uncancel()"]
        )
      })
    ))

  it("is not handled around a foreign wait: the fiber is interrupted, and the task ends cancelled", () =>
    run(
      Effect.gen(function* () {
        const body = Effect.catch(
          Effect.onExit(Effect.sleep(1000), () => Effect.fail("cleanup")),
          Effect.succeed
        )
        const [cancelled, error] = yield* endOf(body)

        assert.deepStrictEqual([cancelled, error instanceof asyncio.CancelledError && error.reason], [true, "stop"])
      })
    ))

  it("is handled around a foreign wait too where that is a boundary of its own", () =>
    run(
      Effect.gen(function* () {
        const cleaning = asyncio.timeout(
          "1 hour",
          Effect.onExit(Effect.sleep(1000), () => Effect.fail("cleanup"))
        )

        assert.deepStrictEqual(yield* endOf(Effect.catch(cleaning, Effect.succeed)), [false, "cleanup"])
      })
    ))

  it("leaves the cancellation alone where it handles its own error", () =>
    run(
      Effect.gen(function* () {
        for (const wait of Object.values(waits)) {
          const body = Effect.catch(Effect.ensuring(wait, Effect.ignore(Effect.fail("cleanup"))), Effect.succeed)

          assert.strictEqual((yield* endOf(body))[0], true)
        }
      })
    ))
})
