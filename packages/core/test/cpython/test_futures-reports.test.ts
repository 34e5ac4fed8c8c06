import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect } from "effect"
import { collectReports, run } from "../support.ts"

type AFuture = asyncio.Future<number, Error>

const error = new asyncio.RuntimeError("boom")

/** What is reported of a future, up to the end of its loop, after `use`. */
const reportsOf = async (
  use: (future: AFuture) => Effect.Effect<unknown, unknown>,
  debug = false
): Promise<ReadonlyArray<asyncio.ExceptionContext>> => {
  const loop = makeVirtualTimeLoop()
  const reports = collectReports(loop)
  const main = Effect.suspend(() => Effect.ignore(use(loop.createFutureUnsafe<number, Error>())))
  await run(Effect.andThen(main, asyncio.sleep(0)), { loopFactory: () => loop, debug })
  return reports
}

const isSilent = async (use: (future: AFuture) => Effect.Effect<unknown, unknown>): Promise<void> =>
  assert.deepStrictEqual(await reportsOf(use), [])

describe("CPython test_futures", () => {
  it("says nothing of a future that is dropped while pending (test_tb_logger_abandoned)", () =>
    isSilent(() => Effect.void))

  it("says nothing of a failure once somebody tried to cancel it (test_tb_logger_not_called_after_cancel)", () =>
    isSilent((future) =>
      Effect.gen(function* () {
        yield* future.setException(error)

        assert.isFalse(yield* future.cancel())
      })
    ))

  it("says nothing of a result that nobody reads (test_tb_logger_result_unretrieved)", () =>
    isSilent((future) => future.setResult(42)))

  it("says nothing of a result that somebody reads (test_tb_logger_result_retrieved)", () =>
    isSilent((future) => Effect.andThen(future.setResult(42), future.result())))

  it("reports an exception that nobody looks at (test_tb_logger_exception_unretrieved)", async () => {
    const reports = await reportsOf((future) => future.setException(error))

    assert.deepStrictEqual(
      reports.map((report) => report.exception),
      [error]
    )
  })

  it("says nothing of an exception that was asked for (test_tb_logger_exception_retrieved)", () =>
    isSilent((future) => Effect.andThen(future.setException(error), future.exception())))

  it("says nothing of an exception that asking for the result raised (test_tb_logger_exception_result_retrieved)", () =>
    isSilent((future) => Effect.andThen(future.setException(error), future.result())))

  it("reports in the words of CPython, with the error and how the future printed (test_future_exception_never_retrieved)", async () => {
    const reports = await reportsOf((future) => future.setException(error))

    assert.deepStrictEqual(
      reports.map(({ createdAt, exception, future, message }) => [message, exception, future, createdAt]),
      [["Future exception was never retrieved", error, "<Future finished exception=RuntimeError('boom')>", undefined]]
    )
  })

  it("reports in debug mode also where the future was created (test_future_exception_never_retrieved_debug)", async () => {
    const reports = await reportsOf((future) => future.setException(error), true)

    assert.lengthOf(reports, 1)
    assert.strictEqual(reports[0]?.message, "Future exception was never retrieved")
    assert.match(reports[0]?.createdAt ?? "", /test_futures-reports\.test\.ts:\d+$/)
  })

  it("remembers in debug mode the line that created the future (test_future_source_traceback)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const line = Number(/:(\d+):\d+\)?$/m.exec(new Error().stack?.split("\n")[1] ?? "")?.[1])

        const futures = [loop.createFutureUnsafe(), yield* loop.createFuture()]

        const lines = futures.map((future) =>
          /created at .*test_futures-reports\.test\.ts:(\d+)>$/.exec(String(future))
        )
        assert.deepStrictEqual(
          lines.map((match) => Number(match?.[1])),
          [line + 2, line + 2]
        )
      }),
      { debug: true }
    ))

  describe("a future of something outside of the loop", () => {
    it("has its result (test_wrap_future)", () =>
      run(
        Effect.gen(function* () {
          const outside = new Promise<string>((resolve) => void setImmediate(resolve, "oi"))

          const wrapped = yield* asyncio.ensureFuture(outside)

          assert.deepStrictEqual([asyncio.isFuture(wrapped), yield* wrapped], [true, "oi"])
        })
      ))

    it("is a future itself, as it is, if it was one (test_wrap_future_future)", () =>
      run(
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop
          const future = loop.createFutureUnsafe<void>()

          const wrapped = yield* asyncio.ensureFuture(future)

          assert.strictEqual(wrapped, future)
        })
      ))

    it("belongs to the running loop (test_wrap_future_use_running_loop)", () =>
      run(
        Effect.gen(function* () {
          const wrapped = yield* asyncio.ensureFuture(Promise.resolve(1))

          assert.strictEqual(wrapped.loop, yield* asyncio.getRunningLoop)
        })
      ))

    it("cancels its source when it is cancelled (test_wrap_future_cancel)", () =>
      run(
        Effect.gen(function* () {
          let signal: AbortSignal | undefined
          const source = Effect.promise<void>((given) => {
            signal = given
            return new Promise(() => {})
          })
          const wrapped = yield* asyncio.ensureFuture(source)
          yield* asyncio.sleep(0)

          yield* wrapped.cancel()

          yield* Effect.exit(wrapped)
          assert.deepStrictEqual(
            { wrappedCancelled: wrapped.cancelled(), signalAborted: signal?.aborted },
            { wrappedCancelled: true, signalAborted: true }
          )
        })
      ))

    it("can be cancelled when its source is resolved already, which keeps its result (test_wrap_future_cancel2)", () =>
      run(
        Effect.gen(function* () {
          const source = Promise.resolve(42)
          const wrapped = yield* asyncio.ensureFuture(source)

          yield* wrapped.cancel()

          yield* Effect.exit(wrapped)
          assert.deepStrictEqual([wrapped.cancelled(), yield* Effect.promise(() => source)], [true, 42])
        })
      ))
  })
})
