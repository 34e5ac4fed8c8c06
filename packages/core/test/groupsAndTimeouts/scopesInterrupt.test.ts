import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect, Exit, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { collectReports, run } from "../support.ts"

const logTo = (lines: Array<string>) => (line: string) => Effect.sync(() => void lines.push(line))

/** Starts `body` in a plain fiber of no task, as an HTTP handler is. */
const forkPlain = <A, E>(body: Effect.Effect<A, E>): Effect.Effect<Fiber.Fiber<A, E>> =>
  Effect.tap(
    Effect.forkDetach(Effect.provideService(body, asyncio.CurrentTask, undefined)),
    Effect.andThen(asyncio.sleep(0), asyncio.sleep(0))
  )

/** Starts `body` as a task and gives the fiber of its coroutine. */
const forkTask = <A, E>(body: Effect.Effect<A, E>) =>
  Effect.gen(function* () {
    let fiber: Fiber.Fiber<unknown, unknown> | undefined
    yield* asyncio.createTask(
      Effect.withFiber((current) => {
        fiber = current
        return body
      })
    )
    yield* asyncio.sleep(0)
    yield* asyncio.sleep(0)
    return fiber!
  })

/** A group of one child that takes 100 milliseconds to clean up, around `body`. */
const withSlowChild = (log: (line: string) => Effect.Effect<void>, body: Effect.Effect<unknown>) =>
  asyncio.taskGroup((group) => {
    const cleanup = Effect.andThen(asyncio.sleep(100), log("child cleaned up"))
    return Effect.andThen(group.createTask(Effect.ensuring(asyncio.sleep("1 hour"), cleanup)), body)
  })

const bodies = { "an own wait": asyncio.sleep("1 hour"), "a foreign wait": Effect.never, "its end": Effect.void }
const forks = { task: forkTask, "plain fiber": forkPlain }

for (const [kind, fork] of Object.entries(forks)) {
  describe(`Fiber.interrupt of a ${kind}`, () => {
    for (const [place, body] of Object.entries(bodies)) {
      it(`cancels the children of a task group whose body is at ${place}, and waits for them`, () =>
        run(
          Effect.gen(function* () {
            const lines: Array<string> = []
            const log = logTo(lines)
            const loop = yield* asyncio.getRunningLoop
            const fiber = yield* fork(Effect.andThen(withSlowChild(log, body), log("not reached")))

            yield* Fiber.interrupt(fiber)

            assert.deepStrictEqual([...lines, loop.time()], ["child cleaned up", 100])
            assert.deepStrictEqual([(yield* asyncio.allTasks).size, loop.snapshot().timers], [1, 0])
          })
        ))
    }

    it("fails with what the children raise in their cleanup", () =>
      run(
        Effect.gen(function* () {
          const errors: Array<string> = []
          collectReports(yield* asyncio.getRunningLoop)
          const crash = Effect.onInterrupt(asyncio.sleep("1 hour"), () => Effect.die(new Error("cleanup failed")))
          const grouped = asyncio.taskGroup((group) => Effect.andThen(group.createTask(crash), Effect.never))
          const fiber = yield* fork(
            Effect.onExit(grouped, (exit) =>
              Effect.sync(() => {
                const error = Exit.isFailure(exit) ? asyncio.exceptionOf(exit.cause) : undefined
                if (error instanceof asyncio.ExceptionGroup) errors.push(...error.errors.map(String))
              })
            )
          )

          yield* Fiber.interrupt(fiber)

          assert.deepStrictEqual(errors, ["Error: cleanup failed"])
        })
      ))

    for (const [place, body] of Object.entries({ own: asyncio.sleep("1 hour"), foreign: Effect.never })) {
      it(`leaves no timer of a timeout behind whose body is in an ${place} wait`, () =>
        run(
          Effect.gen(function* () {
            const lines: Array<string> = []
            const loop = yield* asyncio.getRunningLoop
            const fiber = yield* fork(
              Effect.onInterrupt(asyncio.timeout("1 minute", body), () => logTo(lines)("interrupted"))
            )
            const before = loop.snapshot().timers

            yield* Fiber.interrupt(fiber)

            assert.isAbove(before, 0)
            assert.deepStrictEqual([...lines, loop.snapshot().timers, loop.time()], ["interrupted", 0, 0])
          })
        ))
    }
  })
}

