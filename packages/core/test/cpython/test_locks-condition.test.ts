import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect } from "effect"
import { run } from "../support.ts"
import { defectOf, iteration, noteTo, startAll } from "./locksSupport.ts"

/** Takes the lock, waits, and keeps the lock. */
const waitAs = (condition: asyncio.Condition, lines: Array<number>, name: number) =>
  Effect.andThen(condition.acquire, Effect.tap(condition.wait, noteTo(lines)(name)))

/** Waits on a loop of its own, in vain. */
const bind = (wait: Effect.Effect<unknown, unknown>) => run(Effect.ignore(asyncio.waitFor(wait, 1)))

describe("CPython test_locks", () => {
  it("resumes those who were notified one by one, when the lock is free (ConditionTests.test_wait)", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<number> = []
        const seen: Array<unknown> = []
        const condition = yield* asyncio.Condition.make()
        const waitAndLook = Effect.andThen(
          iteration,
          Effect.sync(() => void seen.push([...lines, condition.locked()]))
        )
        const tasks = yield* startAll([1, 2, 3].map((name) => waitAs(condition, lines, name)))
        yield* waitAndLook
        const acquired = yield* condition.acquire

        yield* condition.notify()
        yield* waitAndLook
        yield* condition.release
        yield* waitAndLook
        yield* condition.notify(2)
        yield* waitAndLook
        yield* condition.release
        yield* waitAndLook
        yield* condition.release
        yield* waitAndLook

        assert.deepStrictEqual(seen, [[false], [true], [1, true], [1, true], [1, 2, true], [1, 2, 3, true]])
        assert.deepStrictEqual(
          [acquired, ...(yield* Effect.all(tasks.map((task) => task.result())))],
          Array(4).fill(true)
        )
      })
    ))

  it("dies when it is waited for without the lock (ConditionTests.test_wait_unacquired)", () =>
    run(
      Effect.gen(function* () {
        const condition = yield* asyncio.Condition.make()

        assert.strictEqual(yield* defectOf(condition.wait), "RuntimeError: cannot wait on un-acquired lock")
      })
    ))

  it("asks again at every notification until the answer is yes (ConditionTests.test_wait_for)", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<number> = []
        const condition = yield* asyncio.Condition.make()
        let ready = false
        let asked = 0
        const predicate = () => {
          asked++
          return ready
        }
        const task = yield* asyncio.createTask(
          condition.use(Effect.tap(condition.waitFor(predicate), noteTo(lines)(1)))
        )
        yield* iteration
        const seen = [[...lines, asked]]
        const notifyAndWait = Effect.andThen(condition.use(condition.notify()), iteration)

        yield* notifyAndWait
        seen.push([...lines, asked])
        ready = true
        yield* notifyAndWait

        assert.deepStrictEqual([...seen, [...lines, asked]], [[1], [2], [1, 3]])
        assert.isTrue(yield* task.result())
      })
    ))

  it("needs no lock when the answer is yes at once, and gives the answer (ConditionTests.test_wait_for_unacquired)", () =>
    run(
      Effect.gen(function* () {
        const condition = yield* asyncio.Condition.make()

        const answer = yield* condition.waitFor(() => [1, 2, 3])
        const defect = yield* defectOf(condition.waitFor(() => false))

        assert.deepStrictEqual([answer, defect], [[1, 2, 3], "RuntimeError: cannot wait on un-acquired lock"])
      })
    ))

  it("wakes as many as it is told to, and no more than there are (ConditionTests.test_notify)", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<number> = []
        const condition = yield* asyncio.Condition.make()
        const tasks = yield* startAll(
          [1, 2, 3].map((name) => Effect.tap(waitAs(condition, lines, name), condition.release))
        )
        yield* iteration
        const seen = [[...lines]]

        yield* condition.use(condition.notify(1))
        yield* iteration
        seen.push([...lines])
        yield* condition.use(Effect.andThen(condition.notify(1), condition.notify(2048)))
        yield* iteration

        assert.deepStrictEqual([...seen, lines], [[], [1], [1, 2, 3]])
        assert.deepStrictEqual(yield* Effect.all(tasks.map((task) => task.result())), [true, true, true])
      })
    ))

  it("wakes everybody in the order they came (ConditionTests.test_notify_all)", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<number> = []
        const condition = yield* asyncio.Condition.make()
        const tasks = yield* startAll(
          [1, 2].map((name) => Effect.tap(waitAs(condition, lines, name), condition.release))
        )
        yield* iteration
        const before = [...lines]

        yield* condition.use(condition.notifyAll)
        yield* iteration

        assert.deepStrictEqual([before, lines], [[], [1, 2]])
        assert.deepStrictEqual(yield* Effect.all(tasks.map((task) => task.result())), [true, true])
      })
    ))

  it("dies when it notifies without the lock (ConditionTests.test_notify_unacquired, ConditionTests.test_notify_all_unacquired)", () =>
    run(
      Effect.gen(function* () {
        const condition = yield* asyncio.Condition.make()

        const defects = [yield* defectOf(condition.notify()), yield* defectOf(condition.notifyAll)]

        assert.deepStrictEqual(defects, Array(2).fill("RuntimeError: cannot notify on un-acquired lock"))
      })
    ))

  it("prints whether its lock is held, and how many wait (ConditionTests.test_repr)", () =>
    run(
      Effect.gen(function* () {
        const condition = yield* asyncio.Condition.make()
        const texts = [String(condition)]
        const tasks: Array<asyncio.Task<true>> = []
        for (const _ of [1, 2]) {
          tasks.push(yield* asyncio.createTask(condition.use(condition.wait)))
          yield* iteration
          texts.push(String(condition))
        }
        yield* condition.acquire
        texts.push(String(condition))
        yield* condition.notifyAll
        yield* condition.release
        yield* asyncio.gather(tasks)

        assert.deepStrictEqual(
          [...texts, String(condition)],
          [
            "<Condition [unlocked]>",
            "<Condition [unlocked, waiters:1]>",
            "<Condition [unlocked, waiters:2]>",
            "<Condition [locked, waiters:2]>",
            "<Condition [unlocked]>"
          ]
        )
      })
    ))

  it("holds its lock while the body runs (ConditionTests.test_context_manager)", () =>
    run(
      Effect.gen(function* () {
        const condition = yield* asyncio.Condition.make()

        const inside = yield* condition.use(Effect.sync(() => condition.locked()))

        assert.deepStrictEqual({ inside, locked: condition.locked() }, { inside: true, locked: false })
      })
    ))

  it("shares the lock it is given (ConditionTests.test_explicit_lock)", () =>
    run(
      Effect.gen(function* () {
        const lock = yield* asyncio.Lock.make()
        const condition = yield* asyncio.Condition.make(lock)
        const look = Effect.sync(() => [lock.locked(), condition.locked()])

        const seen = [yield* look, yield* condition.use(look), yield* look, yield* lock.use(look), yield* look]

        const free = [false, false]
        const held = [true, true]
        assert.deepStrictEqual(seen, [free, held, free, held, free])
      })
    ))

  it("refuses to wait on another loop than its lock or it was first waited for (ConditionTests.test_ambiguous_loops)", async () => {
    const lock = await run(asyncio.Lock.make())
    await bind(Effect.andThen(lock.acquire, lock.acquire))
    const condition = await run(asyncio.Condition.make())
    await bind(condition.use(condition.wait))

    const defects = await run(
      Effect.gen(function* () {
        const ofLock = yield* defectOf((yield* asyncio.Condition.make(lock)).acquire)
        const ofCondition = yield* condition.use(
          Effect.map(defectOf(condition.wait), (defect) => [defect, condition.locked()])
        )
        return [ofLock, ofCondition, condition.locked()]
      }),
      { loopFactory: makeVirtualTimeLoop }
    )

    assert.deepStrictEqual(defects, [
      "RuntimeError: <Lock [locked]> is bound to a different event loop",
      ["RuntimeError: <Condition [locked]> is bound to a different event loop", true],
      false
    ])
  })

  it("can leave the block when a wait in it takes too long (ConditionTests.test_timeout_in_block)", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const condition = yield* asyncio.Condition.make()

        const seen = yield* condition.use(
          Effect.map(Effect.flip(asyncio.waitFor(condition.wait, 500)), (error) => [error._tag, condition.locked()])
        )

        assert.deepStrictEqual(seen, ["TimeoutError", true])
        assert.deepStrictEqual([loop.time(), String(condition)], [500, "<Condition [unlocked]>"])
      })
    ))
})
