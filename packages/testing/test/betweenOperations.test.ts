/**
 * Cancelled between two operations of Effect's fibers: what a permit is lost by that was taken one operation before what gives it back.
 */
import { sweep } from "@effect-asyncio/testing/core"
import { Effect, Semaphore } from "effect"
import { assert, describe, it } from "vitest"
import { failureOf, quiet } from "./support.ts"

/** As Effect's own had it before effect#6910: between the taking and what gives back an interrupt may come. */
const withPermitOfBefore = <A, E, R>(semaphore: Semaphore.Semaphore, self: Effect.Effect<A, E, R>) =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(restore(semaphore.take(1)), () => Effect.ensuring(restore(self), semaphore.release(1)))
  )

const program = (use: (semaphore: Semaphore.Semaphore) => Effect.Effect<unknown>) => (semaphore: Semaphore.Semaphore) =>
  Effect.all([use(semaphore), use(semaphore)], { concurrency: 2 })

const setup = () => Semaphore.makeUnsafe(1)
const check = (semaphore: Semaphore.Semaphore) =>
  Effect.map(semaphore.takeIfAvailable(1), (taken) => assert.isTrue(taken, "the permit is free"))

const sleep = Effect.sleep(1)

describe("a sweep between operations", () => {
  it("finds a permit that is taken one operation too early", async () => {
    const wrong = program((semaphore) => withPermitOfBefore(semaphore, sleep))
    const options = { ...quiet, setup, check }
    await sweep(wrong, options)

    const failure = await failureOf(sweep(wrong, { ...options, betweenOperations: true }))

    assert.match(failure.message, /^Task-1 is cancelled between two operations of its fibers/)
    assert.match(failure.replay, /^Task-1:\d\/\d+$/)
    const again = await failureOf(sweep(wrong, { ...options, at: failure.replay }))
    assert.strictEqual(again.replay, failure.replay)
  })

  it("finds nothing where both are one", async () => {
    const right = program((semaphore) => semaphore.withPermit(sleep))

    const { runs } = await sweep(right, { ...quiet, setup, check, betweenOperations: true })

    assert.isAbove(runs, 20)
  })
})
