// The programs of programs.py, in the same order.
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"

type Main = () => Effect.Effect<unknown, unknown>

const main = (body: () => Effect.Effect<unknown, unknown> | Effect.fn.Return<unknown, unknown>): Main =>
  Effect.fn("main")(body as () => Effect.fn.Return<unknown, unknown>)

const coroutine = (name: string, body: () => Effect.Effect<unknown, unknown>): Main => Effect.fn(name)(body)

const long = asyncio.sleep("5 seconds")
const worker = Effect.fn("worker")(() => long)
const named = (body: Effect.Effect<unknown, unknown>, name: string) => asyncio.createTask(body, { name })

/** Tasks of these names that run `body`, in a group. */
const inGroup = (names: ReadonlyArray<string>, body: (name: string) => Effect.Effect<unknown, unknown>) =>
  asyncio.taskGroup(
    Effect.fnUntraced(function* (group: asyncio.TaskGroup) {
      for (const name of names) yield* group.createTask(body(name), { name })
    })
  )

const albums: Readonly<Record<string, ReadonlyArray<string>>> = {
  Sundowning: ["TNDNBTG", "Levitate"],
  TMBTE: ["DYWTYLM", "Aqua Regia"]
}
const play = coroutine("play", () => long)
const album = Effect.fn("album")((name: string) => inGroup(albums[name]!, play))

export const programs: Readonly<Record<string, Main>> = {
  "the example of CPython's page": main(() => inGroup(Object.keys(albums), album)),

  "one task that sleeps": main(() => long),

  "tasks that nobody waits for": main(function* () {
    for (const name of ["a", "b", "c"]) yield* named(worker(), name)
    yield* long
  }),

  "a chain of tasks": main(function* () {
    const last = coroutine("last", () => long)
    const middle = Effect.fn("middle")(function* () {
      yield* yield* named(last(), "last")
    })
    yield* yield* named(middle(), "middle")
  }),

  "two who wait for the same task": main(function* () {
    const task = yield* named(worker(), "worker")
    const waiter = coroutine("waiter", () => task)
    yield* named(waiter(), "first")
    yield* named(waiter(), "second")
    yield* long
  }),

  "a gather": main(() => asyncio.gather([worker(), worker(), worker()])),

  "a gather in a gather": main(() => {
    const pair = coroutine("pair", () => asyncio.gather([worker(), worker()]))
    return asyncio.gather([pair(), pair()])
  }),

  "coroutines in coroutines": main(() =>
    ["c2", "c3", "c4"].reduce(
      (inner, name) => coroutine(name, inner),
      coroutine("c1", () => long)
    )()
  ),

  "tasks with coroutines in common": main(() => {
    const leaf = coroutine("leaf", () => long)
    const way = Effect.fn("way")(function* (name: string) {
      yield* yield* named(leaf(), `${name} leaf`)
    })
    return inGroup(["x", "y"], way)
  }),

  "a lock that is used": main(function* () {
    const lock = yield* asyncio.Lock.make()
    yield* inGroup(
      ["a", "b", "c"],
      coroutine("critical", () => lock.use(long))
    )
  }),

  "a lock that is acquired": main(function* () {
    const lock = yield* asyncio.Lock.make()
    yield* lock.acquire
    yield* yield* named(coroutine("take", () => lock.acquire)(), "taker")
  }),

  "a semaphore": main(function* () {
    const semaphore = yield* asyncio.Semaphore.make(2)
    yield* inGroup(
      ["a", "b", "c"],
      coroutine("critical", () => semaphore.use(long))
    )
  }),

  "a bounded semaphore that is acquired": main(function* () {
    const semaphore = yield* asyncio.BoundedSemaphore.make(1)
    yield* semaphore.acquire
    yield* yield* named(coroutine("take", () => semaphore.acquire)(), "taker")
  }),

  "an event": main(function* () {
    const event = yield* asyncio.Event.make()
    const listen = coroutine("listen", () => event.wait)
    yield* asyncio.wait([yield* named(listen(), "a"), yield* named(listen(), "b")])
  }),

  "an empty queue": main(function* () {
    const queue = yield* asyncio.Queue.make<number>()
    yield* yield* named(coroutine("consume", () => queue.get)(), "consumer")
  }),

  "a full queue": main(function* () {
    const queue = yield* asyncio.Queue.make<number>({ maxsize: 1 })
    const produce = coroutine("produce", () => Effect.andThen(queue.put(1), queue.put(2)))
    yield* yield* named(produce(), "producer")
  }),

  "a priority queue that is joined": main(function* () {
    const queue = yield* asyncio.PriorityQueue.make<number>()
    yield* queue.put(1)
    yield* queue.join
  }),

  "a condition": main(function* () {
    const condition = yield* asyncio.Condition.make()
    yield* yield* named(coroutine("wait", () => condition.use(condition.wait))(), "waiter")
  }),

  "the first of several": main(function* () {
    const work = Effect.fn("worker")((seconds: number) => asyncio.sleep(seconds * 1000))
    const tasks = [yield* named(work(4), "4s"), yield* named(work(5), "5s")]
    yield* asyncio.wait(tasks, { returnWhen: "FIRST_COMPLETED" })
  }),

  "a future": main(function* () {
    const future = yield* (yield* asyncio.getRunningLoop).createFuture<void>()
    yield* yield* named(coroutine("hold", () => future)(), "holder")
  }),

  "a time limit": main(function* () {
    const work = coroutine("work", () => asyncio.timeout("5 seconds", asyncio.sleep("10 seconds")))
    yield* yield* named(work(), "worker")
  }),

  "a task with a new name": main(function* () {
    const task = yield* asyncio.createTask(coroutine("work", () => long)())
    yield* task.setName("a name of more than twenty characters")
    yield* task
  }),

  "tasks that are done": main(() => {
    const quick = coroutine("quick", () => Effect.void)
    const work = Effect.fn("work")(function* () {
      yield* yield* asyncio.createTask(quick())
      yield* long
    })
    return asyncio.gather([work(), quick()])
  }),

  "a task that cleans up": main(function* () {
    const task = yield* named(coroutine("work", () => Effect.ensuring(long, Effect.orDie(long)))(), "worker")
    yield* asyncio.sleep(0)
    yield* task.cancel()
    yield* task
  }),

  "two in a ring": main(function* () {
    const tasks: Array<asyncio.Task<unknown, unknown>> = []
    const waitForOther = Effect.fn("wait_for_other")(function* (i: number) {
      yield* asyncio.sleep(0)
      yield* tasks[1 - i]!
    })
    tasks.push(yield* named(waitForOther(0), "A"))
    tasks.push(yield* named(waitForOther(1), "B"))
    yield* long
  })
}
