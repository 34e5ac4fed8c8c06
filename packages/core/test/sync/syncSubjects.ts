import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"

export const iterations = (count: number) => Effect.replicateEffect(asyncio.sleep(0), count)

/** Something that fibers wait for, ready to be waited for by three of them at most. */
export interface Waitable {
  /** Waits, and gives back what it got. */
  readonly wait: Effect.Effect<unknown>
  /** Lets one of those who wait through. */
  readonly wakeOne: Effect.Effect<unknown>
  /** Lets two of those who wait through, and leaves the object as it prints in `idle`. */
  readonly wakeTwo: Effect.Effect<unknown>
  readonly text: () => string
  /** How the object prints while two wait. */
  readonly busy: string
  readonly idle: string
  /** How the object prints when one has given up, and the other was let through. */
  readonly idleAfterOne: string
}

const waitable = (
  object: unknown,
  wait: Effect.Effect<unknown, unknown>,
  wakeOne: Effect.Effect<unknown, unknown>,
  wakeTwo: Effect.Effect<unknown, unknown>,
  busy: string,
  idle: string,
  idleAfterOne: string = idle
): Waitable => ({
  wait: Effect.orDie(wait),
  wakeOne: Effect.orDie(wakeOne),
  wakeTwo: Effect.orDie(wakeTwo),
  text: () => String(object),
  busy,
  idle,
  idleAfterOne
})

const twice = <A, E>(effect: Effect.Effect<A, E>) => Effect.andThen(effect, effect)

/** Every operation that can wait. */
export const waitables: Record<string, Effect.Effect<Waitable>> = {
  "Lock.acquire": Effect.gen(function* () {
    const lock = yield* asyncio.Lock.make()
    yield* lock.acquire
    const wait = lock.use(Effect.void)
    return waitable(lock, wait, lock.release, lock.release, "<Lock [locked, waiters:2]>", "<Lock [unlocked]>")
  }),
  "Event.wait": Effect.gen(function* () {
    const event = yield* asyncio.Event.make()
    return waitable(event, event.wait, event.set, event.set, "<Event [unset, waiters:2]>", "<Event [set]>")
  }),
  "Condition.wait": Effect.gen(function* () {
    const condition = yield* asyncio.Condition.make()
    // A waiter that gives up wakes another, which has to look whether there is something for it.
    let left = 0
    const notify = (count: number) => condition.use(Effect.suspend(() => condition.notify((left += count))))
    const wait = condition.use(
      Effect.andThen(
        condition.waitFor(() => left > 0),
        Effect.sync(() => left--)
      )
    )
    const busy = "<Condition [unlocked, waiters:2]>"
    return waitable(condition, wait, notify(1), notify(2), busy, "<Condition [unlocked]>")
  }),
  "Semaphore.acquire": Effect.gen(function* () {
    const semaphore = yield* asyncio.Semaphore.make(0)
    const wait = semaphore.use(Effect.void)
    const busy = "<Semaphore [locked, waiters:2]>"
    return waitable(semaphore, wait, semaphore.release, semaphore.release, busy, "<Semaphore [unlocked, value:1]>")
  }),
  "BoundedSemaphore.acquire": Effect.gen(function* () {
    const semaphore = yield* asyncio.BoundedSemaphore.make(1)
    yield* semaphore.acquire
    const wait = semaphore.use(Effect.void)
    const busy = "<BoundedSemaphore [locked, waiters:2]>"
    const idle = "<BoundedSemaphore [unlocked, value:1]>"
    return waitable(semaphore, wait, semaphore.release, semaphore.release, busy, idle)
  }),
  "Barrier.wait": Effect.gen(function* () {
    const barrier = yield* asyncio.Barrier.make(4)
    const fill = Effect.suspend(() => {
      const missing = Array.from({ length: 4 - barrier.nWaiting() }, () => barrier.wait)
      const arrivals = Effect.forEach(missing, (wait) => asyncio.createTask(wait, { eagerStart: true }))
      return Effect.flatMap(arrivals, (tasks) => asyncio.gather(tasks))
    })
    const busy = "<Barrier [filling, waiters:2/4]>"
    return waitable(barrier, barrier.wait, fill, fill, busy, "<Barrier [filling, waiters:0/4]>")
  }),
  "Queue.get": Effect.gen(function* () {
    const queue = yield* asyncio.Queue.make<string>()
    const put = queue.putNowait("item")
    const wait = Effect.andThen(queue.get, queue.taskDone)
    return waitable(queue, wait, put, twice(put), "<Queue maxsize=0 _getters[2]>", "<Queue maxsize=0>")
  }),
  "Queue.put": Effect.gen(function* () {
    const queue = yield* asyncio.Queue.make<string>({ maxsize: 2 })
    yield* Effect.orDie(twice(queue.put("old")))
    const get = Effect.andThen(queue.getNowait, queue.taskDone)
    const busy = "<Queue maxsize=2 _queue=['old', 'old'] _putters[2] tasks=2>"
    const idle = "<Queue maxsize=2 _queue=['new', 'new'] tasks=2>"
    return waitable(queue, queue.put("new"), get, twice(get), busy, idle, idle.replace("'new'", "'old'"))
  }),
  "Queue.join": Effect.gen(function* () {
    const queue = yield* asyncio.Queue.make<string>()
    yield* Effect.orDie(queue.put("item"))
    yield* Effect.orDie(queue.get)
    return waitable(queue, queue.join, queue.taskDone, queue.taskDone, "<Queue maxsize=0 tasks=1>", "<Queue maxsize=0>")
  })
}
