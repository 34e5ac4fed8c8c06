import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { run } from "../support.ts"

// See ../cancellation/subtleties.test.ts.

describe("TaskGroup.cancel", () => {
  // `TaskGroup.cancel` of Python 3.15, gh-108951.
  it("ends the group without an error, however often it is called, and is silent after the end", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const task = yield* asyncio.currentTask
        const lines: Array<string> = []
        let group: asyncio.TaskGroup | undefined

        yield* asyncio.taskGroup((inside: asyncio.TaskGroup) =>
          Effect.gen(function* () {
            group = inside
            yield* inside.createTask(
              Effect.onInterrupt(asyncio.sleep("1 hour"), () => Effect.sync(() => lines.push("child cancelled")))
            )
            yield* asyncio.sleep(10)
            yield* inside.cancel
            yield* inside.cancel
            yield* asyncio.sleep("1 hour")
            lines.push("not reached")
          })
        )
        yield* group!.cancel

        yield* asyncio.sleep(0)
        assert.deepStrictEqual([lines, task.cancelling(), loop.time()], [["child cancelled"], 0, 10])
      })
    ))

  // `TaskGroup.cancel` of Python 3.15, gh-108951.
  it("reaches an eager child that calls it before it has waited for anything", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []

        yield* asyncio.taskGroup((group: asyncio.TaskGroup) =>
          group.createTask(
            Effect.gen(function* () {
              yield* group.cancel
              lines.push("asked")
              yield* Effect.onInterrupt(asyncio.sleep("1 hour"), () => Effect.sync(() => lines.push("cancelled")))
              lines.push("not reached")
            }),
            { eagerStart: true }
          )
        )

        assert.deepStrictEqual(lines, ["asked", "cancelled"])
      })
    ))
})

describe("a lock with waiters", () => {
  // `Lock.release` unlocks and wakes the first waiter, which locks in its own step. `Lock.acquire` queues behind waiters.
  it("shows that it is not locked until the first has run, and is given in order, also to who released it", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const lock = yield* asyncio.Lock.make()
        const take = (name: string) => lock.use(Effect.sync(() => void lines.push(name)))
        yield* lock.acquire
        yield* asyncio.createTask(take("first"))
        yield* asyncio.createTask(take("second"))
        yield* asyncio.sleep(0)

        yield* lock.release

        lines.push(lock.locked())
        yield* take("releaser")
        assert.deepStrictEqual(lines, [false, "first", "second", "releaser"])
      })
    ))
})

describe("a semaphore with waiters", () => {
  // `Semaphore.release` takes the unit at once for the waiter that it wakes.
  it("hands its unit over, so that it stays locked", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const semaphore = yield* asyncio.Semaphore.make(1)
        const take = (name: string) =>
          semaphore.use(
            Effect.andThen(
              Effect.sync(() => void lines.push(name)),
              asyncio.sleep(0)
            )
          )
        yield* semaphore.acquire
        const tasks = [yield* asyncio.createTask(take("first")), yield* asyncio.createTask(take("second"))]
        yield* asyncio.sleep(0)

        yield* semaphore.release

        lines.push({ locked: semaphore.locked() })
        yield* asyncio.gather(tasks)
        lines.push({ locked: semaphore.locked() })
        assert.deepStrictEqual(lines, [{ locked: true }, "first", "second", { locked: false }])
      })
    ))
})
