/**
 * Virtual time, and what is under way outside of its loop: it must not jump past what is about to come.
 */
import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { DeadlockError, makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Deferred, Effect, Fiber } from "effect"
import { macrotask, run } from "../support.ts"

const isTimeout = <A, E>(program: Effect.Effect<A, E>): Effect.Effect<A | string, E> =>
  Effect.catchIf(
    program,
    (error) => error instanceof asyncio.TimeoutError,
    () => Effect.succeed("too late")
  )

/** Takes a few of the host's macrotasks on Effect's own scheduler, and then does `last`. */
const elsewhere = (macrotasks: number, last: () => void) =>
  Effect.runFork(
    Effect.andThen(Effect.replicateEffect(Effect.yieldNow, macrotasks, { discard: true }), Effect.sync(last))
  )

/** Computes on a thread for a real while, which no other timer of the host measures. */
const computing = asyncio.toThread((millis: number) => {
  for (const end = performance.now() + millis; performance.now() < end;);
  return "computed"
}, 50)

const endless = asyncio.toThread(() => {
  for (;;);
})

describe("virtual time does not jump", () => {
  it.each([1, 2, 5])("while a wake-up is %i macrotasks away on another scheduler", async (macrotasks) => {
    const loop = makeVirtualTimeLoop()
    const main = Effect.gen(function* () {
      const future = yield* loop.createFuture<string>()
      elsewhere(macrotasks, () => future.setResultUnsafe("woken"))
      return yield* isTimeout(asyncio.timeout(10, future))
    })

    assert.deepStrictEqual([await run(main, { loopFactory: () => loop }), loop.time()], ["woken", 0])
  })

  it("while a foreign effect is about to go on, on another scheduler", async () => {
    const loop = makeVirtualTimeLoop()
    const main = Effect.gen(function* () {
      const deferred = yield* Deferred.make<string>()
      elsewhere(3, () => Deferred.doneUnsafe(deferred, Effect.succeed("woken")))
      return yield* isTimeout(asyncio.timeout(10, Deferred.await(deferred)))
    })

    assert.deepStrictEqual([await run(main, { loopFactory: () => loop }), loop.time()], ["woken", 0])
  })

  it("past the limit of a thread that computes", async () => {
    const loop = makeVirtualTimeLoop()
    const main = Effect.gen(function* () {
      const result = yield* isTimeout(asyncio.timeout("1 minute", computing))
      const then = loop.time()
      yield* asyncio.sleep("1 day")
      return [result, then, loop.time()]
    })

    assert.deepStrictEqual(await run(main, { loopFactory: () => loop }), ["computed", 0, 86_400_000])
  })

  it("past a timer that nobody waits for, while a thread computes", async () => {
    const loop = makeVirtualTimeLoop()
    const main = Effect.gen(function* () {
      const task = yield* asyncio.createTask(computing)
      yield* asyncio.sleep("1 day")
      return task.done()
    })

    assert.isTrue(await run(main, { loopFactory: () => loop }))
  })

  it("while a promise is under way that a task was made of, also on a host that is busy", async () => {
    const loop = makeVirtualTimeLoop()
    const promise = (async () => {
      for (let n = 0; n < 200; n++) {
        for (const end = performance.now() + 1; performance.now() < end;);
        await macrotask()
      }
      return "settled"
    })()
    const main = isTimeout(
      Effect.flatMap(asyncio.gather([promise]), ([settled]) => asyncio.waitFor(Effect.succeed(settled), 10))
    )

    const limited = asyncio.timeout(
      10,
      Effect.flatMap(asyncio.ensureFuture(promise), (task) => task)
    )

    assert.strictEqual(await run(isTimeout(limited), { loopFactory: () => loop }), "settled")
    assert.strictEqual(await run(main), "settled")
  })
})

describe("a promise that was given up twice", () => {
  it("counts once: others are waited for as before", async () => {
    const loop = makeVirtualTimeLoop()
    const main = Effect.gen(function* () {
      const given = lowlevel.promiseFutureUnsafe(loop, new Promise(() => {}))
      given.cancelUnsafe()
      given.cancelUnsafe()
      const promise = (async () => {
        for (let n = 0; n < 100; n++) await macrotask()
        return "settled"
      })()
      const task = yield* asyncio.ensureFuture(promise)
      return yield* isTimeout(asyncio.timeout(10, task))
    })

    assert.strictEqual(await run(main, { loopFactory: () => loop }), "settled")
  })
})

