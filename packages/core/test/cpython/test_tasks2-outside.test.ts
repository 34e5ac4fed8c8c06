import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect } from "effect"
import { collectReports, macrotask, run } from "../support.ts"

/** Runs `coroutine` as a task of `loop` for code that is in no task: in JavaScript, another callback of the host. */
const submit = <A, E>(loop: asyncio.EventLoop, coroutine: Effect.Effect<A, E>, signal?: AbortSignal): Promise<A> =>
  Effect.runPromise(
    Effect.provideService(
      Effect.flatMap(asyncio.createTask(coroutine, { name: "submitted" }), (task) => task),
      asyncio.RunningLoop,
      loop
    ),
    signal === undefined ? undefined : { signal }
  )

/** Runs `outside` while the main task of a loop waits for it, and gives what the loop reported. */
const whileRunning = async (outside: (loop: asyncio.EventLoop) => Promise<void>) => {
  const loop = makeVirtualTimeLoop()
  const reports = collectReports(loop)
  await run(
    Effect.gen(function* () {
      const ended = yield* loop.createFuture<void>()
      const other = macrotask()
        .then(() => outside(loop))
        .finally(() => ended.setResultUnsafe())
      yield* ended
      yield* Effect.promise(() => other)
    }),
    { loopFactory: () => loop }
  )
  return reports
}

const addLater = (a: number, b: number) =>
  Effect.gen(function* () {
    yield* asyncio.sleep(0)
    return { sum: a + b, in: (yield* asyncio.currentTask).getName() }
  })

const namesOf = (loop: asyncio.EventLoop) => loop.allTasksUnsafe().map((task) => task.getName())

describe("CPython test_tasks", () => {
  describe("a coroutine that was submitted from outside of the loop", () => {
    it("runs as a task there and gives its result through a promise (test_run_coroutine_threadsafe)", async () => {
      const reports = await whileRunning(async (loop) => {
        const result = await submit(loop, addLater(1, 2))

        assert.deepStrictEqual([result, namesOf(loop)], [{ sum: 3, in: "submitted" }, ["Task-1"]])
      })

      assert.deepStrictEqual(reports, [])
    })

    it("gives its failure through the promise (test_run_coroutine_threadsafe_with_exception)", async () => {
      const reports = await whileRunning(async (loop) => {
        const error = new Error("Fail!")

        const reason: unknown = await submit(loop, Effect.andThen(addLater(1, 2), Effect.fail(error))).catch(
          (caught: unknown) => caught
        )

        assert.strictEqual(reason, error)
      })

      assert.deepStrictEqual(reports, [])
    })

    it("is cancelled when the one outside gives up, and leaves nothing behind (test_run_coroutine_threadsafe_with_timeout)", async () => {
      const reports = await whileRunning(async (loop) => {
        const controller = new AbortController()
        const lines: Array<string> = []
        const forever = Effect.onInterrupt(Effect.never, () => Effect.sync(() => void lines.push("cleaned up")))
        const submitted = submit(loop, forever, controller.signal).catch(() => lines.push("gave up"))
        await macrotask()
        const during = namesOf(loop)

        controller.abort()

        await submitted
        assert.deepStrictEqual(
          [during, namesOf(loop), lines],
          [["Task-1", "submitted"], ["Task-1"], ["cleaned up", "gave up"]]
        )
      })

      assert.deepStrictEqual(reports, [])
    })

    it("gives its cancellation through the promise (test_run_coroutine_threadsafe_task_cancelled)", async () => {
      const reports = await whileRunning(async (loop) => {
        const cancelsItself = Effect.flatMap(asyncio.currentTask, (task) =>
          Effect.andThen(task.cancel("by itself"), asyncio.sleep(0))
        )

        const reason: unknown = await submit(loop, cancelsItself).catch((caught: unknown) => caught)

        assert.isTrue(reason instanceof asyncio.CancelledError)
        assert.strictEqual(String(reason), "CancelledError: by itself")
      })

      assert.deepStrictEqual(reports, [])
    })

    it("that the task factory refuses fails where it was submitted, and nowhere else", async () => {
      const error = new Error("no more tasks")

      const reports = await whileRunning(async (loop) => {
        loop.setTaskFactoryUnsafe(() => {
          throw error
        })

        const reason: unknown = await submit(loop, addLater(1, 2)).catch((caught: unknown) => caught)

        loop.setTaskFactoryUnsafe(undefined)
        assert.strictEqual(reason, error)
        assert.deepStrictEqual(namesOf(loop), ["Task-1"])
      })

      assert.deepStrictEqual(reports, [])
    })
  })
})
