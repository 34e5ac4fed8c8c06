import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { Context, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { run } from "../support.ts"

const nameOf = Effect.map(asyncio.currentTask, (task) => task.getName())

/** A fiber that belongs to no task, as an HTTP handler does. */
const plainFiber = <A, E>(body: Effect.Effect<A, E>): Effect.Effect<Fiber.Fiber<A, E>> =>
  Effect.map(Effect.context(), (context) =>
    Effect.runForkWith(Context.add(context, asyncio.CurrentTask, undefined))(body)
  )

describe("a fiber inside a task", () => {
  it("reads its task, in a branch and in a fiber that was forked", () =>
    run(
      Effect.gen(function* () {
        const branches = yield* Effect.all([nameOf, Effect.andThen(asyncio.sleep(1), nameOf)], { concurrency: 2 })
        const forked = yield* Fiber.join(yield* Effect.forkChild(nameOf))
        const boundary = yield* asyncio.catchCancelled(nameOf, () => Effect.succeed("caught"))

        assert.deepStrictEqual([...branches, forked, boundary], ["main", "main", "main", "main"])
      }),
      { name: "main" }
    ))

  it("tells whose it is to code that only looks", () =>
    run(
      Effect.gen(function* () {
        const [inside, branch] = yield* Effect.all([asyncio.CurrentTask, asyncio.CurrentTask], { concurrency: 2 })
        const fiber = yield* plainFiber(asyncio.CurrentTask)

        assert.deepStrictEqual(
          [inside?.getName(), branch?.getName(), yield* Fiber.join(fiber)],
          ["Task-1", "Task-1", undefined]
        )
      })
    ))

  it("that awaits its own task dies", () =>
    run(
      Effect.gen(function* () {
        const selfish = Effect.flatMap(asyncio.currentTask, (task) => task)
        const [defect] = yield* Effect.all([Effect.catchDefect(selfish, Effect.succeed), Effect.void], {
          concurrency: 2
        })

        assert.match(String(defect), /^RuntimeError: Task cannot await on itself: <Task pending name='Task-1'/)
      })
    ))
})

describe("a plain fiber that asks for its task", () => {
  it("is given one of its own, which ends with the fiber", () =>
    run(
      Effect.gen(function* () {
        const seen: Array<asyncio.Task<unknown, unknown>> = []
        const body = Effect.gen(function* () {
          seen.push(yield* asyncio.currentTask)
          yield* asyncio.sleep("1 second")
          seen.push(yield* asyncio.currentTask)
          return "result"
        })
        const fiber = yield* plainFiber(body)
        const registered = (yield* asyncio.allTasks).has(seen[0]!)

        const result = yield* Fiber.join(fiber)

        assert.deepStrictEqual(
          { name: seen[0]?.getName(), isOneTask: seen[0] === seen[1], registered, result },
          { name: "Task-2", isOneTask: true, registered: true, result: "result" }
        )
        assert.deepStrictEqual(
          { done: seen[0]?.done(), result: yield* seen[0]!, count: (yield* asyncio.allTasks).size },
          { done: true, result: "result", count: 1 }
        )
      })
    ))

  it("keeps it when it has left the scope in which it asked, and shares it with a boundary", () =>
    run(
      Effect.gen(function* () {
        const Level = Context.Reference<number>("test/AdoptionLevel", { defaultValue: () => 0 })
        const fiber = yield* plainFiber(
          Effect.all([
            Effect.provideService(nameOf, Level, 1),
            nameOf,
            asyncio.catchCancelled(nameOf, () => Effect.succeed("caught"))
          ])
        )

        assert.deepStrictEqual(yield* Fiber.join(fiber), ["Task-2", "Task-2", "Task-2"])
      })
    ))

  it("does not have its failure reported: whoever runs the fiber sees it", () =>
    run(
      Effect.gen(function* () {
        let task: asyncio.Task<unknown, unknown> | undefined
        const fiber = yield* plainFiber(
          Effect.flatMap(asyncio.currentTask, (own) => {
            task = own
            return Effect.fail("broken")
          })
        )

        assert.strictEqual(yield* Effect.flip(Fiber.join(fiber)), "broken")
        assert.deepStrictEqual([lowlevel.exceptionRetrieved(task!), yield* task!.exception()], [true, "broken"])
      })
    ))

  it("can be cancelled through the task, at one of our awaits and in a foreign effect", () =>
    run(
      Effect.gen(function* () {
        for (const wait of [asyncio.sleep("1 hour"), Effect.never]) {
          let task: asyncio.Task<unknown, unknown> | undefined
          const adopt = Effect.map(asyncio.currentTask, (own) => void (task = own))
          const fiber = yield* plainFiber(Effect.andThen(adopt, wait))

          yield* task!.cancel("stop")

          yield* Fiber.await(fiber)
          assert.strictEqual(
            (yield* Effect.flip(task!.result()) as Effect.Effect<asyncio.CancelledError>).message,
            "stop"
          )
        }
      })
    ))

  it("may catch its cancellation", () =>
    run(
      Effect.gen(function* () {
        for (const wait of [asyncio.sleep("1 hour", ""), Effect.never]) {
          let task: asyncio.Task<unknown, unknown> | undefined
          const adopt = Effect.map(asyncio.currentTask, (own) => void (task = own))
          const body = asyncio.catchCancelled(wait, (error) => asyncio.sleep("1 second", error.reason))
          const fiber = yield* plainFiber(Effect.andThen(adopt, body))

          yield* task!.cancel("stop")

          assert.deepStrictEqual([yield* Fiber.join(fiber), task!.cancelled()], ["stop", false])
        }
      })
    ))

  it.effect("is a test's own fiber, on the loop of the test's clock", () =>
    Effect.gen(function* () {
      const loop = yield* asyncio.getRunningLoop

      const names = [yield* nameOf, (yield* asyncio.createTask(Effect.void)).getName(), yield* nameOf]

      assert.deepStrictEqual(
        { names, running: loop.isRunning() },
        { names: ["Task-1", "Task-2", "Task-1"], running: true }
      )
    })
  )
})

describe("a plain fiber that asks for no task", () => {
  it.effect("may make tasks, await them and cancel them", () =>
    Effect.gen(function* () {
      const worker = yield* asyncio.createTask(asyncio.sleep("1 minute", "slept"))
      const victim = yield* asyncio.createTask(asyncio.sleep("1 hour"))
      const waiter = yield* Effect.forkChild(worker)
      yield* TestClock.adjust("1 minute")

      yield* victim.cancel()

      const error = yield* Effect.flip(victim)
      assert.deepStrictEqual([yield* Fiber.join(waiter), error.requestedBy], ["slept", undefined])
    })
  )

  it.effect("alternates with tasks in one queue", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const count = (name: string, iteration: Effect.Effect<void>) =>
        Effect.gen(function* () {
          for (const n of [1, 2]) {
            lines.push(`${name} ${n}`)
            yield* iteration
          }
        })

      yield* Effect.promise(() =>
        run(
          Effect.gen(function* () {
            const task = yield* asyncio.createTask(count("task", asyncio.sleep(0)))
            const fiber = yield* Effect.forkChild(count("fiber", Effect.yieldNow))
            const sleeper = yield* Effect.forkChild(count("sleeper", asyncio.sleep(0)))
            yield* task
            yield* Fiber.join(fiber)
            yield* Fiber.join(sleeper)
          })
        )
      )

      assert.deepStrictEqual(lines, ["task 1", "fiber 1", "sleeper 1", "task 2", "fiber 2", "sleeper 2"])
    })
  )
})
