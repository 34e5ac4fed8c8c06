import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect, type Fiber } from "effect"
import { macrotask, run } from "../support.ts"

const nap = asyncio.sleep(10)
const forever = Effect.ensuring(Effect.never, asyncio.sleep(2))

// Ways for a task's fiber to suspend, in awaits of ours and in foreign effects; each would take 10 milliseconds or more.
const bodies: Record<string, Effect.Effect<unknown>> = {
  "an await": nap,
  "an await of a task": Effect.flatten(asyncio.createTask(Effect.orDie(nap))) as Effect.Effect<unknown>,
  "an await behind a yield": Effect.andThen(Effect.yieldNow, nap),
  "an await behind a promise": Effect.andThen(
    Effect.promise(() => Promise.resolve()),
    nap
  ),
  "an uninterruptible await": Effect.uninterruptible(nap),
  "an await with a cleanup that awaits": Effect.onExit(nap, () => asyncio.sleep(5)),
  "an await with two cleanups, one behind a yield": nap.pipe(
    Effect.onInterrupt(() => asyncio.sleep(1)),
    Effect.ensuring(Effect.andThen(Effect.yieldNow, asyncio.sleep(1)))
  ),
  "an await in a boundary": asyncio.timeout(1000, Effect.orDie(nap)) as Effect.Effect<unknown>,
  "an await in a scope": Effect.scoped(
    Effect.andThen(
      Effect.acquireRelease(Effect.void, () => asyncio.sleep(2)),
      nap
    )
  ),
  "an await beside a child that cleans up": Effect.andThen(Effect.forkChild(forever, { startImmediately: true }), nap),
  "two awaits in branches": Effect.all([nap, nap], { concurrency: 2 }),
  "a race of awaits": Effect.race(nap, asyncio.sleep(20)),
  "a foreign sleep": Effect.sleep(10)
}

interface Victim {
  readonly task: asyncio.Task<unknown, unknown>
  readonly fiber: Fiber.Fiber<unknown, unknown>
}

const interrupt = ({ fiber }: Victim) => Effect.sync(() => fiber.interruptUnsafe())
const cancel = ({ task }: Victim) => task.cancel()
const both = (first: (victim: Victim) => Effect.Effect<unknown>, second: typeof first) => (victim: Victim) =>
  Effect.andThen(first(victim), Effect.andThen(asyncio.sleep(0), second(victim)))

const attacks: Record<string, (victim: Victim) => Effect.Effect<unknown>> = {
  "is left alone": () => Effect.void,
  "is interrupted": interrupt,
  "is interrupted twice": both(interrupt, interrupt),
  "is cancelled": cancel,
  "is cancelled, and then interrupted": both(cancel, interrupt),
  "is interrupted, and then cancelled": both(interrupt, cancel)
}

/** How often the task of `body` told that it was done, and how it ended. */
const endOf = (body: Effect.Effect<unknown>, attack: (victim: Victim) => Effect.Effect<unknown>) =>
  Effect.gen(function* () {
    let fiber!: Fiber.Fiber<unknown, unknown>
    let told = 0
    const task = yield* asyncio.createTask(Effect.withFiber((own) => ((fiber = own), body)))
    task.addDoneCallbackUnsafe(() => told++)
    yield* asyncio.sleep(2)

    yield* attack({ task, fiber })

    yield* asyncio.sleep(100)
    yield* Effect.promise(macrotask)
    return [told, task.cancelled() ? "cancelled" : task.done() ? "finished" : "pending"] as const
  })

describe("a task ends once, however its fiber does", () => {
  for (const [name, body] of Object.entries(bodies)) {
    it(`that suspends in ${name}`, () =>
      run(
        Effect.gen(function* () {
          const ends: Record<string, unknown> = {}
          for (const [how, attack] of Object.entries(attacks)) ends[how] = yield* endOf(body, attack)

          assert.deepStrictEqual(
            ends,
            Object.fromEntries(
              Object.keys(attacks).map((how) => [how, [1, how === "is left alone" ? "finished" : "cancelled"]])
            )
          )
        })
      ))
  }
})
