/**
 * What `use` holds is given back by a frame on the task's fiber, or by Effect's words; see also boundaries.test.ts, which runs
 * random programs with both.
 */
import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect, Fiber, Scheduler } from "effect"
import { canPush, withFrames } from "../../src/internal/task/ownFrames.ts"
import { run } from "../support.ts"

interface Holder {
  readonly use: <A, E, R>(body: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  readonly release: Effect.Effect<void>
  readonly locked: () => boolean
}

const holders: Record<string, Effect.Effect<Holder>> = {
  "a lock": Effect.map(asyncio.Lock.make(), (lock) => ({
    use: (body) => lock.use(body),
    release: lock.release,
    locked: () => lock.locked()
  })),
  "a semaphore": Effect.map(asyncio.Semaphore.make(1), (semaphore) => ({
    use: (body) => semaphore.use(body),
    release: semaphore.release,
    locked: () => semaphore.locked()
  })),
  "the lock of a condition": Effect.map(asyncio.Condition.make(), (condition) => ({
    use: (body) => condition.use(body),
    release: condition.release,
    locked: () => condition.locked()
  }))
}

const cases = [true, false].flatMap((frames) =>
  Object.entries(holders).map(([name, make]) => ({
    name: `${name}, ${frames ? "by a frame" : "by a mask"}`,
    frames,
    make
  }))
)

for (const { name, frames, make } of cases) {
  describe.skipIf(frames && !canPush())(`use of ${name}`, () => {
    const check = (body: (held: Holder) => Effect.Effect<unknown, unknown>, expected: unknown) =>
      withFrames(frames, async () => {
        assert.deepStrictEqual(await run(Effect.flatMap(make, body)), expected)
      })

    it("gives it back when the fiber is interrupted from outside, in the body and in the wait queue", () =>
      check(
        Effect.fnUntraced(function* (held) {
          const lines: Array<string> = []
          const fibers: Array<Fiber.Fiber<unknown, unknown>> = []
          const worker = (name: string) =>
            Effect.withFiber((fiber) => {
              fibers.push(fiber)
              const body = Effect.andThen(
                Effect.sync(() => lines.push(`${name} in`)),
                Effect.sleep(10)
              )
              return Effect.onInterrupt(held.use(body), () => Effect.sync(() => lines.push(`${name} out`)))
            })
          for (const name of ["a", "b", "c"]) yield* asyncio.createTask(worker(name))
          yield* asyncio.sleep(1)
          yield* Fiber.interrupt(fibers[1]!)
          yield* Fiber.interrupt(fibers[0]!)
          yield* asyncio.sleep(1)
          yield* Fiber.interrupt(fibers[2]!)
          return [...lines, held.locked()]
        }),
        ["a in", "b out", "a out", "c in", "c out", false]
      ))

    it("gives it to the next when the one that was woken is interrupted before its step", () =>
      check(
        Effect.fnUntraced(function* (held) {
          const lines: Array<string> = []
          const fibers: Array<Fiber.Fiber<unknown, unknown>> = []
          const worker = (name: string) =>
            Effect.withFiber((fiber) => {
              fibers.push(fiber)
              return held.use(Effect.sync(() => lines.push(name)))
            })
          const loop = yield* asyncio.getRunningLoop
          // Comes up behind the step that gives it back, and before the one that it is given to.
          const interrupt = () => loop.callSoonUnsafe(() => fibers[0]!.interruptUnsafe())
          yield* asyncio.createTask(held.use(Effect.andThen(asyncio.sleep(1), Effect.sync(interrupt))))
          yield* asyncio.sleep(0)
          for (const name of ["b", "c"]) yield* asyncio.createTask(worker(name))
          yield* asyncio.sleep(2)
          return [...lines, held.locked()]
        }),
        ["c", false]
      ))

    it("never loses it where the fiber gives way in the middle and is cancelled there", () =>
      check(
        Effect.fnUntraced(function* (held) {
          let inside = 0
          for (let before = 0; before < 80; before++) {
            const task = yield* asyncio.createTask(
              Effect.gen(function* () {
                for (let i = 0; i < before; i++) yield* Effect.yieldNow.pipe(Effect.when(Effect.succeed(false)))
                yield* held.use(
                  Effect.gen(function* () {
                    inside++
                    for (let i = 0; i < 40; i++) yield* Effect.suspend(() => Effect.void)
                  })
                )
              }).pipe(Effect.provideService(Scheduler.MaxOpsBeforeYield, 1))
            )
            yield* asyncio.sleep(0)
            yield* task.cancel()
            yield* Effect.exit(task)
            if (held.locked()) return `lost after ${before}`
          }
          return inside > 0 && inside < 80
        }),
        true
      ))

    it("fails with what release raises, where the body has given it back itself", () =>
      check(
        (held) =>
          Effect.gen(function* () {
            const exit = yield* Effect.exit(held.use(held.release))
            const again = yield* held.use(Effect.succeed("again"))
            return [exit._tag, again, held.locked()]
          }),
        name.startsWith("a semaphore") ? ["Success", "again", false] : ["Failure", "again", false]
      ))

    it("leaves the body as interruptible as the code around it", () =>
      check(
        (held) => {
          const look = Effect.withFiber((fiber) =>
            Effect.succeed((fiber as { readonly interruptible?: boolean }).interruptible)
          )
          return Effect.all([held.use(look), Effect.uninterruptible(held.use(look)), look])
        },
        [true, false, true]
      ))

    it("works in a fiber that is no task's own, as a branch of Effect.all", () =>
      check(
        Effect.fnUntraced(function* (held) {
          const lines: Array<string> = []
          const branch = (name: string) =>
            held.use(
              Effect.gen(function* () {
                lines.push(`${name} in`)
                yield* asyncio.sleep(1)
                lines.push(`${name} out`)
              })
            )
          yield* Effect.all([branch("a"), branch("b")], { concurrency: "unbounded" })
          return [...lines, held.locked()]
        }),
        ["a in", "a out", "b in", "b out", false]
      ))
  })
}
