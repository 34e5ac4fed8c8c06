import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect, Fiber } from "effect"
import { macrotask, run } from "../support.ts"

describe("cancel of a task that a foreign effect has suspended", () => {
  it("returns first and interrupts the effect in the next iteration", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const loop = yield* asyncio.getRunningLoop
        const foreign = Effect.onInterrupt(Effect.never, () => Effect.sync(() => lines.push("interrupted")))
        const task = yield* asyncio.createTask(foreign)
        yield* asyncio.sleep(0)

        yield* task.cancel("stop")

        lines.push("cancel returned")
        yield* loop.callSoon(() => lines.push("next callback"))
        const error = yield* Effect.flip(task)
        assert.deepStrictEqual(lines, ["cancel returned", "interrupted", "next callback"])
        assert.deepStrictEqual([error.reason, task.cancelled()], ["stop", true])
      })
    ))

  it("runs finalizers and releases resources before the task is done", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const log = (line: string) => Effect.sync(() => lines.push(line))
        const resource = Effect.acquireRelease(log("acquire"), () =>
          Effect.andThen(asyncio.sleep("1 second"), log("release"))
        )
        const body = resource.pipe(
          Effect.andThen(Effect.sleep("1 hour")),
          Effect.ensuring(log("ensuring")),
          Effect.scoped,
          Effect.onInterrupt(() => log("onInterrupt"))
        )
        const task = yield* asyncio.createTask(body)
        yield* asyncio.sleep(0)

        yield* task.cancel()

        yield* Effect.flip(task)
        assert.deepStrictEqual(lines, ["acquire", "ensuring", "release", "onInterrupt"])
      })
    ))

  it("aborts the signal of a promise", () =>
    run(
      Effect.gen(function* () {
        let signal: AbortSignal | undefined
        const request = Effect.tryPromise((given) => {
          signal = given
          return new Promise(() => {})
        })
        const task = yield* asyncio.createTask(request)
        yield* asyncio.sleep(0)

        yield* task.cancel()

        const abortedInTheCall = signal?.aborted
        yield* Effect.ignore(task)
        assert.deepStrictEqual(
          { abortedInTheCall, signalAborted: signal?.aborted, taskCancelled: task.cancelled() },
          { abortedInTheCall: false, signalAborted: true, taskCancelled: true }
        )
      })
    ))

  it("interrupts the branches of Effect.all and cancels what they await", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const child = yield* asyncio.createTask(
          Effect.onInterrupt(asyncio.sleep("1 hour"), () => Effect.sync(() => lines.push("child cancelled")))
        )
        const branches = [child, asyncio.sleep("2 hours"), Effect.sleep("3 hours")].map((branch, index) =>
          Effect.onInterrupt(branch, () => Effect.sync(() => lines.push(`branch ${index}`)))
        )
        const task = yield* asyncio.createTask(Effect.all(branches, { concurrency: "unbounded" }))
        yield* asyncio.sleep(0)

        yield* task.cancel()

        yield* Effect.flip(task)
        assert.deepStrictEqual(lines.sort(), ["branch 0", "branch 1", "branch 2", "child cancelled"])
        assert.deepStrictEqual(
          { childCancelled: child.cancelled(), taskCancelled: task.cancelled() },
          { childCancelled: true, taskCancelled: true }
        )
      })
    ))

  it("waits for a task that a branch awaits and that takes its time to end", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const slow = yield* asyncio.createTask(Effect.ensuring(asyncio.sleep("1 hour"), asyncio.sleep("5 seconds")))
        const task = yield* asyncio.createTask(Effect.all([slow, Effect.never], { concurrency: "unbounded" }))
        yield* asyncio.sleep(0)

        yield* task.cancel()

        yield* Effect.flip(task)
        assert.deepStrictEqual([loop.time(), slow.done()], [5000, true])
      })
    ))

  it("delivers a request made by the task itself before it went into the effect", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const task = yield* asyncio.createTask(
          Effect.gen(function* () {
            yield* (yield* asyncio.currentTask).cancel("myself")
            yield* Effect.sleep("1 hour")
          })
        )

        const error = yield* Effect.flip(task)

        assert.deepStrictEqual([error.reason, loop.time()], ["myself", 0])
      })
    ))

  it("can be withdrawn until the next iteration", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(Effect.as(Effect.sleep("1 second"), "slept"))
        yield* asyncio.sleep(0)
        yield* task.cancel()

        yield* task.uncancel()

        assert.strictEqual(yield* task, "slept")
      })
    ))

  it("asked for twice interrupts once, and counts both", () =>
    run(
      Effect.gen(function* () {
        let finalized = 0
        const body = Effect.onInterrupt(Effect.never, () =>
          Effect.andThen(
            asyncio.sleep("1 second"),
            Effect.sync(() => finalized++)
          )
        )
        const task = yield* asyncio.createTask(body)
        yield* asyncio.sleep(0)
        yield* task.cancel()
        yield* asyncio.sleep(0)
        yield* asyncio.sleep(0)

        yield* task.cancel()

        yield* Effect.flip(task)
        assert.deepStrictEqual(
          { finalized, cancelling: task.cancelling(), cancelled: task.cancelled() },
          { finalized: 1, cancelling: 2, cancelled: true }
        )
      })
    ))

  it("gives way to an effect that resumes in the same iteration and then awaits", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        let resumeForeign: (() => void) | undefined
        const foreign = Effect.callback<void>((resume) => {
          resumeForeign = () => resume(Effect.void)
        })
        const task = yield* asyncio.createTask(
          Effect.gen(function* () {
            yield* foreign
            lines.push("resumed")
            yield* asyncio.sleep("1 hour")
          })
        )
        yield* asyncio.sleep(0)
        yield* task.cancel("stop")

        resumeForeign?.()

        const error = yield* Effect.flip(task)
        assert.deepStrictEqual([...lines, error.reason], ["resumed", "stop"])
      })
    ))
})

