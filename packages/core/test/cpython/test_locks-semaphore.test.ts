import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { run } from "../support.ts"
import { defectOf, iteration, iterations, noteTo, startAll } from "./locksSupport.ts"

const taken = Effect.tap(asyncio.Semaphore.make(), (semaphore) => semaphore.acquire)

describe("CPython test_locks", () => {
  it("is locked when it has no permits to begin with (SemaphoreTests.test_initial_value_zero)", () =>
    run(
      Effect.gen(function* () {
        const semaphore = yield* asyncio.Semaphore.make(0)

        assert.isTrue(semaphore.locked())
      })
    ))

  it("prints its free permits, and how many wait (SemaphoreTests.test_repr)", () =>
    run(
      Effect.gen(function* () {
        const semaphore = yield* asyncio.Semaphore.make()
        const texts = [String(semaphore)]
        for (const _ of [1, 2, 3]) {
          yield* asyncio.createTask(semaphore.acquire)
          yield* iteration
          texts.push(String(semaphore))
        }

        assert.deepStrictEqual(texts, [
          "<Semaphore [unlocked, value:1]>",
          "<Semaphore [locked]>",
          "<Semaphore [locked, waiters:1]>",
          "<Semaphore [locked, waiters:2]>"
        ])
      })
    ))

  it("cannot begin with less than no permits (SemaphoreTests.test_semaphore_value)", () =>
    run(
      Effect.gen(function* () {
        const defects = [
          yield* defectOf(asyncio.Semaphore.make(-1)),
          yield* defectOf(asyncio.BoundedSemaphore.make(-1))
        ]

        assert.deepStrictEqual(defects, Array(2).fill("ValueError: Semaphore initial value must be >= 0"))
      })
    ))

  it("hands a permit that is given back to who waits, past newcomers (SemaphoreTests.test_acquire)", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<number> = []
        const semaphore = yield* asyncio.Semaphore.make(3)
        const acquireAs = (name: number) => Effect.tap(semaphore.acquire, noteTo(lines)(name))
        const acquired = {
          first: yield* semaphore.acquire,
          second: yield* semaphore.acquire,
          locked: semaphore.locked()
        }
        const tasks = yield* startAll([1, 2, 3].map(acquireAs))
        yield* iteration
        const seen = [[...lines, String(semaphore)]]
        tasks.push(yield* asyncio.createTask(acquireAs(4)))

        yield* semaphore.release
        yield* semaphore.release
        seen.push([...lines, String(semaphore)])
        yield* iteration
        seen.push([...lines, String(semaphore)])
        yield* semaphore.release
        yield* asyncio.gather(tasks)

        assert.deepStrictEqual(acquired, { first: true, second: true, locked: false })
        assert.deepStrictEqual(
          [...seen, [...lines, String(semaphore)]],
          [
            [1, "<Semaphore [locked, waiters:2]>"],
            [1, "<Semaphore [locked, waiters:2]>"],
            [1, 2, 3, "<Semaphore [locked, waiters:1]>"],
            [1, 2, 3, 4, "<Semaphore [locked]>"]
          ]
        )
      })
    ))

  it("leaves no waiter behind when an acquire is cancelled (SemaphoreTests.test_acquire_cancel)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const semaphore = yield* taken
        const task = yield* asyncio.createTask(semaphore.acquire)
        let waiting = ""
        yield* loop.callSoon(() => {
          waiting = String(semaphore)
          task.cancelUnsafe()
        })

        const error = yield* Effect.flip(task)

        assert.strictEqual(error._tag, "CancelledError")
        assert.deepStrictEqual(
          [waiting, String(semaphore)],
          ["<Semaphore [locked, waiters:1]>", "<Semaphore [locked]>"]
        )
      })
    ))

  it("gives a permit to the first of those left when others are cancelled (SemaphoreTests.test_acquire_cancel_before_awoken)", () =>
    run(
      Effect.gen(function* () {
        const semaphore = yield* asyncio.Semaphore.make(0)
        const tasks = yield* startAll(Array.from({ length: 4 }, () => semaphore.acquire))
        yield* iteration

        yield* tasks[0]!.cancel()
        yield* tasks[1]!.cancel()
        yield* semaphore.release
        yield* iterations(2)

        assert.deepStrictEqual(
          tasks.map((task) => [task.done(), task.cancelled()]),
          [
            [true, true],
            [true, true],
            [true, false],
            [false, false]
          ]
        )
        yield* tasks[3]!.cancel()
        yield* iteration
        assert.strictEqual(String(semaphore), "<Semaphore [locked]>")
      })
    ))

  it("gives a permit to the second when the first is cancelled in the same iteration (SemaphoreTests.test_acquire_hang)", () =>
    run(
      Effect.gen(function* () {
        const semaphore = yield* asyncio.Semaphore.make(0)
        const [first, second] = yield* startAll([semaphore.acquire, semaphore.acquire])
        yield* iteration

        yield* first!.cancel()
        yield* semaphore.release
        yield* iterations(2)

        assert.deepStrictEqual(
          { semaphoreLocked: semaphore.locked(), firstCancelled: first!.cancelled(), secondDone: second!.done() },
          { semaphoreLocked: true, firstCancelled: true, secondDone: true }
        )
      })
    ))

  it("has the permit again of a waiter that was woken and cancelled (SemaphoreTests.test_acquire_no_hang)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const lines: Array<string> = []
        const semaphore = yield* asyncio.Semaphore.make(1)
        let second: asyncio.Task<void> | undefined
        const first = yield* asyncio.createTask(
          Effect.andThen(
            semaphore.use(iteration),
            Effect.sync(() => second?.cancelUnsafe())
          )
        )
        second = yield* asyncio.createTask(semaphore.use(noteTo(lines)("second")))

        const exits = yield* asyncio.gather([first, second], { returnExceptions: true })
        const acquired = yield* asyncio.waitFor(semaphore.acquire, 1000)

        assert.deepStrictEqual(
          { exits: exits.map((exit) => exit._tag), cancelled: second.cancelled(), lines },
          { exits: ["Success", "Failure"], cancelled: true, lines: [] }
        )
        assert.deepStrictEqual([acquired, loop.time()], [true, 0])
      })
    ))

  it("dies when a bounded one is given a permit too many (SemaphoreTests.test_release_not_acquired)", () =>
    run(
      Effect.gen(function* () {
        const semaphore = yield* asyncio.BoundedSemaphore.make()

        const defect = yield* defectOf(semaphore.release)

        assert.strictEqual(defect, "ValueError: BoundedSemaphore released too many times")
        assert.strictEqual(String(semaphore), "<BoundedSemaphore [unlocked, value:1]>")
      })
    ))

  it("has a free permit after a release for which nobody waited (SemaphoreTests.test_release_no_waiters)", () =>
    run(
      Effect.gen(function* () {
        const semaphore = yield* taken
        const before = semaphore.locked()

        yield* semaphore.release

        assert.deepStrictEqual({ before, locked: semaphore.locked() }, { before: true, locked: false })
      })
    ))

  it("sends a task that acquires again to the end of the wait queue (SemaphoreTests.test_acquire_fifo_order)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const lines: Array<string> = []
        const semaphore = yield* asyncio.Semaphore.make(1)
        const round = (line: string) =>
          Effect.andThen(
            Effect.tap(semaphore.acquire, noteTo(lines)(line)),
            Effect.andThen(asyncio.sleep(10), semaphore.release)
          )

        yield* asyncio.taskGroup((group) =>
          Effect.forEach(["c1", "c2", "c3"], (name) =>
            group.createTask(Effect.andThen(round(`${name}_1`), round(`${name}_2`)))
          )
        )

        assert.deepStrictEqual(lines, ["c1_1", "c2_1", "c3_1", "c1_2", "c2_2", "c3_2"])
        assert.strictEqual(loop.time(), 60)
      })
    ))

  it("queues who releases and acquires at once behind those who wait (SemaphoreTests.test_acquire_fifo_order_2)", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<number> = []
        const semaphore = yield* asyncio.Semaphore.make(1)
        const acquireAs = (name: number) => Effect.tap(semaphore.acquire, noteTo(lines)(name))
        const again = Effect.andThen(acquireAs(2), Effect.andThen(semaphore.release, acquireAs(4)))
        const tasks = yield* startAll([acquireAs(1), again, acquireAs(3)])
        yield* iteration

        yield* semaphore.release
        yield* semaphore.release
        yield* asyncio.gather(tasks)

        assert.deepStrictEqual(lines, [1, 2, 3, 4])
      })
    ))

  it("passes over a cancelled one at the head of the wait queue (SemaphoreTests.test_acquire_fifo_order_3)", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<number> = []
        const semaphore = yield* asyncio.Semaphore.make(0)
        const tasks = yield* startAll([1, 2, 3].map((name) => Effect.tap(semaphore.acquire, noteTo(lines)(name))))
        yield* iteration
        yield* tasks[0]!.cancel()
        yield* iteration

        yield* semaphore.release
        yield* semaphore.release
        yield* asyncio.gather(tasks, { returnExceptions: true })

        assert.deepStrictEqual([lines, String(semaphore)], [[2, 3], "<Semaphore [locked]>"])
      })
    ))

  it("has who was woken wake those who had to queue behind it (SemaphoreTests.test_acquire_fifo_order_4)", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const note = noteTo(lines)
        const semaphore = yield* asyncio.Semaphore.make(0)
        const look = Effect.suspend(() => note(`locked ${semaphore.locked()}, ${String(semaphore).split(", ")[1]}`))
        let fourth: asyncio.Task<void> | undefined
        const tasks = yield* startAll([
          Effect.gen(function* () {
            yield* semaphore.acquire
            yield* look
            fourth = yield* asyncio.createTask(note(4))
            yield* note(1)
          }),
          Effect.gen(function* () {
            for (const _ of [1, 2, 3]) yield* semaphore.release
            yield* look
            yield* semaphore.acquire
            yield* note(2)
          }),
          Effect.andThen(semaphore.acquire, Effect.andThen(look, note(3)))
        ])
        yield* iteration
        yield* look
        yield* iteration

        yield* asyncio.gather([...tasks, fourth!])

        assert.deepStrictEqual(lines, [
          "locked true, waiters:1]>",
          "locked true, waiters:3]>",
          "locked true, waiters:2]>",
          1,
          2,
          "locked true, undefined",
          3,
          4
        ])
      })
    ))
})
