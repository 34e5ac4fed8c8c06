import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { Effect } from "effect"
import { run } from "../support.ts"

/** What has happened, a line each, with the numbers of the tasks as their names. */
const linesOf = (ring: lowlevel.TaskRing): ReadonlyArray<string> => {
  const names = new Map<number, string>()
  const nameOf = (id: number | undefined) => (id === undefined ? "nobody" : (names.get(id) ?? "main"))
  return ring.read().map(({ by, name, reason, task, type, waitsFor }) => {
    if (name !== undefined) names.set(task, name)
    const what = `${nameOf(task)} ${type}`
    if (type === "created") return `${what} by ${nameOf(by)}`
    if (type === "cancelRequested") return `${what} by ${nameOf(by)}: ${reason}`
    if (type !== "waits" || waitsFor === undefined) return what
    return `${what} for ${waitsFor === "sleep" ? waitsFor : nameOf(waitsFor)}`
  })
}

const recording = <A, E>(ring: lowlevel.TaskRing, body: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.gen(function* () {
    const stop = lowlevel.recordUnsafe(yield* asyncio.getRunningLoop, ring)
    const result = yield* body
    stop()
    return result
  })

describe("a ring that cannot be", () => {
  it("is a RangeError", () => {
    for (const size of [0, -1, Number.NaN, 2 ** 24 + 1]) {
      const make = () => new lowlevel.TaskRing({ size })
      assert.throws(make, RangeError, `a TaskRing has from 1 to 2^24 events, and not ${size}`)
    }
  })
})

describe("recordUnsafe", () => {
  it("records a task from its beginning to its end, in order", async () => {
    const ring = new lowlevel.TaskRing({ size: 100 })
    const body = Effect.flatMap(asyncio.createTask(asyncio.sleep(1), { name: "worker" }), (task) => task)

    await asyncio.run(recording(ring, body))

    assert.deepStrictEqual(linesOf(ring), [
      "worker created by nobody",
      "worker waits for sleep",
      "worker woken",
      "main woken",
      "worker finished"
    ])
  })

  it("records who has made a task and who asks it to cancel itself, with the reason", async () => {
    const ring = new lowlevel.TaskRing({ size: 100 })
    const parent = Effect.gen(function* () {
      const child = yield* asyncio.createTask(asyncio.sleep("1 hour"), { name: "child" })
      yield* asyncio.sleep(0)
      yield* asyncio.cancelAndWait(child, { message: "enough" })
    })

    await asyncio.run(
      recording(
        ring,
        Effect.flatMap(asyncio.createTask(parent, { name: "parent" }), (task) => task)
      )
    )

    const lines = linesOf(ring)
    assert.include(lines, "child created by parent")
    assert.include(lines, "child cancelRequested by parent: enough")
    assert.include(lines, "child cancelled")
  })

  it("keeps the last events, and knows the names of those that end", async () => {
    const ring = new lowlevel.TaskRing({ size: 5 })
    const body = Effect.gen(function* () {
      for (let i = 0; i < 100; i++) yield* yield* asyncio.createTask(Effect.void, { name: `task ${i}` })
    })

    await asyncio.run(recording(ring, body))

    const events = ring.read()
    assert.strictEqual(events.length, 8)
    assert.strictEqual(events.at(-1)?.name, "task 99")
    assert.strictEqual(events.at(-3)?.waitsFor, events.at(-1)?.task)
    assert.deepStrictEqual(
      events.map(({ type }) => type),
      ["created", "waits", "woken", "finished", "created", "waits", "woken", "finished"]
    )
  })

  it("tells when steps begin and end, also behind a clock that begins anew", () =>
    run(
      Effect.gen(function* () {
        const clock = new Int32Array(1)
        const ring = new lowlevel.TaskRing({ size: 100, clock })
        // The last tick before the clock begins anew.
        const last = 2 ** 28 - 1
        clock[0] = (last - 10) << 4
        const compute = Effect.sync(() => void (clock[0] = 5 << 4))
        yield* recording(
          ring,
          Effect.flatMap(asyncio.createTask(compute), (task) => task)
        )

        const finished = ring.read(2 ** 28 + 5).find(({ type }) => type === "finished")

        assert.deepStrictEqual([finished?.began, finished?.time], [last - 10, last + 6])
      })
    ))

  it("asks a precise clock for each event", () =>
    run(
      Effect.gen(function* () {
        let time = 0
        const ring = new lowlevel.TaskRing({ size: 100, precise: () => time })
        const compute = Effect.sync(() => void (time = 7.5))
        yield* recording(
          ring,
          Effect.flatMap(asyncio.createTask(compute), (task) => task)
        )

        const finished = ring.read().find(({ type }) => type === "finished")

        assert.deepStrictEqual([finished?.began, finished?.time], [0, 7.5])
      })
    ))

  it("divides a step in which another task starts eagerly", () =>
    run(
      Effect.gen(function* () {
        let time = 0
        const ring = new lowlevel.TaskRing({ size: 100, precise: () => ++time })
        const body = Effect.gen(function* () {
          yield* asyncio.createTask(asyncio.sleep(0), { name: "inner", eagerStart: true })
          yield* asyncio.sleep(0)
        })
        yield* recording(
          ring,
          Effect.flatMap(asyncio.createTask(body, { name: "outer" }), (task) => task)
        )

        const [outer] = ring.read()
        const parts = ring.read().filter(({ began, task }) => began !== undefined && task === outer?.task)

        assert.deepStrictEqual(
          parts.map(({ type }) => type),
          ["stepEnds", "waits", "finished"]
        )
        assert.isBelow(parts[0]!.time, parts[1]!.began!)
      })
    ))

  it("keeps no task, and tells who runs now", () =>
    run(
      Effect.gen(function* () {
        const ring = new lowlevel.TaskRing({ size: 10 })
        let current: ReturnType<typeof ring.current>
        const body = Effect.sync(() => {
          current = ring.current()
        })
        const id = yield* recording(
          ring,
          Effect.gen(function* () {
            const task = yield* asyncio.createTask(body)
            yield* task
            return task.id
          })
        )

        assert.deepStrictEqual(current, { task: id, began: 0 })
        assert.isUndefined(ring.current())
      })
    ))

  it("refuses a ring for nothing", () => {
    assert.throws(() => new lowlevel.TaskRing({ size: 0 }), RangeError)
  })
})
