import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect } from "effect"
import { loopsWakeAll } from "../../src/internal/leaks/waked.ts"
import type { EventLoopImpl } from "../../src/internal/make/eventLoop.ts"
import { run } from "../support.ts"

/** Whether the loop itself wakes main and the tasks of these, when each of them has begun to wait. */
const wakesAll = (...bodies: ReadonlyArray<Effect.Effect<unknown, unknown>>): Promise<boolean> =>
  run(
    Effect.gen(function* () {
      const loop = (yield* asyncio.getRunningLoop) as unknown as EventLoopImpl
      for (const body of bodies) yield* asyncio.createTask(body)
      yield* asyncio.sleep(0)
      yield* asyncio.sleep(0)
      return loopsWakeAll([loop])
    })
  )

const hour = asyncio.sleep("1 hour")
const never = Effect.promise(() => new Promise(() => {}))
// A fiber of Effect's own waits in each branch.
const branches = Effect.all([hour, hour], { concurrency: 2 })
const lock = Effect.gen(function* () {
  const lock = new asyncio.Lock()
  yield* lock.acquire
  yield* lock.acquire
})

describe("a loop wakes", () => {
  it("its main task, and no other one", async () => assert.isTrue(await wakesAll()))

  it("who sleeps", async () => assert.isTrue(await wakesAll(hour, asyncio.sleep(0, 1))))

  it("who waits for a task that sleeps, however far away", async () => {
    const far = (depth: number): Effect.Effect<unknown, unknown> =>
      depth === 0 ? hour : Effect.flatMap(asyncio.createTask(hour), (task) => Effect.andThen(task, far(depth - 1)))
    assert.isTrue(await wakesAll(far(3), asyncio.gather([hour, asyncio.gather([hour])])))
  })

  it("all who wait for the same task", async () => {
    const two = Effect.flatMap(asyncio.createTask(hour), (task) =>
      Effect.andThen(asyncio.createTask(task), asyncio.createTask(task))
    )

    assert.isTrue(await wakesAll(two))
  })

  it("who has not begun, and who waits for what has just come", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const future = loop.createFutureUnsafe<void>()
        const waiter = yield* asyncio.createTask(future)
        yield* asyncio.sleep(0)
        const ours = [loop as unknown as EventLoopImpl]

        const fresh = yield* asyncio.createTask(Effect.void)
        const beforeItCame = loopsWakeAll(ours)
        future.setResultUnsafe()

        assert.deepStrictEqual({ beforeItCame, after: loopsWakeAll(ours) }, { beforeItCame: false, after: true })
        yield* asyncio.wait([waiter, fresh])
      })
    ))

  it("its main task, also when a callback or another task asks", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const ask = () => loopsWakeAll([loop as unknown as EventLoopImpl])

        const byTask = yield* yield* asyncio.createTask(Effect.sync(ask))
        const byCallback = yield* Effect.promise(
          () => new Promise<boolean>((resolve) => void loop.callSoonUnsafe(() => resolve(ask())))
        )

        assert.deepStrictEqual({ byTask, byCallback }, { byTask: true, byCallback: true })
      })
    ))

  it("who has a time limit around a sleep", async () => {
    assert.isTrue(await wakesAll(asyncio.timeout("2 hours", hour)))
  })

  it("not who waits for a promise, for a lock, for a future, or in a fiber of its own", async () => {
    const future = Effect.flatMap(asyncio.getRunningLoop, (loop) => Effect.flatten(loop.createFuture<void>()))
    for (const body of [never, lock, future, branches]) assert.isFalse(await wakesAll(hour, body))
  })

  it("not who waits for a task that waits for a promise", async () => {
    assert.isFalse(
      await wakesAll(Effect.flatMap(asyncio.createTask(never), (task: asyncio.Task<unknown, unknown>) => task))
    )
  })

  it("nobody in a chain of 20,000 tasks that begins with a promise, and all where it begins with a sleep", async () => {
    const chain = (first: Effect.Effect<unknown, unknown>) =>
      Effect.gen(function* () {
        let task = yield* asyncio.createTask(first)
        for (let i = 0; i < 20_000; i++) {
          const before: Effect.Effect<unknown, unknown> = task
          task = yield* asyncio.createTask(before)
        }
      })
    assert.deepStrictEqual(
      { sleep: await wakesAll(chain(hour)), promise: await wakesAll(chain(never)) },
      { sleep: true, promise: false }
    )
  })

  it("nobody while it does not run", async () => {
    await using runner = new asyncio.Runner({ loopFactory: makeVirtualTimeLoop, handleSigint: false })
    const ours = [runner.getLoop() as unknown as EventLoopImpl]
    const before = loopsWakeAll(ours)

    await runner.run(Effect.andThen(asyncio.createTask(hour), asyncio.sleep(0)))

    assert.deepStrictEqual({ before, after: loopsWakeAll(ours) }, { before: true, after: false })
  })
})
