import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { Effect } from "effect"
import { run } from "../support.ts"

const textOf = (each: lowlevel.TaskAwait): string => {
  switch (each.kind) {
    case "sleep":
      return `sleep until ${each.until}`
    case "task":
      return each.task.getName()
    case "object":
      return `${each.object} ${each.operation}`
    default:
      return each.kind
  }
}

/** What a task waits for that runs `body`, when it has come to a halt. */
const waitOf = <A, E>(body: Effect.Effect<A, E>): Effect.Effect<ReadonlyArray<string>> =>
  Effect.gen(function* () {
    const task = yield* asyncio.createTask(body)
    yield* asyncio.sleep(1)
    const waits = lowlevel.awaitsUnsafe(task).map(textOf)
    yield* asyncio.cancelAndWait(task)
    return waits
  })

const hour = asyncio.sleep("1 hour")

describe("awaitsUnsafe", () => {
  it("tells what a task waits for", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const helper = yield* asyncio.createTask(hour, { name: "helper" })
        const lock = yield* asyncio.Lock.make()
        const semaphore = yield* asyncio.Semaphore.make(0)
        const event = yield* asyncio.Event.make()
        const queue = yield* asyncio.Queue.make<number>({ maxsize: 1 })
        const full = yield* asyncio.Queue.make<number>({ maxsize: 1 })
        yield* lock.acquire
        yield* full.put(1)
        const condition = yield* asyncio.Condition.make()
        const future = loop.createFutureUnsafe<void>()
        const group = asyncio.taskGroup((group) => group.createTask(hour))
        const rows: ReadonlyArray<readonly [Effect.Effect<unknown, unknown>, ReadonlyArray<string>]> = [
          [hour, ["sleep until 3600000"]],
          [asyncio.shield(helper), ["future"]],
          [helper, ["helper"]],
          [lock.acquire, ["<Lock [locked, waiters:1]> acquire"]],
          [lock.use(hour), ["<Lock [locked, waiters:1]> use"]],
          [semaphore.acquire, ["<Semaphore [locked, waiters:1]> acquire"]],
          [event.wait, ["<Event [unset, waiters:1]> wait"]],
          [queue.get, ["<Queue maxsize=1 _getters[1]> get"]],
          [full.put(2), ["<Queue maxsize=1 _queue=[1] _putters[1] tasks=1> put"]],
          [full.join, ["<Queue maxsize=1 _queue=[1] tasks=1> join"]],
          [condition.use(condition.wait), ["<Condition [unlocked, waiters:1]> wait"]],
          [asyncio.gather([hour, hour]), ["gather"]],
          [group, ["group"]],
          [asyncio.wait([yield* asyncio.createTask(hour)]), ["wait"]],
          [future, ["future"]],
          [Effect.never, []]
        ]
        const seen: Array<ReadonlyArray<string>> = []
        for (const [body] of rows)
          seen.push((yield* waitOf(body)).map((text) => text.replace(/(until 3600)\d+/, "$1000")))

        assert.deepStrictEqual(
          seen,
          rows.map(([, waits]) => waits)
        )
      })
    ))

  it("gives nothing for a task that is done, or has not begun", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(Effect.void)
        const before = lowlevel.awaitsUnsafe(task)
        yield* task

        assert.deepStrictEqual([before, lowlevel.awaitsUnsafe(task)], [[], []])
      })
    ))
})

describe("syncObjectsUnsafe", () => {
  const objects = Effect.map(asyncio.getRunningLoop, (loop) =>
    lowlevel.syncObjectsUnsafe(loop).map(({ holders, object, waiting }) => {
      const nameOf = new Map(loop.allTasksUnsafe().map((task) => [task.id, task.getName()]))
      return {
        object: String(object),
        holders: holders.map((id) => nameOf.get(id) ?? "who has ended"),
        waiting: waiting.map(({ operation, task }) => `${task.getName()} ${operation}`)
      }
    })
  )

  it("tells who holds a lock and who waits for it, in the order they came", () =>
    run(
      Effect.gen(function* () {
        const lock = yield* asyncio.Lock.make()
        for (const name of ["a", "b", "c"]) yield* asyncio.createTask(lock.use(hour), { name })
        yield* asyncio.sleep(0)

        assert.deepStrictEqual(yield* objects, [
          { object: "<Lock [locked, waiters:2]>", holders: ["a"], waiting: ["b use", "c use"] }
        ])
      })
    ))

  it("tells that who took a lock has ended without giving it back", () =>
    run(
      Effect.gen(function* () {
        const lock = yield* asyncio.Lock.make()
        yield* yield* asyncio.createTask(lock.acquire)
        yield* asyncio.createTask(lock.acquire, { name: "b" })
        yield* asyncio.sleep(0)

        assert.deepStrictEqual(yield* objects, [
          { object: "<Lock [locked, waiters:1]>", holders: ["who has ended"], waiting: ["b acquire"] }
        ])
      })
    ))

  it("names those who hold a semaphore by use, also when nobody waits", () =>
    run(
      Effect.gen(function* () {
        const semaphore = yield* asyncio.Semaphore.make(3)
        for (const name of ["a", "b"]) yield* asyncio.createTask(semaphore.use(hour), { name })
        yield* asyncio.sleep(0)

        assert.deepStrictEqual(yield* objects, [
          { object: "<Semaphore [unlocked, value:1]>", holders: ["a", "b"], waiting: [] }
        ])
      })
    ))

  it("knows the holder of the lock of a condition, which is taken again after the wait", () =>
    run(
      Effect.gen(function* () {
        const condition = yield* asyncio.Condition.make()
        const waits = condition.use(Effect.andThen(condition.wait, hour))
        yield* asyncio.createTask(waits, { name: "a" })
        yield* asyncio.sleep(0)
        yield* condition.use(condition.notifyAll)
        yield* asyncio.sleep(1)
        yield* asyncio.createTask(condition.acquire, { name: "b" })
        yield* asyncio.sleep(0)

        assert.deepStrictEqual(yield* objects, [
          { object: "<Lock [locked, waiters:1]>", holders: ["a"], waiting: ["b acquire"] }
        ])
      })
    ))

  it("gives one line for the getters and the putters of a queue, in the order of the tasks", () =>
    run(
      Effect.gen(function* () {
        const queue = yield* asyncio.Queue.make<number>()
        for (const name of ["a", "b"]) yield* asyncio.createTask(queue.get, { name })
        yield* asyncio.sleep(0)

        assert.deepStrictEqual(yield* objects, [
          { object: "<Queue maxsize=0 _getters[2]>", holders: [], waiting: ["a get", "b get"] }
        ])
      })
    ))
})
