/** Who waits for a task is in its call graph and its snapshot, however it waits, and as long as it does. */
import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect, Fiber, Stream } from "effect"
import { run } from "../support.ts"

type Waiting = (task: asyncio.Task<void>) => Effect.Effect<unknown, unknown>

const ways: ReadonlyArray<readonly [string, Waiting]> = [
  ["an await", (task) => task],
  ["branches of Effect.all", (task) => Effect.all([task, task], { concurrency: "unbounded" })],
  ["a branch of a branch", (task) => Effect.all([Effect.all([task], { concurrency: 2 })], { concurrency: 2 })],
  ["a race", (task) => Effect.race(task, Effect.never)],
  ["a stream", (task) => Stream.runDrain(Stream.mapEffect(Stream.make(1, 2), () => task, { concurrency: 2 }))],
  ["a forked fiber", (task) => Effect.flatMap(Effect.forkChild(task), Fiber.join)],
  ["Effect.timeout", (task) => Effect.timeout(task, "1 hour")],
  ["a timeout", (task) => asyncio.timeout("1 hour", task)],
  ["waitFor", (task) => asyncio.waitFor(task, "1 hour")],
  ["a group's body", (task) => asyncio.taskGroup(() => task)],
  ["gather", (task) => asyncio.gather([task])],
  ["gather in a branch", (task) => Effect.all([asyncio.gather([task])], { concurrency: 2 })],
  ["wait", (task) => asyncio.wait([task])],
  ["shield", (task) => asyncio.shield(task)],
  [
    "asCompleted",
    (task) =>
      Effect.gen(function* () {
        for (const next of yield* asyncio.asCompleted([task])) yield* next
      })
  ],
  [
    "asCompleted in a branch",
    (task) => Effect.flatMap(asyncio.asCompleted([task]), ({ next }) => Effect.all([next], { concurrency: 2 }))
  ],
  [
    "the stream of asCompleted",
    (task) => Effect.flatMap(asyncio.asCompleted([task]), ({ stream }) => Stream.runDrain(stream))
  ]
]

const sleeper = asyncio.createTask(asyncio.sleep("1 minute"), { name: "sleeper" })

describe("a task is awaited by whoever waits for it by way of", () => {
  it.each(ways)("%s", (_, waiting) =>
    run(
      Effect.gen(function* () {
        const task = yield* sleeper
        for (const eagerStart of [false, true]) {
          const waiter = yield* asyncio.createTask(waiting(task), { name: `eager ${eagerStart}`, eagerStart })
          yield* asyncio.sleep(1)
          const graph = (yield* asyncio.captureCallGraph(task))!
          assert.deepStrictEqual(
            graph.awaitedBy.map(({ future }) => future),
            [waiter]
          )
          assert.deepStrictEqual(task.snapshot().awaitedBy, [waiter.getName()])

          yield* Effect.all([asyncio.shield(Effect.exit(waiter)), waiter.cancel()], { concurrency: 2 })
          if (task.done()) return
          assert.deepStrictEqual(task.snapshot().awaitedBy, [], "it waits no more")
        }
      })
    )
  )

  it("waitFor without any time, which cancels it and waits for its end", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(asyncio.catchCancelled(asyncio.sleep(100), () => asyncio.sleep(100)))
        yield* asyncio.sleep(0)
        yield* asyncio.createTask(Effect.exit(asyncio.waitFor(task, 0)), { name: "waiter" })
        yield* asyncio.sleep(1)

        assert.deepStrictEqual(task.snapshot().awaitedBy, ["waiter"])
      })
    ))
})

describe("a task is not awaited by", () => {
  it("who iterates over asCompleted and does something else right now", () =>
    run(
      Effect.gen(function* () {
        const [first, second] = [yield* asyncio.createTask(asyncio.sleep(1)), yield* sleeper]
        yield* asyncio.createTask(
          Effect.gen(function* () {
            for (const next of yield* asyncio.asCompleted([first, second])) {
              yield* next
              yield* asyncio.sleep(10)
            }
          }),
          { name: "iterating" }
        )
        const seen: Array<ReadonlyArray<string>> = []
        for (const pause of [0, 5, 10]) {
          yield* asyncio.sleep(pause)
          seen.push(second.snapshot().awaitedBy)
        }

        assert.deepStrictEqual(seen, [["iterating"], [], ["iterating"]])
      })
    ))

  it("a task that has ended, whose detached fiber goes on waiting", () =>
    run(
      Effect.gen(function* () {
        const task = yield* sleeper
        const ended = yield* asyncio.createTask(Effect.forkDetach(task))
        yield* ended

        assert.deepStrictEqual(task.snapshot().awaitedBy, [])
      })
    ))
})