describe("a plain fiber under TestClock", () => {
  it.effect("has its children cancelled and awaited when it is interrupted", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const log = logTo(lines)
      const grouped = withSlowChild(log, Effect.never)
      const fiber = yield* Effect.forkChild(Effect.onInterrupt(grouped, () => log("interrupted")))
      yield* TestClock.adjust(1)
      const interrupting = yield* Effect.forkChild(Fiber.interrupt(fiber))
      yield* TestClock.adjust(99)
      const early = fiber.pollUnsafe()

      yield* TestClock.adjust(1)

      yield* Fiber.join(interrupting)
      assert.deepStrictEqual([early, ...lines], [undefined, "child cleaned up", "interrupted"])
    })
  )

  it.effect("is cancelled by a failing child only inside the group", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const log = logTo(lines)
      const failing = Effect.andThen(asyncio.sleep(100), Effect.fail("boom"))
      const grouped = asyncio.taskGroup((group: asyncio.TaskGroup<string>) =>
        Effect.andThen(
          group.createTask(failing),
          Effect.onInterrupt(Effect.never, () => log("body interrupted"))
        )
      )
      const fiber = yield* Effect.forkChild(
        grouped.pipe(
          Effect.catchTag("ExceptionGroup", (group) => log(group.errors.join())),
          Effect.andThen(Effect.sleep(100)),
          Effect.andThen(log("went on"))
        )
      )

      yield* TestClock.adjust(200)

      yield* Fiber.join(fiber)
      assert.deepStrictEqual(lines, ["body interrupted", "boom", "went on"])
    })
  )

  it.effect("stops its group with group.cancel", () =>
    Effect.gen(function* () {
      const [child] = yield* asyncio.taskGroup((group) =>
        Effect.gen(function* () {
          const task = yield* group.createTask(asyncio.sleep("1 hour"))
          yield* group.cancel
          return [task] as const
        })
      )

      assert.isTrue(child.cancelled())
    })
  )
})

describe("a fiber that is interrupted in the first synchronous part of a body", () => {
  const scopes: Record<string, (body: Effect.Effect<void>) => Effect.Effect<unknown, unknown>> = {
    timeout: (body) => asyncio.timeout("1 hour", body),
    "task group": (body) => asyncio.taskGroup(() => body),
    catchCancelled: (body) => asyncio.catchCancelled(body, () => Effect.void)
  }
  const waits = { "an own wait": asyncio.sleep(10), "a foreign wait": Effect.sleep(10) }
  for (const [kind, fork] of Object.entries({ task: forkTask, "plain fiber": forkPlain })) {
    for (const [scope, around] of Object.entries(scopes)) {
      for (const [place, wait] of Object.entries(waits)) {
        it(`ends the body of a ${scope} at ${place} (${kind})`, () =>
          run(
            Effect.gen(function* () {
              const lines: Array<string> = []
              const log = logTo(lines)
              const { loop } = yield* asyncio.currentTask
              const program = Effect.withFiber((outer) => {
                const interruptOuter = Effect.sync(() => outer.interruptUnsafe())
                const body = Effect.andThen(interruptOuter, Effect.andThen(wait, log("outlived")))
                return around(Effect.onInterrupt(body, () => log("interrupted")))
              })
              const fiber = yield* fork(program)

              const exit = yield* Fiber.await(fiber)

              const endedAt = loop.time()
              yield* asyncio.sleep(50)
              assert.deepStrictEqual([...lines, exit._tag, endedAt], ["interrupted", "Failure", 0])
            })
          ))
      }
    }
  }
})