describe("a task that a promise resumes", () => {
  it("goes on as itself, outside of any iteration of the loop", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(
          Effect.gen(function* () {
            yield* Effect.promise(macrotask)
            const name = (yield* asyncio.currentTask).getName()
            yield* asyncio.sleep("1 second")
            return `${name}, ${(yield* asyncio.currentTask).getName()}`
          }),
          { name: "worker" }
        )

        assert.strictEqual(yield* task, "worker, worker")
      })
    ))
})

/** Starts `body` as a task and gives its fiber. */
const withFiber = <A>(body: Effect.Effect<A>) =>
  Effect.gen(function* () {
    let fiber: Fiber.Fiber<unknown, unknown> | undefined
    const task = yield* asyncio.createTask(
      Effect.withFiber((current) => {
        fiber = current
        return body
      })
    )
    yield* asyncio.sleep(0)
    return { task, fiber: fiber! }
  })

describe("Fiber.interrupt of a task's fiber", () => {
  it("cancels the task and what it awaits, and waits until both are done", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const awaited = yield* asyncio.createTask(Effect.ensuring(asyncio.sleep("1 hour"), asyncio.sleep("5 seconds")))
        const { fiber, task } = yield* withFiber(Effect.ignore(awaited))

        yield* Fiber.interrupt(fiber)

        assert.deepStrictEqual(
          { time: loop.time(), awaitedCancelled: awaited.cancelled(), taskCancelled: task.cancelled() },
          { time: 5000, awaitedCancelled: true, taskCancelled: true }
        )
      })
    ))

  it("takes a task off its next step", () =>
    run(
      Effect.gen(function* () {
        const { fiber, task } = yield* withFiber(Effect.forever(asyncio.sleep(0)))

        yield* Fiber.interrupt(fiber)

        assert.isTrue(task.cancelled())
      })
    ))

  it("ends the boundary that the task is in", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const body = asyncio.catchCancelled(
          Effect.onInterrupt(asyncio.sleep("1 hour"), () => Effect.sync(() => lines.push("interrupted"))),
          () => Effect.sync(() => void lines.push("not reached"))
        )
        const { fiber, task } = yield* withFiber(body)

        yield* Fiber.interrupt(fiber)

        assert.deepStrictEqual([...lines, task.cancelled()], ["interrupted", true])
      })
    ))

  it("leaves a plain fiber that awaits a task no choice but to cancel it", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(asyncio.sleep("1 hour"))
        const waiter = yield* Effect.forkChild(Effect.exit(task))
        yield* asyncio.sleep(0)

        yield* Fiber.interrupt(waiter)

        assert.isTrue(task.cancelled())
      })
    ))

  it("takes a plain fiber off its next step", () =>
    run(
      Effect.gen(function* () {
        let iterations = 0
        const iteration = Effect.andThen(
          asyncio.sleep(0),
          Effect.sync(() => iterations++)
        )
        const fiber = yield* Effect.forkChild(Effect.forever(iteration))
        yield* asyncio.sleep(0)
        yield* asyncio.sleep(0)

        yield* Fiber.interrupt(fiber)

        const before = iterations
        yield* asyncio.sleep(0)
        yield* asyncio.sleep(0)
        assert.strictEqual(iterations, before)
      })
    ))
})
