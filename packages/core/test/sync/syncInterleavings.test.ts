/**
 * Effect makes a plain fiber that has run for long yield between any two of its operations, and whoever interrupts it
 * then finds it there. Every case below is played once for each place where that can happen.
 */
import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect, Exit, Fiber, Scheduler } from "effect"
import { run } from "../support.ts"

const iterations = (count: number) => Effect.replicateEffect(asyncio.sleep(0), count)

/** Makes a fiber yield before its `place`th operation, where it is interrupted. */
class InterruptAt {
  readonly #loop: asyncio.EventLoop
  readonly #place: number
  #operations = 0
  reached = false

  constructor(loop: asyncio.EventLoop, place: number) {
    this.#loop = loop
    this.#place = place
  }

  readonly apply = <A, E>(body: Effect.Effect<A, E>): Effect.Effect<A, E> => {
    const scheduler: Scheduler.Scheduler = {
      executionMode: "async",
      makeDispatcher: () => this.#loop.makeDispatcher(),
      shouldYield: (fiber) => {
        if (this.reached || ++this.#operations !== this.#place) return false
        this.reached = true
        // Queued before the fiber's own next step.
        this.#loop.callSoonUnsafe(() => fiber.interruptUnsafe())
        return true
      }
    }
    return body.pipe(
      Effect.provideService(Scheduler.Scheduler, scheduler),
      Effect.provideService(Scheduler.PreventSchedulerYield, false)
    )
  }
}

interface Case<T> {
  readonly make: Effect.Effect<T>
  /** What the fiber that is interrupted does. */
  readonly victim: (object: T) => Effect.Effect<unknown, unknown>
  /** What a task does that comes after it. */
  readonly next: (object: T) => Effect.Effect<unknown, unknown>
  /** Lets one of them through. */
  readonly wake: (object: T) => Effect.Effect<unknown, unknown>
  /** Lets the next one through where the victim had it. */
  readonly wakeNext?: (object: T) => Effect.Effect<unknown, unknown>
  /** How the object prints in the end. */
  readonly idle: string
}

const play = <T>(given: Case<T>, place: number) =>
  Effect.gen(function* () {
    const loop = yield* asyncio.getRunningLoop
    const object = yield* given.make
    const interrupt = new InterruptAt(loop, place)
    const victim = yield* Effect.forkChild(interrupt.apply(given.victim(object)))
    yield* iterations(4)
    const next = yield* asyncio.createTask(Effect.ignore(given.next(object)))
    yield* iterations(4)
    yield* given.wake(object)
    yield* iterations(6)
    yield* Fiber.await(victim)
    yield* given.wakeNext?.(object) ?? Effect.void
    const served = yield* Effect.exit(asyncio.waitFor(next, 1000))
    return {
      reached: interrupt.reached,
      served: Exit.isSuccess(served),
      left: String(object).replace(/ tasks=\d+/, "")
    }
  })

const playEverywhere = <T>(given: Case<T>) =>
  run(
    Effect.gen(function* () {
      let place = 1
      for (; ; place++) {
        const { left, reached, served } = yield* play(given, place)
        if (!reached) break
        assert.deepStrictEqual({ place, served, left }, { place, served: true, left: given.idle })
      }
      assert.isAbove(place, 5, "the fiber was interrupted in the middle")
    })
  )

describe("a fiber that is interrupted where it had to yield", () => {
  it("does not keep a lock from the next one", () =>
    playEverywhere<asyncio.Lock>({
      make: Effect.tap(asyncio.Lock.make(), (lock) => lock.acquire),
      victim: (lock) => lock.use(Effect.void),
      next: (lock) => lock.use(Effect.void),
      wake: (lock) => lock.release,
      idle: "<Lock [unlocked]>"
    }))

  it("gives back a free lock that it took", () =>
    playEverywhere<asyncio.Lock>({
      make: asyncio.Lock.make(),
      victim: (lock) => lock.use(Effect.void),
      next: (lock) => lock.use(Effect.void),
      wake: () => Effect.void,
      idle: "<Lock [unlocked]>"
    }))

  it("does not keep a permit from the next one", () =>
    playEverywhere<asyncio.Semaphore>({
      make: asyncio.Semaphore.make(0),
      victim: (semaphore) => semaphore.use(Effect.void),
      next: (semaphore) => semaphore.use(Effect.void),
      wake: (semaphore) => semaphore.release,
      idle: "<Semaphore [unlocked, value:1]>"
    }))

  it("gives back a free permit that it took", () =>
    playEverywhere<asyncio.Semaphore>({
      make: asyncio.Semaphore.make(1),
      victim: (semaphore) => semaphore.use(Effect.void),
      next: (semaphore) => semaphore.use(Effect.void),
      wake: () => Effect.void,
      idle: "<Semaphore [unlocked, value:1]>"
    }))

  it("leaves the wait queue of an event", () =>
    playEverywhere<asyncio.Event>({
      make: asyncio.Event.make(),
      victim: (event) => event.wait,
      next: (event) => event.wait,
      wake: (event) => event.set,
      idle: "<Event [set]>"
    }))

  // A notification that reaches the victim just before it is interrupted is gone, as any result is: the next one needs its own.
  it("leaves the wait queue of a condition, with the lock free", () =>
    playEverywhere<asyncio.Condition>({
      make: asyncio.Condition.make(),
      victim: (condition) => condition.use(condition.wait),
      next: (condition) => condition.use(condition.wait),
      wake: (condition) => condition.use(condition.notify(1)),
      wakeNext: (condition) => condition.use(condition.notify(1)),
      idle: "<Condition [unlocked]>"
    }))

  it("no longer counts at a barrier", () =>
    playEverywhere<asyncio.Barrier>({
      make: asyncio.Barrier.make(2),
      victim: (barrier) => barrier.wait,
      next: (barrier) => barrier.wait,
      wake: (barrier) => (barrier.nWaiting() === 1 ? barrier.wait : Effect.void),
      idle: "<Barrier [filling, waiters:0/2]>"
    }))

  it("has told those who wait at a barrier when it has broken it", () =>
    playEverywhere<{ readonly barrier: asyncio.Barrier; readonly waiter: Effect.Effect<void> }>({
      make: Effect.gen(function* () {
        const barrier = yield* asyncio.Barrier.make(2)
        const waiter = yield* asyncio.createTask(Effect.ignore(barrier.wait))
        yield* iterations(1)
        return { barrier, waiter: Effect.ignore(waiter), toString: () => "" }
      }),
      victim: ({ barrier }) => barrier.abort,
      next: ({ barrier, waiter }) => Effect.andThen(Effect.ignore(barrier.wait), waiter),
      wake: () => Effect.void,
      idle: ""
    }))

  it("passes a free place in a queue on to the next producer", () =>
    playEverywhere<asyncio.Queue<string>>({
      make: Effect.tap(asyncio.Queue.make<string>({ maxsize: 1 }), (queue) => Effect.orDie(queue.put("first"))),
      victim: (queue) => queue.put("victim"),
      next: (queue) => queue.put("next"),
      wake: (queue) => queue.get,
      wakeNext: (queue) => (String(queue).includes("victim") ? queue.get : Effect.void),
      idle: "<Queue maxsize=1 _queue=['next']>"
    }))

  it("leaves the items of a queue to the next consumer", () =>
    playEverywhere<asyncio.Queue<string>>({
      make: asyncio.Queue.make<string>(),
      victim: (queue) => queue.get,
      next: (queue) => queue.get,
      wake: (queue) => queue.put("item"),
      wakeNext: (queue) => (String(queue).includes("_getters") ? queue.put("another") : Effect.void),
      idle: "<Queue maxsize=0>"
    }))
})
