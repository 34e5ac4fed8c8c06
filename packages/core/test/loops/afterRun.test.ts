import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Cause, Context, Deferred, Effect, Exit, Fiber, Layer, Queue, Scope } from "effect"
import { run } from "../support.ts"

const say = (lines: Array<string>, line: string) => Effect.sync(() => void lines.push(line))

/** Lets others go first three times, then says `line`. */
const afterThreeIterations = (lines: Array<string>, line: string) =>
  Effect.andThen(Effect.repeat(Effect.yieldNow, { times: 3 }), say(lines, line))

/** Makes a loop for one run: not virtual time, whose sleeps end with the loop. */
const ways: Record<string, <A>(main: Effect.Effect<A>) => Promise<A>> = {
  "a run": (main) => asyncio.run(main, { handleSigint: false }),
  "a run on virtual time": (main) => run(main),
  withLoop: (main) => Effect.runPromise(asyncio.withLoop(main)),
  layer: (main) => Effect.runPromise(Effect.provide(main, asyncio.layer()))
}

const eachWay = (name: string, test: (way: <A>(main: Effect.Effect<A>) => Promise<A>) => Promise<void>) => {
  for (const [kind, way] of Object.entries(ways)) it(`${name} (${kind})`, () => test(way))
}

/** The error that an exit ends with, out of its group if it is in one. */
const errorOf = (exit: Exit.Exit<unknown, unknown>): string => {
  const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : "none"
  return String(error instanceof asyncio.ExceptionGroup ? error.errors[0] : error)
}

