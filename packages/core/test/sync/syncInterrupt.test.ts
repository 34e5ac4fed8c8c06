import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect, Exit, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { run } from "../support.ts"
import { iterations, waitables } from "./syncSubjects.ts"

/** The fiber of a task that runs `body`. */
const taskFiber = <A, E>(body: Effect.Effect<A, E>) =>
  Effect.gen(function* () {
    let fiber: Fiber.Fiber<unknown, unknown> | undefined
    const task = yield* asyncio.createTask(
      Effect.withFiber((own) => {
        fiber = own
        return body
      }),
      { eagerStart: true }
    )
    return { task, fiber: fiber! }
  })

// The ways to interrupt one of those who wait.
const victims: Record<string, (wait: Effect.Effect<unknown>) => Effect.Effect<Fiber.Fiber<unknown, unknown>>> = {
  "a plain fiber": (wait) => Effect.forkChild(wait, { startImmediately: true }),
  "a task's fiber": (wait) => Effect.map(taskFiber(wait), ({ fiber }) => fiber),
  "a branch of a task": (wait) =>
    Effect.forkChild(Effect.all([wait, Effect.never], { concurrency: "unbounded" }), { startImmediately: true })
}

for (const [name, make] of Object.entries(waitables)) {
  describe(name, () => {
    for (const [kind, start] of Object.entries(victims)) {
      it(`loses nothing when ${kind} that waits in the middle is interrupted`, () =>
        run(
          Effect.gen(function* () {
            const subject = yield* make
            const before = yield* asyncio.createTask(subject.wait)
            yield* iterations(4)
            const victim = yield* start(subject.wait)
            yield* iterations(4)
            const after = yield* asyncio.createTask(subject.wait)
            yield* iterations(4)

            yield* Fiber.interrupt(victim)
            yield* iterations(4)

            const busy = subject.text()
            yield* subject.wakeTwo
            yield* asyncio.waitFor(asyncio.gather([before, after]), 1000)
            assert.deepStrictEqual([busy, subject.text()], [subject.busy, subject.idle])
          })
        ))

      it(`serves the next one when ${kind} is interrupted that was woken and has not run`, () =>
        run(
          Effect.gen(function* () {
            const subject = yield* make
            const victim = yield* start(subject.wait)
            yield* iterations(4)
            const next = yield* asyncio.createTask(subject.wait)
            yield* iterations(4)
            const waking = yield* asyncio.createTask(subject.wakeOne, { eagerStart: true })

            yield* Fiber.interrupt(victim)

            yield* asyncio.waitFor(asyncio.gather([next, waking]), 1000)
            assert.strictEqual(subject.text(), subject.idleAfterOne)
          })
        ))
    }

    it.effect("loses nothing when a fiber on the test's clock is interrupted", () =>
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const subject = yield* make
        const fibers: Array<Fiber.Fiber<unknown>> = []
        for (let i = 0; i < 3; i++) {
          fibers.push(yield* Effect.forkChild(subject.wait))
          yield* TestClock.adjust(1)
        }

        yield* Fiber.interrupt(fibers[1]!)
        yield* TestClock.adjust(1)

        const busy = subject.text()
        yield* subject.wakeTwo
        yield* Fiber.join(fibers[0]!)
        yield* Fiber.join(fibers[2]!)
        const { ready, tasks, timers } = loop.snapshot()
        assert.deepStrictEqual([busy, subject.text()], [subject.busy, subject.idle])
        assert.deepStrictEqual([ready, tasks, timers], [0, [], 0])
      })
    )
  })
}

const holders = {
  Lock: asyncio.Lock.make(),
  Condition: asyncio.Condition.make(),
  Semaphore: asyncio.Semaphore.make(),
  BoundedSemaphore: asyncio.BoundedSemaphore.make()
}

// What happens to a body, and how its block then ends.
const ends: Record<
  string,
  { readonly body: Effect.Effect<unknown, unknown>; readonly act: "cancel" | "interrupt" | "nothing" }
> = {
  fails: { body: Effect.fail("broken"), act: "nothing" },
  dies: { body: Effect.die("broken"), act: "nothing" },
  throws: {
    body: Effect.sync(() => {
      throw new Error("broken")
    }),
    act: "nothing"
  },
  "interrupts itself": { body: Effect.interrupt, act: "nothing" },
  "is cancelled in an await of its own": { body: asyncio.sleep("1 hour"), act: "cancel" },
  "is cancelled in a foreign effect": { body: Effect.never, act: "cancel" },
  "is cancelled in branches": {
    body: Effect.all([asyncio.sleep("1 hour"), Effect.never], { concurrency: "unbounded" }),
    act: "cancel"
  },
  "is cancelled inside a timeout": { body: asyncio.timeout("1 hour", Effect.never), act: "cancel" },
  "is interrupted in an await of its own": { body: asyncio.sleep("1 hour"), act: "interrupt" },
  "is interrupted in a foreign effect": { body: Effect.never, act: "interrupt" },
  "takes too long": { body: Effect.timeout(Effect.never, "1 second"), act: "nothing" }
}

