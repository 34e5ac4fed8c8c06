import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { run } from "../support.ts"

/** A task that takes `millis` to clean up after a cancellation. */
const cleaning = (millis: number, name: string) =>
  asyncio.createTask(
    asyncio.catchCancelled(asyncio.sleep("1 hour"), () => asyncio.sleep(millis)),
    { name }
  )

const namesOf = (tasks: ReadonlyArray<asyncio.Task<unknown, unknown>>) => tasks.map((task) => task.getName())

describe("cancelAndWait", () => {
  it("waits until every task is done, however long the cleaning up takes", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const tasks = [yield* cleaning(100, "one"), yield* cleaning(300, "two"), yield* cleaning(200, "three")]
        yield* asyncio.sleep(0)

        const ignoring = yield* asyncio.cancelAndWait(tasks)

        assert.deepStrictEqual([ignoring, loop.time()], [[], 300])
        assert.isTrue(tasks.every((task) => task.done()))
      })
    ))

  it("gives the tasks that are not done when the time is up, in the order they were given", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const tasks = [yield* cleaning(300, "slow"), yield* cleaning(50, "quick"), yield* cleaning(200, "slower")]
        yield* asyncio.sleep(0)

        const ignoring = yield* asyncio.cancelAndWait(tasks, { timeout: 100 })

        assert.deepStrictEqual([namesOf(ignoring), loop.time()], [["slow", "slower"], 100])
        assert.deepStrictEqual([tasks[0]!.cancelling(), tasks[0]!.done()], [1, false])
      })
    ))

  it("gives its message to every task", () =>
    run(
      Effect.gen(function* () {
        const reasons: Array<string | undefined> = []
        const body = asyncio.catchCancelled(asyncio.sleep("1 hour"), ({ reason }) =>
          Effect.sync(() => void reasons.push(reason))
        )
        const tasks = [yield* asyncio.createTask(body), yield* asyncio.createTask(body)]
        yield* asyncio.sleep(0)

        yield* asyncio.cancelAndWait(tasks, { message: "closing" })

        assert.deepStrictEqual(reasons, ["closing", "closing"])
      })
    ))

  it("says in whose name it asks", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(asyncio.sleep("1 hour"))

        yield* asyncio.cancelAndWait([task])

        const error = yield* Effect.flip(task)
        assert.deepStrictEqual([error._tag, error.requestedBy?.name], ["CancelledError", "Task-1"])
      })
    ))

  it("does not fail when the tasks do, and leaves what is done alone", () =>
    run(
      Effect.gen(function* () {
        const done = yield* asyncio.createTask(Effect.succeed("done"))
        yield* done
        const failing = yield* asyncio.createTask(Effect.ensuring(asyncio.sleep("1 hour"), Effect.die("in cleanup")))
        yield* asyncio.sleep(0)

        const ignoring = yield* asyncio.cancelAndWait([done, failing])

        assert.deepStrictEqual(
          { ignoring, cancelled: done.cancelled(), result: yield* done },
          { ignoring: [], cancelled: false, result: "done" }
        )
        assert.deepStrictEqual([failing.cancelled(), yield* failing.exception()], [false, "in cleanup"])
      })
    ))

  it("asks nothing of nobody when there are no tasks", () =>
    run(
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* asyncio.cancelAndWait([]), [])
      })
    ))

  it("takes any iterable once, and the same task twice as one request", () =>
    run(
      Effect.gen(function* () {
        const task = yield* cleaning(10, "twice")
        yield* asyncio.sleep(0)
        const tasks = (function* () {
          yield task
          yield task
        })()

        const ignoring = yield* asyncio.cancelAndWait(tasks, { timeout: 5 })

        assert.deepStrictEqual([namesOf(ignoring), task.cancelling()], [["twice"], 1])
      })
    ))

  it("can be repeated, and asks each time it runs", () =>
    run(
      Effect.gen(function* () {
        const task = yield* cleaning(30, "slow")
        yield* asyncio.sleep(0)
        const attempt = asyncio.cancelAndWait([task], { timeout: 10 })

        const attempts = [yield* attempt, yield* attempt]

        assert.deepStrictEqual(attempts.map(namesOf), [["slow"], []])
        assert.isTrue(task.cancelled())
      })
    ))

  it("that is cancelled itself ends at once; the tasks stay asked", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const task = yield* cleaning(100, "slow")
        yield* asyncio.sleep(0)
        const closing = yield* asyncio.createTask(asyncio.cancelAndWait([task]))
        yield* asyncio.sleep(0)

        yield* closing.cancel()
        yield* Effect.flip(closing)

        assert.deepStrictEqual(
          { time: loop.time(), done: task.done(), cancelling: task.cancelling() },
          { time: 0, done: false, cancelling: 1 }
        )
        yield* asyncio.wait([task])
        assert.strictEqual(loop.time(), 100)
      })
    ))

  it("keeps the type of the tasks", () => {
    const tasks: Array<asyncio.Task<number, string>> = []

    expectTypeOf(asyncio.cancelAndWait(tasks)).toEqualTypeOf<
      Effect.Effect<ReadonlyArray<asyncio.Task<number, string>>>
    >()
  })
})
