import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { run } from "../support.ts"
import { andFinally, divideByZero, forever, logTo, MyError, started, ZeroDivisionError } from "./scopeSupport.ts"

/** Runs `body` in a timeout scope and gives its error, its Timeout and the time it took. */
const timed = <A, E>(scope: (note: (timeout: asyncio.Timeout) => void) => Effect.Effect<A, E>) =>
  Effect.gen(function* () {
    const loop = yield* asyncio.getRunningLoop
    let timeout: asyncio.Timeout | undefined
    const start = loop.time()
    const error = yield* Effect.flip(scope((given) => void (timeout = given)))
    return { error, timeout: timeout!, took: loop.time() - start }
  })

describe("CPython test_timeouts", () => {
  it("fails with TimeoutError when the delay has passed (test_timeout_basic)", () =>
    run(
      Effect.gen(function* () {
        const { error, timeout, took } = yield* timed((note) =>
          asyncio.timeout(10, (given) =>
            Effect.andThen(
              Effect.sync(() => note(given)),
              asyncio.sleep("10 seconds")
            )
          )
        )

        assert.instanceOf(error, asyncio.TimeoutError)
        assert.deepStrictEqual(
          { expired: timeout.expired(), when: timeout.when(), took },
          { expired: true, when: 10, took: 10 }
        )
      })
    ))

  it("fails with TimeoutError at a given time of the loop (test_timeout_at_basic)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        yield* asyncio.sleep(100)
        const deadline = loop.time() + 10

        const { error, timeout, took } = yield* timed((note) =>
          asyncio.timeoutAt(deadline, (given) =>
            Effect.andThen(
              Effect.sync(() => note(given)),
              forever
            )
          )
        )

        assert.instanceOf(error, asyncio.TimeoutError)
        assert.deepStrictEqual(
          { expired: timeout.expired(), when: timeout.when(), took },
          { expired: true, when: 110, took: 10 }
        )
      })
    ))

  it("shows the body a cancellation that it turns into a TimeoutError (test_waiter_cancelled)", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const body = Effect.onInterrupt(forever, () => logTo(lines)("cancelled"))

        const error = yield* Effect.flip(asyncio.timeout(10, body))

        assert.deepStrictEqual([error._tag, lines], ["TimeoutError", ["cancelled"]])
      })
    ))

  it("has not expired when the body ends in time (test_timeout_not_called)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop

        const timeout = yield* asyncio.timeout("10 seconds", (given) => asyncio.sleep(10, given))

        assert.deepStrictEqual(
          { expired: timeout.expired(), when: timeout.when(), time: loop.time() },
          { expired: false, when: 10_000, time: 10 }
        )
        assert.strictEqual(loop.snapshot().timers, 0)
      })
    ))

  it("never ends without a delay (test_timeout_disabled, test_timeout_at_disabled)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        for (const scope of [asyncio.timeout, asyncio.timeoutAt]) {
          const timeout = yield* scope(undefined, (given) => Effect.as(forever, given))

          assert.deepStrictEqual(
            { expired: timeout.expired(), when: timeout.when(), timers: loop.snapshot().timers },
            { expired: false, when: undefined, timers: 0 }
          )
        }
        yield* asyncio.timeout(Infinity, forever)
        assert.strictEqual(loop.time(), 3 * 3_600_000)
      })
    ))

  it("fails at the first await when there is no time at all (test_timeout_zero)", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const log = logTo(lines)
        const { error, timeout, took } = yield* timed((note) =>
          asyncio.timeout(0, (given) =>
            Effect.gen(function* () {
              note(given)
              yield* log("began")
              yield* asyncio.sleep("10 seconds")
              yield* log("not reached")
            })
          )
        )

        assert.deepStrictEqual(
          { lines, tag: error._tag, expired: timeout.expired(), when: timeout.when(), took },
          { lines: ["began"], tag: "TimeoutError", expired: true, when: 0, took: 0 }
        )
      })
    ))

  for (const delay of [0, -11]) {
    const when = delay < 0 ? "that is past" : "now"
    it(`takes a sleep of zero as an await for a deadline ${when} (test_timeout_zero_sleep_zero, test_timeout_in_the_past_sleep_zero)`, () =>
      run(
        Effect.gen(function* () {
          yield* asyncio.sleep(100)
          const { error, timeout, took } = yield* timed((note) =>
            asyncio.timeout(delay, (given) =>
              Effect.andThen(
                Effect.sync(() => note(given)),
                asyncio.sleep(0)
              )
            )
          )

          assert.deepStrictEqual(
            { tag: error._tag, expired: timeout.expired(), when: timeout.when(), took },
            { tag: "TimeoutError", expired: true, when: 100 + delay, took: 0 }
          )
        })
      ))
  }

  it("lets an error of the body pass as it is (test_foreign_exception_passed)", () =>
    run(
      Effect.gen(function* () {
        const mine = new MyError()
        const { error, timeout } = yield* timed((note) =>
          asyncio.timeout(10, (given) =>
            Effect.andThen(
              Effect.sync(() => note(given)),
              Effect.fail(mine)
            )
          )
        )

        assert.strictEqual<unknown>(error, mine)
        assert.isFalse(timeout.expired())
      })
    ))

  it("has the cancellation of the body as the cause of its TimeoutError (test_timeout_exception_context)", () =>
    run(
      Effect.gen(function* () {
        const seen: Array<asyncio.CancelledError> = []
        const body = asyncio.catchCancelled(forever, (error) => {
          seen.push(error)
          return Effect.fail(error)
        })

        const error = yield* Effect.flip(asyncio.timeout(10, body))

        assert.instanceOf(error, asyncio.TimeoutError)
        assert.deepStrictEqual([seen.length, error.cause === seen[0]], [1, true])
      })
    ))

  it("lets an error that the body raises while it is cancelled win over the TimeoutError (test_foreign_exception_on_timeout, test_foreign_exception_on_timeout_2)", () =>
    run(
      Effect.gen(function* () {
        const self = yield* asyncio.currentTask
        const bodies = [
          andFinally(divideByZero)(forever),
          andFinally(divideByZero)(andFinally(Effect.fail(new MyError()))(forever))
        ]
        for (const body of bodies) {
          const { error, timeout } = yield* timed((note) =>
            asyncio.timeout(10, (given) =>
              Effect.andThen(
                Effect.sync(() => note(given)),
                body
              )
            )
          )

          assert.instanceOf(error, ZeroDivisionError)
          assert.deepStrictEqual(
            { cause: error.cause, timeoutExpired: timeout.expired(), selfCancelling: self.cancelling() },
            { cause: undefined, timeoutExpired: true, selfCancelling: 0 }
          )
        }
      })
    ))

  it("lets a cancellation from outside pass before the time is up (test_foreign_cancel_doesnt_timeout_if_not_expired)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        let timeout: asyncio.Timeout | undefined
        const task = yield* started(
          asyncio.timeout("10 seconds", (given) => {
            timeout = given
            return forever
          })
        )

        yield* task.cancel("outside")

        const error = yield* Effect.flip(task)
        assert.deepStrictEqual(
          {
            tag: error._tag,
            message: error.message,
            taskCancelled: task.cancelled(),
            timeoutExpired: timeout?.expired(),
            timers: loop.snapshot().timers
          },
          { tag: "CancelledError", message: "outside", taskCancelled: true, timeoutExpired: false, timers: 0 }
        )
      })
    ))

  it("leaves the task around it as if never cancelled (test_outer_task_is_not_cancelled)", () =>
    run(
      Effect.gen(function* () {
        const task = yield* started(
          Effect.gen(function* () {
            yield* Effect.flip(asyncio.timeout(1, forever))
            yield* asyncio.sleep(0)
            return "went on"
          })
        )

        assert.deepStrictEqual(
          { result: yield* task, cancelled: task.cancelled(), cancelling: task.cancelling() },
          { result: "went on", cancelled: false, cancelling: 0 }
        )
      })
    ))

  it("times out in a task that has swallowed a cancellation (test_timeout_after_cancellation)", () =>
    run(
      Effect.gen(function* () {
        const self = yield* asyncio.currentTask
        yield* self.cancel()
        yield* asyncio.catchCancelled(asyncio.sleep(1), () => Effect.void)

        const error = yield* Effect.flip(asyncio.timeout(0, asyncio.sleep(1)))

        assert.deepStrictEqual([error._tag, self.cancelling()], ["TimeoutError", 1])
      })
    ))

  it("passes a new cancellation on in a task that has swallowed one (test_cancel_in_timeout_after_cancellation)", () =>
    run(
      Effect.gen(function* () {
        const self = yield* asyncio.currentTask
        yield* self.cancel()
        yield* asyncio.catchCancelled(asyncio.sleep(1), () => Effect.void)
        const body = Effect.andThen(self.cancel("new"), asyncio.sleep(2))

        const reason = yield* asyncio.catchCancelled(Effect.as(asyncio.timeout(1, body), undefined), (error) =>
          Effect.succeed(error.reason)
        )

        assert.deepStrictEqual([reason, self.cancelling()], ["new", 2])
      })
    ))

  it("lets the group of a task group's errors pass when its time is up (test_timeout_taskgroup)", () =>
    run(
      Effect.gen(function* () {
        const grouped = asyncio.taskGroup((group: asyncio.TaskGroup<ZeroDivisionError>) =>
          group.createTask(andFinally(divideByZero)(forever))
        )
        const { error, timeout } = yield* timed((note) =>
          asyncio.timeout(10, (given) =>
            Effect.andThen(
              Effect.sync(() => note(given)),
              grouped
            )
          )
        )

        assert.instanceOf(error, asyncio.ExceptionGroup)
        assert.deepStrictEqual([error.errors.map(String), timeout.expired()], [["ZeroDivisionError"], true])
      })
    ))
})
