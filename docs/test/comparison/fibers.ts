/** Effect without tasks: fibers. */
import { Cause, Effect, Exit, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { counter, type Peer, pause } from "./question.ts"

/** How a fiber ends that is interrupted while it waits. */
const interrupted = <A, E>(work: Effect.Effect<A, E>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(work)
    yield* Effect.promise(pause)
    yield* Fiber.interrupt(fiber)
    return yield* Fiber.await(fiber)
  })

const cleanup = (clean: () => void) => Effect.andThen(Effect.promise(pause), Effect.sync(clean))

export const fibers: Peer = {
  stopWaits: () => {
    let cleaned = false
    const work = Effect.onInterrupt(Effect.never, () => cleanup(() => (cleaned = true)))
    return Effect.runPromise(Effect.map(interrupted(work), () => cleaned))
  },

  resultInSpite: async () => {
    const work = Effect.catchCause(Effect.never, () => Effect.succeed("half"))
    return Exit.isSuccess(await Effect.runPromise(interrupted(work)))
  },

  // All that a cause has of an interrupt is the number of a fiber.
  reason: async () => {
    const exit = await Effect.runPromise(interrupted(Effect.never))
    return !Exit.isFailure(exit) || !Cause.hasInterruptsOnly(exit.cause)
  },

  siblings: () => {
    let stopped = false
    const sibling = Effect.onInterrupt(Effect.never, () => Effect.sync(() => (stopped = true)))
    const failing = Effect.andThen(Effect.promise(pause), Effect.fail("one"))
    const all = Effect.all([sibling, failing], { concurrency: "unbounded" })
    return Effect.runPromise(Effect.map(Effect.exit(all), () => stopped))
  },

  allFailures: async () => {
    const start = pause()
    const failing = (text: string) =>
      Effect.andThen(
        Effect.promise(() => start),
        Effect.fail(text)
      )
    const both = Effect.all([failing("one"), failing("two")], { concurrency: "unbounded" })
    const exit = await Effect.runPromiseExit(both)
    return Exit.isFailure(exit) && exit.cause.reasons.filter(Cause.isFailReason).length === 2
  },

  limit: async () => {
    const { job, most } = counter()
    const five = Array.from({ length: 5 }, () => Effect.promise(job))
    await Effect.runPromise(Effect.all(five, { concurrency: 2 }))
    return most() === 2
  },

  virtualTime: () => {
    const test = Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(Effect.as(Effect.sleep("1 hour"), true))
      yield* TestClock.adjust("1 hour")
      return yield* Fiber.join(fiber)
    })
    return Effect.runPromise(Effect.provide(test, TestClock.layer()))
  }
}
