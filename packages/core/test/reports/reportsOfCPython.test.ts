/**
 * What was reported against CPython's asyncio in the months up to September 2026, and holds here as well. Reports that have a
 * test among those of their subject, or among CPython's own tests in `cpython`, are not repeated.
 */
import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { run } from "../support.ts"

describe("a task that cannot start eagerly", () => {
  it("is refused, and the loop goes on with the task that made it (gh-157301)", () =>
    run(
      Effect.gen(function* () {
        const options = { eagerStart: true, variables: 2.14 as never }

        const refused = yield* Effect.exit(asyncio.createTask(Effect.succeed(1), options))
        const current = yield* asyncio.currentTask
        yield* asyncio.sleep(1)

        assert.deepStrictEqual(
          [refused._tag, current.getName(), (yield* asyncio.allTasks).size],
          ["Failure", "Task-1", 1]
        )
      })
    ))

  it("is none where it shares the variables of the task that makes it (gh-157301)", () =>
    run(
      Effect.gen(function* () {
        const variables = yield* asyncio.copyContext
        const inner = asyncio.createTask(Effect.succeed("started"), { eagerStart: true, variables })

        const outer = yield* asyncio.createTask(Effect.flatten(inner), { variables })

        assert.strictEqual(yield* outer, "started")
      })
    ))
})

describe("a future that is never done", () => {
  const never = Effect.flatMap(asyncio.getRunningLoop, (loop) => loop.createFuture<void>())

  it("does not keep those who waited for it or another (gh-152569)", () =>
    run(
      Effect.gen(function* () {
        const future = yield* never
        for (let n = 0; n < 10; n++) {
          const quick = yield* asyncio.createTask(asyncio.sleep(0))
          yield* asyncio.wait([quick, future], { returnWhen: "FIRST_COMPLETED" })
        }

        const graph = yield* asyncio.captureCallGraph(future)

        assert.deepStrictEqual([graph?.awaitedBy, String(future)], [[], "<Future pending>"])
      })
    ))

  it("does not keep those whose shield was cancelled (gh-155854)", () =>
    run(
      Effect.gen(function* () {
        const future = yield* never
        for (let n = 0; n < 10; n++) {
          const shielded = yield* asyncio.createTask(asyncio.shield(future))
          yield* asyncio.sleep(0)
          yield* shielded.cancel()
          yield* Effect.exit(shielded)
        }

        const graph = yield* asyncio.captureCallGraph(future)

        assert.deepStrictEqual([graph?.awaitedBy, future.done()], [[], false])
      })
    ))
})

describe("a timeout without any time", () => {
  // The report is open there (gh-134471): the cancellation is from before the timeout, and counts as its baseline.
  it("takes a cancellation that was asked for just before it along with its own, as CPython's does", () =>
    run(
      Effect.gen(function* () {
        const limited = (delay: number) =>
          Effect.gen(function* () {
            yield* (yield* asyncio.currentTask).cancel("before")
            return yield* asyncio.timeout(delay, asyncio.sleep(10))
          })

        const zero = yield* Effect.flip(Effect.flatten(asyncio.createTask(limited(0))))
        const some = yield* Effect.flip(Effect.flatten(asyncio.createTask(limited(1))))

        assert.deepStrictEqual(
          {
            zeroIsTimeout: zero instanceof asyncio.TimeoutError,
            someIsCancelled: some instanceof asyncio.CancelledError
          },
          { zeroIsTimeout: true, someIsCancelled: true }
        )
      })
    ))

  for (const depth of [1, 2]) {
    it(`takes along what a task has asked that the task itself started eagerly, at depth ${depth}`, () =>
      run(
        Effect.gen(function* () {
          const body = Effect.gen(function* () {
            yield* asyncio.sleep(0)
            let child: Effect.Effect<unknown> = (yield* asyncio.currentTask).cancel()
            for (let n = 0; n < depth; n++) child = asyncio.createTask(child, { eagerStart: true })
            yield* child
            return yield* asyncio.timeout(0, asyncio.sleep(0))
          })

          const error = yield* Effect.flip(Effect.flatten(asyncio.createTask(body)))

          assert.strictEqual(error._tag, "TimeoutError")
        })
      ))
  }

  it("takes along a cancellation that a group has asked for once more at its end", () =>
    run(
      Effect.gen(function* () {
        const slow = asyncio.sleep(10).pipe(Effect.onInterrupt(() => asyncio.sleep(100)))
        const group = asyncio.taskGroup(function* (group: asyncio.TaskGroup<string>) {
          yield* group.createTask(slow)
          yield* group.createTask(Effect.fail("first"))
          yield* asyncio.sleep(10)
        })
        const body = Effect.flatMap(Effect.exit(group), () => asyncio.timeout(0, asyncio.sleep(1)))
        const task = yield* asyncio.createTask(body)
        yield* asyncio.sleep(50)
        yield* task.cancel()

        const error = yield* Effect.flip(task)

        assert.strictEqual((error as asyncio.TimeoutError)._tag, "TimeoutError")
      })
    ))
})
