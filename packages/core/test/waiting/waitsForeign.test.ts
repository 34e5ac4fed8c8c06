import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect, Exit, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"
import { collectReports, run } from "../support.ts"

/** A wait for one coroutine that runs in a task of its own. */
type WaitFor = <A>(body: Effect.Effect<A>) => Effect.Effect<A, unknown>

interface WaitKind {
  readonly wait: WaitFor
  /** Whether the body is cancelled with its waiter. */
  readonly cancelsBody: boolean
  /** Whether an error of the body counts as seen, though nobody is left to see it. */
  readonly seesErrors?: boolean
}

const waits: Readonly<Record<string, WaitKind>> = {
  gather: {
    wait: (body) => Effect.map(asyncio.gather([body]), ([result]) => result),
    cancelsBody: true
  },
  "gather with returnExceptions": {
    wait: (body) => Effect.flatMap(asyncio.gather([body], { returnExceptions: true }), ([exit]) => exit),
    cancelsBody: true,
    seesErrors: true
  },
  shield: {
    wait: (body) => asyncio.shield(body),
    cancelsBody: false
  },
  wait: {
    wait: Effect.fnUntraced(function* (body) {
      const task = yield* asyncio.createTask(body)
      const { done } = yield* asyncio.wait([task])
      for (const each of done) return yield* each
      return yield* Effect.never
    }),
    cancelsBody: false
  },
  asCompleted: {
    wait: Effect.fnUntraced(function* (body) {
      for (const next of yield* asyncio.asCompleted([body])) return yield* next
      return yield* Effect.never
    }),
    cancelsBody: false
  }
}

const foreigns: Readonly<Record<string, Effect.Effect<void>>> = {
  "Effect.sleep": Effect.sleep(100),
  "a promise": Effect.promise(
    (signal) =>
      new Promise<void>((resolve) => {
        const handle = setImmediate(resolve)
        signal.addEventListener("abort", () => clearImmediate(handle))
      })
  ),
  "an await of ours": asyncio.sleep(100)
}

/** Sleeps for `millis`, and takes 10 more to clean up. Writes down how it ends. */
const worker = (lines: Array<string>, millis: number, sleep: (millis: number) => Effect.Effect<void> = Effect.sleep) =>
  Effect.as(sleep(millis), "result").pipe(
    Effect.onExit((exit) =>
      Exit.isSuccess(exit)
        ? Effect.sync(() => void lines.push("worked"))
        : Effect.andThen(
            asyncio.sleep(10),
            Effect.sync(() => void lines.push("cleaned up"))
          )
    )
  )

const note = (lines: Array<string>, line: string) => Effect.sync(() => void lines.push(line))

const resource = (lines: Array<string>) => Effect.acquireRelease(note(lines, "acquired"), () => note(lines, "released"))

/** Lets the bodies that nobody cancelled come to their end. */
const letRun = asyncio.sleep("1 minute")

