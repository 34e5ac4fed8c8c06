/** What is said of tasks that nothing can wake: deadlocks.test.ts of compat holds when that is said. */
import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { deadlockText } from "../../src/internal/run/deadlockText.ts"
import type { TaskImpl } from "../../src/internal/task/task.ts"
import { run } from "../support.ts"

/** What is said of the tasks that `made` makes, when each of them has begun to wait. */
const said = (made: Effect.Effect<ReadonlyArray<asyncio.Task<unknown, unknown>>, unknown>) =>
  run(
    Effect.gen(function* () {
      const tasks = yield* Effect.orDie(made)
      yield* asyncio.sleep(0)
      yield* asyncio.sleep(0)
      const [, ...lines] = deadlockText(tasks as unknown as ReadonlyArray<TaskImpl>).split("\n")
      return lines
    })
  )

const named = (name: string, body: Effect.Effect<unknown, unknown>) => asyncio.createTask(body, { name })

describe("the text of a deadlock", () => {
  it("names what each task waits in", async () => {
    const lines = await said(
      Effect.gen(function* () {
        const condition = yield* asyncio.Condition.make()
        const wait = Effect.andThen(condition.acquire, condition.wait)
        const event = new asyncio.Event()
        const branches = Effect.all([event.wait, asyncio.sleep("1 hour")], { concurrency: 2 })
        const queue = yield* asyncio.Queue.make<string>()
        const waits = [event.wait, queue.get, wait, branches]
        return yield* Effect.forEach(waits, (each, i) => named(`${i}`, each as Effect.Effect<unknown, unknown>))
      })
    )

    assert.deepStrictEqual(
      lines.map((line) => line.slice(line.indexOf("waits for "))),
      [
        "waits for <Event [unset, waiters:2]>",
        "waits for <Queue maxsize=0 _getters[1]>",
        "waits for <Condition [unlocked, waiters:1]>",
        "waits for something outside of the loop"
      ]
    )
  })

  it("names no holder of what does not know its holders", async () => {
    const lines = await said(
      Effect.gen(function* () {
        const semaphore = yield* asyncio.Semaphore.make(0)
        return [yield* named("waiter", semaphore.acquire)]
      })
    )

    assert.deepStrictEqual(lines, ["  waiter (coroutine() running) waits for <Semaphore [locked, waiters:1]>"])
  })

  it("says that it is a lock where that cannot print", async () => {
    class Odd extends asyncio.Lock {
      override toString(): string {
        throw new Error("no text")
      }
    }
    const lines = await said(
      Effect.gen(function* () {
        const lock = new Odd()
        const holder = yield* named("holder", Effect.andThen(lock.acquire, asyncio.sleep("1 hour")))
        return [holder, yield* named("waiter", lock.acquire)]
      })
    )

    assert.strictEqual(lines[1], "  waiter (coroutine() running) waits for a lock, held by holder")
  })

  it("gives the number of a holder that has ended, and finds no ring with it", async () => {
    const lines = await said(
      Effect.gen(function* () {
        const lock = new asyncio.Lock()
        const holder = yield* named("holder", lock.acquire)
        yield* holder
        return [yield* named("waiter", lock.acquire)]
      })
    )

    assert.lengthOf(lines, 1)
    assert.match(lines[0]!, /^ {2}waiter \(.*\) waits for <Lock \[locked, waiters:1\]>, held by task \d+$/)
  })

  it("tells of a ring once, also where others wait for it", async () => {
    const lines = await said(
      Effect.gen(function* () {
        const others: Array<asyncio.Task<unknown, unknown>> = []
        const waitingFor = (i: number) => Effect.suspend(() => others[i]!)
        for (const [name, awaited] of [
          ["a", 1],
          ["b", 0],
          ["c", 0],
          ["d", 2]
        ] as const) {
          others.push(yield* named(name, waitingFor(awaited)))
        }
        return others
      })
    )

    const waits = ["a", "b", "c", "d"].map((name, i) => `  ${name} (coroutine() running) waits for ${"baac"[i]}`)
    assert.deepStrictEqual(lines, [...waits, "  ring: a → b → a"])
  })

  it("tells once of a task that takes its own lock again, also where another one waits for it", async () => {
    const lines = await said(
      Effect.gen(function* () {
        const lock = new asyncio.Lock()
        const others: Array<asyncio.Task<unknown, unknown>> = []
        const outer = yield* named(
          "outer",
          Effect.suspend(() => others[0]!)
        )
        others.push(yield* named("inner", Effect.andThen(lock.acquire, lock.acquire)))
        return [outer, ...others]
      })
    )

    assert.deepStrictEqual(lines, [
      "  outer (coroutine() running) waits for inner",
      "  inner (coroutine() running) waits for <Lock [locked, waiters:1]>, held by inner",
      "  ring: inner → inner"
    ])
  })

  it("names a hundred tasks at most", async () => {
    const lines = await said(
      Effect.forEach(Array.from({ length: 150 }), (_, i) => named(`task ${i}`, asyncio.sleep("1 hour")))
    )

    assert.isAtMost(lines.length, 101)
    assert.match(lines.at(-1)!, /^ {2}task 149 /)
  })
})
