/**
 * A request that nothing of ours can take at once is kept. It must be delivered wherever the task goes on.
 */
import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { Cause, Deferred, Effect, Exit, Fiber, Stream } from "effect"
import { failureOf, macrotask, run } from "../support.ts"

/** A coroutine that ends when it is told, and that nothing can cancel meanwhile: an async function at a plain promise. */
const plainPromise = () => {
  let control: lowlevel.CoroutineControl<void, never> | undefined
  const coroutine: lowlevel.Coroutine<void, never> = {
    begin: (given) => void (control = given),
    cancelRequested: () => {},
    describe: () => ({ name: "plainPromise", definedAt: undefined, calledAt: undefined })
  }
  return { effect: lowlevel.embedCoroutine(coroutine), settle: () => control!.end(Exit.void) }
}

const never = Deferred.makeUnsafe<void>()

const foreign: ReadonlyArray<readonly [string, Effect.Effect<unknown>]> = [
  ["Effect.sleep", Effect.sleep("1 hour")],
  ["Effect.never", Effect.never],
  ["a Deferred", Deferred.await(never)],
  ["a stream", Stream.runDrain(Stream.never)],
  ["Effect.all", Effect.all([Effect.never, asyncio.sleep("1 hour")], { concurrency: "unbounded" })],
  ["a boundary", asyncio.timeout("2 hours", Effect.never).pipe(Effect.ignore)],
  ["a boundary without any time", asyncio.timeout(0, Effect.never).pipe(Effect.ignore)],
  ["a boundary in it", asyncio.timeout(-1, asyncio.timeout(0, asyncio.sleep(10))).pipe(Effect.ignore)]
]

/** How a task ended, and when. */
const endOf = (task: asyncio.Task<unknown, unknown>) =>
  Effect.map(Effect.exit(task), (exit) => {
    const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
    return [error instanceof asyncio.CancelledError ? error.reason : String(error), task.loop.time()]
  })