for (const [name, make] of Object.entries(holders)) {
  describe(`${name}.use`, () => {
    for (const [end, { act, body }] of Object.entries(ends)) {
      it(`releases when the body ${end}`, () =>
        run(
          Effect.gen(function* () {
            const holder: asyncio.Lock | asyncio.Condition | asyncio.Semaphore = yield* make
            const idle = String(holder)
            const held: Array<boolean> = []
            const look = Effect.sync(() => void held.push(holder.locked()))
            const { fiber, task } = yield* taskFiber(holder.use(Effect.ensuring(Effect.andThen(look, body), look)))
            const next = yield* asyncio.createTask(holder.use(Effect.succeed("next")))
            yield* iterations(2)

            if (act === "cancel") yield* task.cancel("stop")
            if (act === "interrupt") yield* Fiber.interrupt(fiber)

            yield* asyncio.wait([task])
            assert.strictEqual(yield* asyncio.waitFor(next, 1000), "next")
            const exit = yield* Effect.exit(task)
            assert.deepStrictEqual(
              { held, failed: Exit.isFailure(exit), text: String(holder) },
              { held: [true, true], failed: true, text: idle }
            )
          })
        ))
    }

    it("releases when the body lets a cancellation pass that it has caught", () =>
      run(
        Effect.gen(function* () {
          const holder: asyncio.Lock | asyncio.Condition | asyncio.Semaphore = yield* make
          const body = asyncio.catchCancelled(Effect.never, () => asyncio.sleep("1 second", "cleaned up"))
          const task = yield* asyncio.createTask(holder.use(body))
          yield* iterations(1)

          yield* task.cancel()

          yield* iterations(3)
          const meanwhile = holder.locked()
          assert.deepStrictEqual(
            { result: yield* task, meanwhile, locked: holder.locked() },
            { result: "cleaned up", meanwhile: true, locked: false }
          )
        })
      ))

    it("does not run the body when it is interrupted while it waits", () =>
      run(
        Effect.gen(function* () {
          const holder: asyncio.Lock | asyncio.Condition | asyncio.Semaphore = yield* make
          const idle = String(holder)
          let ran = false
          yield* holder.acquire
          const victim = yield* Effect.forkChild(holder.use(Effect.sync(() => (ran = true))))
          yield* iterations(2)

          yield* Fiber.interrupt(victim)

          yield* holder.release
          yield* iterations(2)
          assert.deepStrictEqual([ran, String(holder)], [false, idle])
        })
      ))
  })
}

describe("Condition.wait that is interrupted natively", () => {
  /** A fiber that waits, and notes whether the lock is held where it goes on. */
  const waiting = Effect.gen(function* () {
    const condition = yield* asyncio.Condition.make()
    const lines: Array<string> = []
    const look = Effect.sync(() => void lines.push(condition.locked() ? "has the lock" : "has no lock"))
    const fiber = yield* Effect.forkChild(condition.use(Effect.ensuring(condition.wait, look)))
    yield* iterations(3)
    return { condition, fiber, lines }
  })

  it("takes the lock again", () =>
    run(
      Effect.gen(function* () {
        const { condition, fiber, lines } = yield* waiting

        yield* Fiber.interrupt(fiber)

        assert.deepStrictEqual([...lines, String(condition)], ["has the lock", "<Condition [unlocked]>"])
      })
    ))

  it("waits for the lock when others hold it", () =>
    run(
      Effect.gen(function* () {
        const { condition, fiber, lines } = yield* waiting
        yield* condition.acquire

        const interrupting = yield* Effect.forkChild(Fiber.interrupt(fiber))
        yield* iterations(5)

        lines.push("released by its holder")
        yield* condition.release
        yield* Fiber.join(interrupting)
        assert.deepStrictEqual(lines, ["released by its holder", "has the lock"])
        assert.strictEqual(String(condition), "<Condition [unlocked]>")
      })
    ))

  it("waits for the lock when it was notified and is interrupted again and again", () =>
    run(
      Effect.gen(function* () {
        const { condition, fiber, lines } = yield* waiting
        yield* condition.acquire
        yield* condition.notify()
        yield* iterations(2)

        for (let i = 0; i < 3; i++) {
          fiber.interruptUnsafe()
          yield* iterations(2)
        }

        lines.push("released by its holder")
        const meanwhile = String(condition)
        yield* condition.release
        yield* Fiber.await(fiber)
        assert.deepStrictEqual(lines, ["released by its holder", "has the lock"])
        assert.deepStrictEqual([meanwhile, String(condition)], ["<Condition [locked]>", "<Condition [unlocked]>"])
      })
    ))

  it("hands its notification on", () =>
    run(
      Effect.gen(function* () {
        const { condition, fiber } = yield* waiting
        const other = yield* asyncio.createTask(condition.use(condition.wait))
        yield* iterations(2)
        yield* condition.use(condition.notify(1))

        yield* Fiber.interrupt(fiber)

        assert.isTrue(yield* asyncio.waitFor(other, 1000))
        assert.strictEqual(String(condition), "<Condition [unlocked]>")
      })
    ))
})
