import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { run } from "../support.ts"
import { defectOf, iteration, noteTo, startAll } from "./locksSupport.ts"

const lockHeld = Effect.tap(asyncio.Lock.make(), (lock) => lock.acquire)

describe("CPython test_locks", () => {
  it("prints whether a lock is held (LockTests.test_repr)", () =>
    run(
      Effect.gen(function* () {
        const lock = yield* asyncio.Lock.make()
        const free = String(lock)
        yield* lock.acquire

        assert.deepStrictEqual([free, String(lock)], ["<Lock [unlocked]>", "<Lock [locked]>"])
      })
    ))

  it("gives a lock to those who wait in the order they came, one in each iteration (LockTests.test_acquire)", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<number> = []
        const note = noteTo(lines)
        const seen: Array<ReadonlyArray<number>> = []
        const look = Effect.sync(() => void seen.push([...lines]))
        const lock = yield* asyncio.Lock.make()
        const first = yield* lock.acquire
        const tasks = yield* startAll([1, 2].map((name) => Effect.tap(lock.acquire, note(name))))
        yield* iteration
        yield* look

        yield* lock.release
        yield* iteration
        yield* look
        yield* iteration
        yield* look
        tasks.push(yield* asyncio.createTask(Effect.tap(lock.acquire, note(3))))
        yield* lock.release
        yield* iteration
        yield* look
        yield* lock.release
        yield* iteration

        assert.deepStrictEqual([...seen, lines], [[], [1], [1], [1, 2], [1, 2, 3]])
        assert.deepStrictEqual([first, ...(yield* Effect.all(tasks.map((task) => task.result())))], Array(4).fill(true))
      })
    ))

  it("leaves no waiter behind when an acquire is cancelled (LockTests.test_acquire_cancel)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const lock = yield* lockHeld
        const task = yield* asyncio.createTask(lock.acquire)
        let waiting = ""
        yield* loop.callSoon(() => {
          waiting = String(lock)
          task.cancelUnsafe()
        })

        const error = yield* Effect.flip(task)

        assert.strictEqual(error._tag, "CancelledError")
        assert.deepStrictEqual([waiting, String(lock)], ["<Lock [locked, waiters:1]>", "<Lock [locked]>"])
      })
    ))

  it("passes over a waiter that is cancelled in the iteration of the release (LockTests.test_cancel_race)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const lines: Array<string> = []
        const note = noteTo(lines)
        const lock = yield* asyncio.Lock.make()
        const blocker = yield* loop.createFuture<void>()
        const a = yield* asyncio.createTask(lock.use(Effect.tap(blocker, note("a"))))
        yield* iteration
        const b = yield* asyncio.createTask(lock.use(note("b")))
        yield* iteration
        const c = yield* asyncio.createTask(lock.use(note("c")))
        yield* iteration
        const before = String(lock)

        yield* blocker.setResult(undefined)
        yield* b.cancel()
        yield* iteration

        assert.deepStrictEqual(
          { before, aDone: a.done(), bCancelled: b.cancelled() },
          { before: "<Lock [locked, waiters:2]>", aDone: true, bCancelled: true }
        )
        assert.isFalse(lock.locked(), "given to c, which has not run yet")
        yield* c
        assert.deepStrictEqual([...lines, String(lock)], ["a", "c", "<Lock [unlocked]>"])
      })
    ))

  it("gives a lock to one only when a cancel and a release meet (LockTests.test_cancel_release_race)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const lines: Array<string> = []
        const note = noteTo(lines)
        const lock = yield* lockHeld
        const names = ["1", "2", "3"]
        const tasks = yield* startAll(
          names.map((name) => Effect.andThen(Effect.tap(note(`${name} calls`), lock.acquire), note(`${name} has it`)))
        )
        yield* iteration
        yield* loop.callSoon(() => {
          tasks[0]!.cancelUnsafe()
          Effect.runSync(lock.release)
        })

        const error = yield* Effect.flip(tasks[0]!)

        assert.deepStrictEqual(
          { tag: error._tag, done: tasks.map((task) => task.done()) },
          { tag: "CancelledError", done: [true, true, false] }
        )
        assert.deepStrictEqual(lines, ["1 calls", "2 calls", "3 calls", "2 has it"])
        yield* tasks[2]!.cancel()
        yield* iteration
        assert.deepStrictEqual([tasks[2]!.cancelled(), String(lock)], [true, "<Lock [locked]>"])
      })
    ))

  it("wakes the next waiter when one that was woken is cancelled (LockTests.test_finished_waiter_cancelled)", () =>
    run(
      Effect.gen(function* () {
        const lock = yield* lockHeld
        const b = yield* asyncio.createTask(lock.acquire)
        yield* iteration
        const before = String(lock)
        const c = yield* asyncio.createTask(lock.acquire)

        yield* b.cancel()
        yield* lock.release
        yield* iteration

        assert.deepStrictEqual(
          { before, lockLocked: lock.locked(), bCancelled: b.cancelled() },
          { before: "<Lock [locked, waiters:1]>", lockLocked: true, bCancelled: true }
        )
        assert.isTrue(yield* c)
      })
    ))

  it("wakes the next waiter also when the release came before the cancel", () =>
    run(
      Effect.gen(function* () {
        const lock = yield* lockHeld
        const b = yield* asyncio.createTask(lock.acquire)
        const c = yield* asyncio.createTask(lock.acquire)
        yield* iteration

        yield* lock.release
        yield* b.cancel()

        assert.isTrue(yield* c)
        assert.deepStrictEqual([b.cancelled(), String(lock)], [true, "<Lock [locked]>"])
      })
    ))

  it("dies when a lock that nobody holds is released (LockTests.test_release_not_acquired)", () =>
    run(
      Effect.gen(function* () {
        const lock = yield* asyncio.Lock.make()

        const defect = yield* defectOf(lock.release)

        assert.strictEqual(defect, "RuntimeError: Lock is not acquired.")
      })
    ))

  it("is free after a release for which nobody waited (LockTests.test_release_no_waiters)", () =>
    run(
      Effect.gen(function* () {
        const lock = yield* lockHeld
        const held = lock.locked()

        yield* lock.release

        assert.deepStrictEqual({ held, locked: lock.locked() }, { held: true, locked: false })
      })
    ))

  it("holds the lock while the body runs (LockTests.test_context_manager)", () =>
    run(
      Effect.gen(function* () {
        const lock = yield* asyncio.Lock.make()

        const inside = yield* lock.use(Effect.sync(() => lock.locked()))

        assert.deepStrictEqual({ inside, locked: lock.locked() }, { inside: true, locked: false })
      })
    ))
})