describe("a cancellation that is kept", () => {
  for (const [name, effect] of foreign) {
    it(`behind a plain promise is delivered in ${name} that follows`, () =>
      run(
        Effect.gen(function* () {
          const { effect: promise, settle } = plainPromise()
          const task = yield* asyncio.createTask(Effect.andThen(promise, effect))
          yield* asyncio.sleep(0)

          yield* task.cancel("stop")
          settle()

          assert.deepStrictEqual(yield* endOf(task), ["stop", 0])
        })
      ))

    it(`of a scope is delivered in ${name} that follows the promise`, () =>
      run(
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop
          const { effect: promise, settle } = plainPromise()
          yield* loop.callLater(40, settle)
          const scope = asyncio.timeout(20, Effect.andThen(promise, effect))

          const error = yield* Effect.flip(scope)

          assert.deepStrictEqual([error._tag, loop.time()], ["TimeoutError", 40])
        })
      ))
  }

  it("is delivered where the promise ends long after the request", () =>
    run(
      Effect.gen(function* () {
        const { effect: promise, settle } = plainPromise()
        const task = yield* asyncio.createTask(Effect.andThen(promise, Effect.never))
        yield* asyncio.sleep(0)
        yield* task.cancel("stop")
        yield* asyncio.sleep(100)

        settle()

        assert.deepStrictEqual(yield* endOf(task), ["stop", 100])
      })
    ))

  it("meets a second one, and is delivered once", () =>
    run(
      Effect.gen(function* () {
        const { effect: promise, settle } = plainPromise()
        const handler = (error: asyncio.CancelledError) => Effect.as(Effect.sleep(10), error.reason)
        const task = yield* asyncio.createTask(Effect.andThen(promise, asyncio.catchCancelled(Effect.never, handler)))
        yield* asyncio.sleep(0)

        yield* task.cancel("first")
        yield* task.cancel("second")
        settle()

        assert.deepStrictEqual([yield* task, task.loop.time()], ["second", 10])
      })
    ))

  it("lets a second one through that comes in the foreign effect", () =>
    run(
      Effect.gen(function* () {
        const { effect: promise, settle } = plainPromise()
        const body = Effect.andThen(promise, Effect.uninterruptible(Effect.sleep(50)))
        const task = yield* asyncio.createTask(Effect.andThen(body, Effect.never))
        yield* asyncio.sleep(0)
        yield* task.cancel("first")
        settle()
        yield* asyncio.sleep(10)

        yield* task.cancel("second")

        const [, time] = yield* endOf(task)
        assert.strictEqual(time, 50)
      })
    ))

  it("in a coroutine that ends before it is delivered there, is delivered behind it", () =>
    run(
      Effect.gen(function* () {
        const self = yield* asyncio.currentTask
        const done = self.loop.createFutureUnsafe<void>()
        done.setResultUnsafe()
        const coroutine = lowlevel.embedCoroutine<void, never>({
          begin: (control) => {
            self.cancelUnsafe("stop")
            // What is done already takes no request.
            control.await(done, () => {})
            control.end(Exit.void)
          },
          cancelRequested: () => {},
          describe: () => ({ name: "f", definedAt: undefined, calledAt: undefined })
        })

        yield* coroutine
        const error = yield* asyncio.catchCancelled(asyncio.sleep(1, undefined), Effect.succeed)

        assert.strictEqual(error?.reason, "stop")
      })
    ))

  it("that a failed group asks for again is delivered in a foreign effect, also in a part of an async function", () =>
    run(
      Effect.gen(function* () {
        const failing = asyncio.taskGroup((group) =>
          Effect.andThen(
            group.createTask(Effect.ensuring(asyncio.sleep("1 hour"), Effect.die("cleanup"))),
            asyncio.sleep("1 hour")
          )
        )
        const effect = Effect.andThen(failureOf(failing), Effect.never)
        const { loop } = yield* asyncio.currentTask
        const tasks = [
          yield* asyncio.createTask(effect),
          lowlevel.createCoroutineTaskUnsafe(loop, {
            begin: (control) => control.run(effect, (exit) => control.end(exit)),
            cancelRequested: () => {},
            describe: () => ({ name: "f", definedAt: undefined, calledAt: undefined })
          })
        ]
        yield* asyncio.sleep(0)
        for (const task of tasks) yield* task.cancel("stop")

        const ends = yield* Effect.all(tasks.map(endOf))

        assert.deepStrictEqual(
          [ends.map(([, time]) => time), tasks.map((task) => task.cancelled())],
          [
            [0, 0],
            [true, true]
          ]
        )
        yield* Effect.promise(macrotask)
      })
    ))

  for (const [place, wait] of Object.entries({
    "an own wait": asyncio.sleep("1 hour"),
    "a foreign effect": Effect.never
  })) {
    for (const [way, stopping] of Object.entries({
      catchCancelled: asyncio.catchCancelled(wait, () => Effect.never),
      "a handler of causes": Effect.catchCause(asyncio.sleep("1 hour"), () => Effect.never)
    })) {
      it(`because nobody waits any more for the coroutine is delivered again behind ${way} at ${place}`, () =>
        run(
          Effect.gen(function* () {
            const { loop } = yield* asyncio.currentTask
            let fiber: Fiber.Fiber<unknown, unknown> | undefined
            const coroutine = lowlevel.embedCoroutine<void, never>({
              begin: (control) => control.run(stopping, (exit) => control.end(Exit.asVoid(exit) as Exit.Exit<void>)),
              cancelRequested: () => {},
              describe: () => ({ name: "f", definedAt: undefined, calledAt: undefined })
            })
            const task = yield* asyncio.createTask(
              Effect.withFiber((current) => {
                fiber = current
                return coroutine
              })
            )
            yield* asyncio.sleep(0)

            yield* Fiber.interrupt(fiber!)

            yield* asyncio.wait([task])
            assert.deepStrictEqual([task.cancelled(), loop.time()], [true, 0])
          })
        ))
    }
  }
})
