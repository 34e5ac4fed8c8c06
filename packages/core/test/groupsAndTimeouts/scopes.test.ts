import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { run } from "../support.ts"

const logTo = (lines: Array<string>) => (line: string) => Effect.sync(() => void lines.push(line))

const failAfter = (delay: number) => Effect.andThen(asyncio.sleep(delay), Effect.fail("boom"))

/** Both scopes, with a body that has to be cancelled after 100 milliseconds, and their errors as text. */
const scopes: Record<"timeout" | "taskGroup", (body: Effect.Effect<string>) => Effect.Effect<string>> = {
  timeout: (body) => Effect.catchTag(asyncio.timeout(100, body), "TimeoutError", () => Effect.succeed("timed out")),
  taskGroup: (body) =>
    Effect.catchTag(
      asyncio.taskGroup((group: asyncio.TaskGroup<string>) => Effect.andThen(group.createTask(failAfter(100)), body)),
      "ExceptionGroup",
      (group) => Effect.succeed(group.errors.map(String).join())
    )
}
const ends = { timeout: "timed out", taskGroup: "boom" }

for (const name of ["timeout", "taskGroup"] as const) {
  const scope = scopes[name]
  const ended = ends[name]

  describe(`${name} around a foreign effect`, () => {
    for (const [kind, wait] of Object.entries({ sleep: Effect.sleep("1 hour"), never: Effect.never })) {
      it(`interrupts Effect.${kind}, and the task goes on`, () =>
        run(
          Effect.gen(function* () {
            const lines: Array<string> = []
            const loop = yield* asyncio.getRunningLoop
            const self = yield* asyncio.currentTask

            lines.push(
              yield* scope(
                Effect.as(
                  Effect.onInterrupt(wait, () => logTo(lines)("interrupted")),
                  ""
                )
              )
            )

            assert.deepStrictEqual([...lines, loop.time()], ["interrupted", ended, 100])
            yield* asyncio.sleep(1)
            yield* Effect.sleep(1)
            assert.deepStrictEqual([self.cancelling(), loop.time(), loop.snapshot().timers], [0, 102, 0])
          })
        ))
    }

    it("aborts the signal of a promise", () =>
      run(
        Effect.gen(function* () {
          let signal: AbortSignal | undefined
          const request = Effect.promise((given) => {
            signal = given
            return new Promise<string>(() => {})
          })

          const end = yield* scope(request)

          assert.deepStrictEqual([end, signal?.aborted], [ended, true])
        })
      ))

    it("waits for the effect's finalizers", () =>
      run(
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop
          const body = Effect.as(Effect.ensuring(Effect.never, Effect.sleep(500)), "")

          const end = yield* scope(body)

          assert.deepStrictEqual([end, loop.time()], [ended, 600])
        })
      ))

    it("lets a cancellation of the task pass", () =>
      run(
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop
          const task = yield* asyncio.createTask(scope(Effect.never))
          yield* asyncio.sleep(50)

          yield* task.cancel("outside")

          const error = yield* Effect.flip(task)
          yield* asyncio.sleep(0)
          assert.deepStrictEqual([error.message, loop.time(), loop.snapshot().timers], ["outside", 50, 0])
        })
      ))
  })

  describe(`${name} in a branch`, () => {
    it("of Effect.all ends the branch and neither the others nor the task", () =>
      run(
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop
          const self = yield* asyncio.currentTask
          for (const wait of [Effect.as(asyncio.sleep("1 hour"), ""), Effect.never]) {
            const start = loop.time()
            const branches = [scope(wait), asyncio.sleep(200, "slept"), Effect.as(Effect.sleep(300), "slept")]

            const results = yield* Effect.all(branches, { concurrency: "unbounded" })

            assert.deepStrictEqual(results, [ended, "slept", "slept"])
            assert.deepStrictEqual([self.cancelling(), loop.time() - start], [0, 300])
          }
        })
      ))

    it("of Effect.race loses or wins without cancelling the task", () =>
      run(
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop
          const self = yield* asyncio.currentTask

          const lost = yield* Effect.race(scope(Effect.never), asyncio.sleep(50, "first"))
          const timers = loop.snapshot().timers
          const won = yield* Effect.race(scope(Effect.never), asyncio.sleep("1 hour", "late"))

          assert.deepStrictEqual([lost, timers, won, self.cancelling()], ["first", 0, ended, 0])
          yield* asyncio.sleep(0)
          assert.strictEqual(loop.time(), 150)
        })
      ))

    it("is cancelled with the task that it is a part of", () =>
      run(
        Effect.gen(function* () {
          const lines: Array<string> = []
          const loop = yield* asyncio.getRunningLoop
          const branch = scope(Effect.onInterrupt(Effect.never, () => logTo(lines)("interrupted")))
          const task = yield* asyncio.createTask(Effect.all([branch, branch], { concurrency: 2 }))
          yield* asyncio.sleep(50)

          yield* task.cancel("outside")

          yield* Effect.flip(task)
          yield* asyncio.sleep(0)
          assert.deepStrictEqual([...lines, loop.snapshot().timers, loop.time()], ["interrupted", "interrupted", 0, 50])
        })
      ))
  })

  describe(`${name} inside Effect.uninterruptible`, () => {
    for (const [kind, sleep] of Object.entries({ "an own": asyncio.sleep(500), "a foreign": Effect.sleep(500) })) {
      it(`lets the body come to its end in ${kind} wait, and cancels nothing after it`, () =>
        run(
          Effect.gen(function* () {
            const lines: Array<string> = []
            const log = logTo(lines)
            const task = yield* asyncio.createTask(
              Effect.gen(function* () {
                const loop = yield* asyncio.getRunningLoop
                const end = yield* Effect.uninterruptible(scope(Effect.as(sleep, "whole")))
                yield* log(`${end} at ${loop.time()}`)
                yield* asyncio.sleep(0)
                yield* Effect.sleep(1)
                yield* log("went on")
              })
            )

            yield* Effect.exit(task)

            // A task group has an error to tell, whatever its body made of the cancellation.
            const end = name === "timeout" ? "whole" : ended
            assert.deepStrictEqual([...lines, task.cancelling()], [`${end} at 500`, "went on", 0])
          })
        ))
    }

    it("passes a cancellation from outside on, after the boundary", () =>
      run(
        Effect.gen(function* () {
          const lines: Array<string> = []
          for (const time of [50, 150]) {
            const task = yield* asyncio.createTask(
              Effect.andThen(
                Effect.uninterruptible(scope(Effect.as(asyncio.sleep(500), "whole"))),
                logTo(lines)("not reached")
              )
            )
            yield* asyncio.sleep(time)
            yield* task.cancel("outside")

            const error = yield* Effect.flip(task)

            lines.push(`${error.message} ${task.cancelled()} ${task.cancelling()}`)
          }
          assert.deepStrictEqual(lines, ["outside true 1", "outside true 1"])
        })
      ))
  })
  describe(`${name} and Effect.timeout`, () => {
    it("ends inside of it, or with it", () =>
      run(
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop
          const self = yield* asyncio.currentTask
          const inside = yield* Effect.timeout(scope(Effect.never), 200)
          const timers = loop.snapshot().timers

          const error = yield* Effect.flip(Effect.timeout(scope(Effect.never), 50))

          assert.deepStrictEqual([inside, error._tag, loop.time()], [ended, "TimeoutError", 150])
          yield* asyncio.sleep(0)
          assert.deepStrictEqual([timers, loop.snapshot().timers, self.cancelling()], [0, 0, 0])
        })
      ))
  })

  describe(`${name} in a plain fiber`, () => {
    it.effect("ends its body on the time of the TestClock", () =>
      Effect.gen(function* () {
        const fiber = yield* Effect.forkChild(scope(Effect.as(asyncio.sleep("1 hour"), "")))
        const foreign = yield* Effect.forkChild(scope(Effect.never))
        yield* TestClock.adjust(99)
        const early = fiber.pollUnsafe() ?? foreign.pollUnsafe()

        yield* TestClock.adjust(1)

        assert.deepStrictEqual(
          [early, yield* Effect.all([Fiber.join(fiber), Fiber.join(foreign)])],
          [undefined, [ended, ended]]
        )
      })
    )
  })
}
