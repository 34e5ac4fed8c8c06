/**
 * Three ways in which Effect's semaphores have lost permits of fibers that were interrupted.
 */
import * as asyncio from "@effect-asyncio/core"
import { sweep, type SweepOptions } from "@effect-asyncio/testing/core"
import { Effect, PartitionedSemaphore, Semaphore } from "effect"
import { assert } from "vitest"
import type { Known } from "./known.ts"

type Part = Effect.Effect<void>

const url = (number: number): string => `https://github.com/Effect-TS/effect/pull/${number}`

const work = asyncio.sleep(1)

// ---- effect#6910 --------------------------------------------------------------------------------------------------

/** The permit is taken where it can be interrupted, and what gives it back is there an operation later. */
const permitThenRelease = (semaphore: Semaphore.Semaphore, self: Part): Part =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(restore(semaphore.take(1)), () => Effect.ensuring(restore(self), semaphore.release(1)))
  )

const sweepOfPermits = (use: (semaphore: Semaphore.Semaphore) => Part): Promise<unknown> =>
  sweep((semaphore) => Effect.all([use(semaphore), use(semaphore)], { concurrency: 2 }), {
    picture: false,
    betweenOperations: true,
    setup: () => Semaphore.makeUnsafe(1),
    check: (semaphore) =>
      Effect.map(semaphore.takeIfAvailable(1), (taken) => assert.isTrue(taken, "the permit is free"))
  })

// ---- effect#6638 --------------------------------------------------------------------------------------------------

interface Claim {
  needed: number
  readonly resume: () => void
}

/** Gives permits one by one to the first who waits, also where he waits for more. */
class Drips {
  available: number
  readonly #claims = new Set<Claim>()
  readonly #givesShareBack: boolean

  constructor(permits: number, givesShareBack: boolean) {
    this.available = permits
    this.#givesShareBack = givesShareBack
  }

  readonly take = (permits: number): Part =>
    Effect.callback((resume) => {
      const claim = { needed: permits, resume: () => resume(Effect.void) }
      this.#claims.add(claim)
      this.#hand(0)
      return Effect.sync(() => {
        this.#claims.delete(claim)
        if (this.#givesShareBack) this.#hand(permits - claim.needed)
      })
    })

  readonly release = (permits: number): Part => Effect.sync(() => this.#hand(permits))

  #hand(permits: number): void {
    this.available += permits
    for (const claim of this.#claims) {
      const share = Math.min(claim.needed, this.available)
      claim.needed -= share
      this.available -= share
      if (claim.needed > 0) return
      this.#claims.delete(claim)
      claim.resume()
    }
  }
}

const sweepOfDrips = (givesShareBack: boolean): Promise<unknown> => {
  const use = (drips: Drips, permits: number, millis: number): Part =>
    Effect.acquireUseRelease(
      Effect.interruptible(drips.take(permits)),
      () => asyncio.sleep(millis),
      () => drips.release(permits)
    )
  const options: SweepOptions<Drips> = {
    picture: false,
    victims: ["task", "others"],
    setup: () => new Drips(3, givesShareBack),
    check: ({ available }) => assert.strictEqual(available, 3, "free permits")
  }
  return sweep(
    (drips) =>
      asyncio.taskGroup((group: asyncio.TaskGroup) =>
        Effect.gen(function* () {
          yield* group.createTask(Effect.andThen(use(drips, 1, 1), work), { name: "small" })
          yield* group.createTask(use(drips, 2, 5), { name: "large" })
          yield* group.createTask(use(drips, 3, 1), { name: "all" })
        })
      ),
    options
  )
}

// ---- effect#8391 --------------------------------------------------------------------------------------------------

type Partitioned = PartitionedSemaphore.PartitionedSemaphore<string>

const sweepOfPartitions = (use: (semaphore: Partitioned, key: string) => Part): Promise<unknown> =>
  sweep((semaphore) => Effect.all([use(semaphore, "a"), use(semaphore, "b")], { concurrency: 2 }), {
    picture: false,
    betweenOperations: true,
    setup: () => PartitionedSemaphore.makeUnsafe<string>({ permits: 1 }),
    check: (semaphore) =>
      Effect.map(semaphore.available, (available) => assert.strictEqual(available, 1, "free permits"))
  })

export const effectPermits: ReadonlyArray<Known> = [
  {
    name: "effect#6638",
    url: url(6638),
    about: "a fiber that waits for three permits, has got one and is interrupted, keeps it",
    search: "sweep, `others`",
    find: () => sweepOfDrips(false),
    mended: () => sweepOfDrips(true)
  },
  {
    name: "effect#6910",
    url: url(6910),
    about: "`Semaphore.withPermits` takes a permit one operation before what gives it back",
    search: "sweep, `betweenOperations`",
    find: () => sweepOfPermits((semaphore) => permitThenRelease(semaphore, work)),
    mended: () => sweepOfPermits((semaphore) => semaphore.withPermit(work))
  },
  {
    name: "effect#8391",
    url: url(8391),
    about: "`PartitionedSemaphore.withPermits` does, in Effect 4.1.0",
    search: "sweep, `betweenOperations`",
    find: () => sweepOfPartitions((semaphore, key) => semaphore.withPermit(key)(work)),
    mended: () =>
      sweepOfPartitions((semaphore, key) =>
        Effect.acquireUseRelease(
          semaphore.take(key, 1),
          () => work,
          () => semaphore.release(1)
        )
      )
  }
]