describe("virtual time goes on", () => {
  it("as on a real clock while a thread computes for ever, so that a timeout ends it", async () => {
    assert.strictEqual(await run(isTimeout(asyncio.timeout(20, endless))), "too late")
  })

  it("where a promise does not come", async () => {
    const never = new Promise<string>(() => {})
    const main = asyncio.timeout(
      "1 day",
      Effect.flatMap(asyncio.ensureFuture(never), (task) => task)
    )

    assert.strictEqual(await run(isTimeout(main)), "too late")
  })

  const never = new Promise<never>(() => {})
  /** Of the loop that code in no run shares. */
  const futureElsewhere = Effect.promise(() =>
    Effect.runPromise(Effect.map(asyncio.getRunningLoop, (loop) => loop.createFutureUnsafe<void>()))
  )
  const cancelled = (wait: Effect.Effect<unknown, unknown>) =>
    Effect.gen(function* () {
      const task = yield* asyncio.createTask(wait)
      yield* asyncio.sleep(1)
      yield* task.cancel()
      yield* Effect.exit(task)
    })
  const ways: Record<string, Effect.Effect<unknown, unknown>> = {
    "is given up with the task that was made of it": Effect.flatMap(asyncio.ensureFuture(never), cancelled),
    "is given up in an await": Effect.flatMap(asyncio.getRunningLoop, (loop) =>
      cancelled(lowlevel.promiseFutureUnsafe(loop, never))
    ),
    "belongs to another loop, and is given up": Effect.flatMap(futureElsewhere, cancelled),
    "belongs to another loop, and comes": Effect.gen(function* () {
      const future = yield* futureElsewhere
      const task = yield* asyncio.createTask(future)
      yield* asyncio.sleep(1)
      future.setResultUnsafe()
      yield* task
    }),
    "belongs to another loop, and whose await is interrupted": Effect.gen(function* () {
      const future = yield* futureElsewhere
      const ofTask = yield* Deferred.make<Fiber.Fiber<unknown, unknown>>()
      const task = yield* asyncio.createTask(
        Effect.withFiber((fiber) => Effect.andThen(Deferred.succeed(ofTask, fiber), future))
      )
      yield* asyncio.sleep(1)
      yield* Fiber.interrupt(yield* Deferred.await(ofTask))
      yield* Effect.exit(task)
    })
  }

  it.each(Object.keys(ways))("without a wait for what %s", async (way) => {
    let macrotasks = 0
    let over = false
    const count = () => void (macrotasks++, over || setImmediate(count))
    const main = Effect.gen(function* () {
      yield* ways[way]!
      setImmediate(count)
      for (let n = 0; n < 20; n++) {
        yield* yield* asyncio.ensureFuture(Promise.resolve())
        yield* asyncio.sleep(1)
      }
    })

    await run(main)

    over = true
    // Behind each promise that begins one that is under way is waited for anew, during 500 of them at least.
    assert.isBelow(macrotasks, 20 * 200)
  })
})

describe("a deadlock in virtual time", () => {
  it("is not suspected while a thread computes", async () => {
    assert.strictEqual(await run(computing), "computed")
  })

  it("is not suspected while calls wait for a thread", async () => {
    const all = asyncio.gather([computing, computing, computing])

    assert.deepStrictEqual(await run(all, { maxThreads: 1 }), ["computed", "computed", "computed"])
  })

  it("is found when the thread has ended and nobody was waiting for it", async () => {
    const loop = makeVirtualTimeLoop()
    const main = Effect.gen(function* () {
      yield* asyncio.createTask(computing)
      yield* Effect.flatten(loop.createFuture<void>())
    })

    const error: unknown = await run(main, { loopFactory: () => loop }).catch((error: unknown) => error)

    assert.instanceOf(error, DeadlockError)
  })
})