for (const [name, { cancelsBody, seesErrors = false, wait }] of Object.entries(waits)) {
  // What the body does when its waiter is gone, and when: before the waiter's end, or long after.
  const ending = (waiter: string) => (cancelsBody ? ["cleaned up", waiter] : [waiter, "worked"])

  describe(`${name} of a foreign effect`, () => {
    for (const [kind, foreign] of Object.entries(foreigns)) {
      // The promise takes real time, of which a loop on virtual time knows nothing.
      const options = kind === "a promise" ? { loopFactory: undefined } : {}

      it(`waits for ${kind}`, async () => {
        assert.strictEqual(await run(wait(Effect.as(foreign, "result")), options), "result")
      })
    }

    it(`${cancelsBody ? "cancels it and waits for its finalizers" : "leaves it alone"} when it is cancelled`, () =>
      run(
        Effect.gen(function* () {
          const lines: Array<string> = []
          const task = yield* asyncio.createTask(wait(worker(lines, 100)))
          yield* asyncio.sleep(50)

          yield* task.cancel("stop")

          yield* Effect.exit(task)
          lines.push("task ended")
          yield* letRun
          assert.deepStrictEqual([lines, task.cancelled()], [ending("task ended"), true])
        })
      ))
  })

  describe(`${name} in a branch`, () => {
    it("of Effect.all has its result among the others", async () => {
      const branches = [wait(Effect.as(Effect.sleep(20), 1)), Effect.as(Effect.sleep(30), 2), wait(Effect.succeed(3))]

      assert.deepStrictEqual(await run(Effect.all(branches, { concurrency: "unbounded" })), [1, 2, 3])
    })

    it("of Effect.all ends with the failure of another branch", () =>
      run(
        Effect.gen(function* () {
          const lines: Array<string> = []
          const failing = Effect.andThen(asyncio.sleep(50), Effect.fail("broken"))
          const task = yield* asyncio.currentTask

          const error = yield* Effect.flip(
            Effect.all([wait(worker(lines, 100)), failing], { concurrency: "unbounded" })
          )

          lines.push(String(error))
          yield* letRun
          assert.deepStrictEqual([lines, task.cancelling()], [ending("broken"), 0])
        })
      ))

    it("of Effect.all ends with its task's cancellation", () =>
      run(
        Effect.gen(function* () {
          const lines: Array<string> = []
          const both = Effect.all([wait(worker(lines, 100)), wait(worker(lines, 100))], { concurrency: "unbounded" })
          const task = yield* asyncio.createTask(both)
          yield* asyncio.sleep(50)

          yield* task.cancel("stop")

          const error = yield* Effect.flip(task)
          lines.push(`ended: ${(error as asyncio.CancelledError).reason}`)
          yield* letRun
          const [first, second] = ending("ended: stop")
          assert.deepStrictEqual(lines, cancelsBody ? [first, first, second] : [first, second, second])
        })
      ))

    it("of Effect.race loses without cancelling the task", () =>
      run(
        Effect.gen(function* () {
          const lines: Array<string> = []
          const task = yield* asyncio.currentTask

          const winner = yield* Effect.race(wait(worker(lines, 100)), asyncio.sleep(50, "winner"))

          lines.push(winner)
          yield* letRun
          assert.deepStrictEqual([lines, task.cancelling()], [ending("winner"), 0])
        })
      ))

    it("of Effect.race leaves nothing to report when it loses", async () => {
      const loop = makeVirtualTimeLoop()
      const reports = collectReports(loop)
      const race = Effect.race(wait(worker([], 100)), asyncio.sleep(50, "winner"))

      await run(Effect.andThen(race, letRun), { loopFactory: () => loop })

      assert.deepStrictEqual(reports, [])
    })

    it(`of Effect.race ${seesErrors ? "has looked at" : "has the loop report"} what its body raised after it`, async () => {
      const loop = makeVirtualTimeLoop()
      const reports = collectReports(loop)
      const failing = Effect.ensuring(Effect.sleep(100), Effect.die("in cleanup"))
      const race = Effect.race(wait(failing), asyncio.sleep(50, "winner"))

      await run(Effect.andThen(race, letRun), { loopFactory: () => loop })

      const errors = reports.map(({ exception }) => exception)
      assert.strictEqual(errors.includes("in cleanup"), !seesErrors)
    })

    it("of Effect.race wins", async () => {
      const race = Effect.race(wait(Effect.as(Effect.sleep(10), "winner")), asyncio.sleep(50, "loser"))

      assert.strictEqual(await run(race), "winner")
    })
  })

  describe(`${name} and Effect.timeout`, () => {
    it("ends when the time is up", () =>
      run(
        Effect.gen(function* () {
          const lines: Array<string> = []
          const loop = yield* asyncio.getRunningLoop

          const error = yield* Effect.flip(Effect.timeout(wait(worker(lines, 100)), 50))

          lines.push(`${(error as asyncio.TimeoutError)._tag} at ${loop.time()}`)
          yield* letRun
          assert.deepStrictEqual(lines, ending(`TimeoutError at ${cancelsBody ? 60 : 50}`))
        })
      ))

    it("has its result when there is time enough", async () => {
      assert.strictEqual(await run(Effect.timeout(wait(Effect.as(Effect.sleep(10), "result")), 50)), "result")
    })
  })

  describe(`${name} in a Stream`, () => {
    it("makes its elements, beside each other", () =>
      run(
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop
          const stream = Stream.mapEffect(
            Stream.make(30, 10, 20),
            (millis) => wait(Effect.as(Effect.sleep(millis), millis)),
            { concurrency: 3 }
          )

          const results = yield* Stream.runCollect(stream)

          assert.deepStrictEqual([results, loop.time()], [[30, 10, 20], 30])
        })
      ))

    it("ends with the task that runs it", () =>
      run(
        Effect.gen(function* () {
          const lines: Array<string> = []
          const stream = Stream.mapEffect(Stream.make(1), () => wait(worker(lines, 100)))
          const task = yield* asyncio.createTask(Stream.runDrain(stream))
          yield* asyncio.sleep(50)

          yield* task.cancel()

          yield* Effect.exit(task)
          lines.push("stream ended")
          yield* letRun
          assert.deepStrictEqual([lines, task.cancelled()], [ending("stream ended"), true])
        })
      ))
  })

  describe(`${name} and resources`, () => {
    it("has the body's own released at its end", () =>
      run(
        Effect.gen(function* () {
          const lines: Array<string> = []
          const body = Effect.scoped(Effect.andThen(resource(lines), worker(lines, 100)))

          const result = yield* wait(body)

          lines.push(result)
          assert.deepStrictEqual(lines, ["acquired", "worked", "released", "result"])
        })
      ))

    it(`has what is around it released ${cancelsBody ? "after the body has cleaned up" : "though the body goes on"}`, () =>
      run(
        Effect.gen(function* () {
          const lines: Array<string> = []
          const task = yield* asyncio.createTask(
            Effect.scoped(Effect.andThen(resource(lines), wait(worker(lines, 100))))
          )
          yield* asyncio.sleep(50)

          yield* task.cancel()

          yield* Effect.exit(task)
          yield* letRun
          assert.deepStrictEqual(lines, ["acquired", ...ending("released")])
        })
      ))
  })

  describe(`${name} inside Effect.uninterruptible`, () => {
    it("comes to its end before a cancellation arrives", () =>
      run(
        Effect.gen(function* () {
          const lines: Array<string> = []
          const whole = Effect.uninterruptible(Effect.andThen(wait(worker(lines, 100)), note(lines, "whole")))
          const task = yield* asyncio.createTask(Effect.andThen(whole, note(lines, "not reached")))
          yield* asyncio.sleep(50)

          yield* task.cancel("stop")

          const error = yield* Effect.flip(task)
          assert.deepStrictEqual(
            { lines, reason: (error as asyncio.CancelledError).reason, cancelled: task.cancelled() },
            { lines: ["worked", "whole"], reason: "stop", cancelled: true }
          )
        })
      ))
  })

  describe(`${name} in a plain fiber`, () => {
    it("outside of any run has its result", async () => {
      assert.strictEqual(await Effect.runPromise(wait(Effect.as(Effect.yieldNow, "result"))), "result")
    })

    it("inside a task has its result, and ends with the fiber", () =>
      run(
        Effect.gen(function* () {
          const lines: Array<string> = []
          const quick = yield* Effect.forkChild(wait(Effect.as(Effect.sleep(10), "result")))
          const slow = yield* Effect.forkChild(wait(worker(lines, 100)))
          assert.strictEqual(yield* Fiber.join(quick), "result")

          yield* Fiber.interrupt(slow)

          lines.push("fiber ended")
          yield* letRun
          assert.deepStrictEqual(lines, ending("fiber ended"))
        })
      ))
  })

  describe(`${name} under TestClock`, () => {
    it.effect("takes the time of the test", () =>
      Effect.gen(function* () {
        const lines: Array<string> = []
        const fiber = yield* Effect.forkChild(wait(worker(lines, 1000)))
        yield* TestClock.adjust(999)
        lines.push("not yet")

        yield* TestClock.adjust(1)

        assert.deepStrictEqual([yield* Fiber.join(fiber), lines], ["result", ["not yet", "worked"]])
      })
    )

    it.effect("is cancelled at the time of the test", () =>
      Effect.gen(function* () {
        const lines: Array<string> = []
        const task = yield* asyncio.createTask(wait(worker(lines, 1000, asyncio.sleep)))
        yield* TestClock.adjust(500)

        yield* task.cancel()

        const fiber = yield* Effect.forkChild(Effect.andThen(Effect.exit(task), note(lines, "task ended")))
        yield* TestClock.adjust(1000)
        yield* Fiber.join(fiber)
        assert.deepStrictEqual([lines, task.cancelled()], [ending("task ended"), true])
      })
    )
  })
}