describe("after its loop has ended", () => {
  eachWay("a fiber that waited for something else goes on", async (way) => {
    const lines: Array<string> = []
    const gate = Deferred.makeUnsafe<void>()
    const fiber = await way(
      Effect.forkDetach(Effect.andThen(Deferred.await(gate), afterThreeIterations(lines, "gone on")))
    )
    lines.push("run over")

    await Effect.runPromise(Effect.andThen(Deferred.succeed(gate, undefined), Fiber.join(fiber)))

    assert.deepStrictEqual(lines, ["run over", "gone on"])
  })

  eachWay("a fiber that was in the middle of things goes on", async (way) => {
    const lines: Array<string> = []

    const fiber = await way(
      Effect.forkDetach(Effect.andThen(Effect.repeat(Effect.yieldNow, { times: 100 }), say(lines, "gone on")))
    )

    await Effect.runPromise(Fiber.join(fiber))
    assert.deepStrictEqual(lines, ["gone on"])
  })

  eachWay("a scope that closes later has its fibers interrupted, and its finalizers run", async (way) => {
    const lines: Array<string> = []
    const open = Effect.gen(function* () {
      const scope = yield* Scope.make()
      yield* Scope.addFinalizer(scope, afterThreeIterations(lines, "finalizer"))
      yield* Effect.forkIn(
        Effect.onInterrupt(Effect.never, () => afterThreeIterations(lines, "interrupted")),
        scope
      )
      yield* asyncio.sleep(0)
      return scope
    })

    const [first, second] = [await way(open), await way(open)]

    await Effect.runPromise(Scope.close(first, Exit.void))
    await way(Scope.close(second, Exit.void))
    assert.deepStrictEqual(lines, ["interrupted", "finalizer", "interrupted", "finalizer"])
  })

  eachWay("a service that was built there serves the next one", async (way) => {
    class Doubler extends Context.Service<Doubler, { readonly double: (n: number) => Effect.Effect<number> }>()(
      "test/Doubler"
    ) {}
    const live = Layer.effect(
      Doubler,
      Effect.gen(function* () {
        const jobs = yield* Queue.unbounded<readonly [number, Deferred.Deferred<number>]>()
        const work = Effect.flatMap(Queue.take(jobs), ([n, result]) =>
          Effect.andThen(Effect.yieldNow, Deferred.succeed(result, n * 2))
        )
        yield* Effect.forkScoped(Effect.forever(work))
        const double = (n: number) =>
          Effect.gen(function* () {
            const result = yield* Deferred.make<number>()
            yield* Queue.offer(jobs, [n, result])
            return yield* Deferred.await(result)
          })
        return { double }
      })
    )
    const scope = Effect.runSync(Scope.make())
    const services = await way(Layer.buildWithScope(live, scope))
    const double = (n: number) => Effect.flatMap(Doubler, (doubler) => doubler.double(n)).pipe(Effect.provide(services))

    const results = [await way(double(1)), await Effect.runPromise(double(2)), await way(double(3))]

    await Effect.runPromise(Scope.close(scope, Exit.void))
    assert.deepStrictEqual(results, [2, 4, 6])
  })

  eachWay("whatever waits for something of it fails, and says why", async (way) => {
    const gate = Deferred.makeUnsafe<void>()
    const uses = (loop: asyncio.EventLoop): Record<string, Effect.Effect<unknown, unknown>> => ({
      "sleep(0)": asyncio.sleep(0),
      "sleep(1)": asyncio.sleep(1),
      createTask: asyncio.createTask(Effect.void),
      future: loop.createFutureUnsafe(),
      lock: Effect.flatMap(asyncio.Lock.make(), (lock) => Effect.andThen(lock.acquire, lock.acquire)),
      queue: Effect.flatMap(asyncio.Queue.make(), (queue) => queue.get),
      timeout: asyncio.timeout(1, () => asyncio.sleep(2)),
      taskGroup: asyncio.taskGroup(() => asyncio.sleep(2)),
      gather: asyncio.gather([Effect.void]),
      wait: asyncio.wait([loop.createFutureUnsafe()])
    })
    const fiber = await way(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const errors = Effect.forEach(Object.entries(uses(loop)), ([name, use]) =>
          Effect.map(Effect.exit(use), (exit) => `${name}: ${errorOf(exit)}`)
        )
        return yield* Effect.forkDetach(Effect.andThen(Deferred.await(gate), errors))
      })
    )

    const lines = await Effect.runPromise(Effect.andThen(Deferred.succeed(gate, undefined), Fiber.join(fiber)))

    assert.deepStrictEqual(
      lines,
      Object.keys(uses(makeVirtualTimeLoop())).map((name) => `${name}: RuntimeError: Event loop is closed`)
    )
  })

  eachWay("a fiber whose time limit was the loop's is interrupted", async (way) => {
    const lines: Array<string> = []
    const body = Effect.onInterrupt(Effect.never, () => afterThreeIterations(lines, "interrupted"))
    const limited = asyncio.timeout("1 hour", () => body)

    const fiber = await way(Effect.tap(Effect.forkDetach(limited), asyncio.sleep(0)))

    const exit = await Effect.runPromise(Fiber.await(fiber))
    assert.deepStrictEqual([Exit.hasInterrupts(exit), ...lines], [true, "interrupted"])
  })

  it("a fiber goes on between two runs of a Runner, and its scope can be closed", async () => {
    const lines: Array<string> = []
    await using runner = new asyncio.Runner({ handleSigint: false })
    const scope = await runner.run(Scope.make())
    const gate = Deferred.makeUnsafe<void>()
    const fiber = await runner.run(
      Effect.andThen(
        Effect.forkIn(
          Effect.onInterrupt(Effect.never, () => afterThreeIterations(lines, "interrupted")),
          scope
        ),
        Effect.tap(
          Effect.forkDetach(Effect.andThen(Deferred.await(gate), afterThreeIterations(lines, "gone on"))),
          asyncio.sleep(0)
        )
      )
    )

    await Effect.runPromise(Effect.andThen(Deferred.succeed(gate, undefined), Fiber.join(fiber)))
    await Effect.runPromise(Scope.close(scope, Exit.void))

    assert.deepStrictEqual(lines, ["gone on", "interrupted"])
  })

  it("a sleep on its virtual clock is interrupted", async () => {
    const fiber = await run(Effect.tap(Effect.forkDetach(Effect.sleep("1 hour")), asyncio.sleep(0)))

    const exit = await Effect.runPromise(Fiber.await(fiber))

    assert.isTrue(Exit.hasInterrupts(exit))
  })
})
