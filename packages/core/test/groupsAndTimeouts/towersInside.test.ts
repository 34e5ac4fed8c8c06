import * as asyncio from "@effect-asyncio/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { run } from "../support.ts"

const height = 10_000

type Scope = <A>(body: Effect.Effect<A, unknown>) => Effect.Effect<A, unknown>

const scopes: ReadonlyArray<readonly [string, Scope]> = [
  ["timeouts", (body) => asyncio.timeout("2 hours", body)],
  ["groups", (body) => asyncio.taskGroup(() => body)],
  ["eager tasks", (body) => Effect.flatten(asyncio.createTask(body, { eagerStart: true }))],
  ["bodies of catchCancelled", (body) => asyncio.catchCancelled(body, (error) => Effect.die(error))]
]

/** Ten thousand scopes in each other. */
const tower = <A>(scope: Scope, body: Effect.Effect<A, unknown>, left = height): Effect.Effect<A, unknown> =>
  scope(Effect.suspend(() => (left === 1 ? body : tower(scope, body, left - 1))))

describe.each(scopes)("ten thousand %s in each other", (_, scope) => {
  it("come to their end", async () => {
    assert.strictEqual(await run(tower(scope, Effect.as(asyncio.sleep(1), "the end"))), "the end")
  })

  it("come to their end where nothing in them suspends", async () => {
    assert.strictEqual(await run(tower(scope, Effect.succeed("the end"))), "the end")
  })

  it("come to their end where a foreign effect is at their bottom", async () => {
    const main = Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(asyncio.sleep(1))
      return yield* tower(scope, Effect.as(Fiber.await(fiber), "the end"))
    })

    assert.strictEqual(await run(main), "the end")
  })

  it("fail with what fails at their bottom", async () => {
    const main = Effect.flip(tower(scope, Effect.andThen(asyncio.sleep(1), Effect.fail("a failure"))))
    let error = await run(main)
    while (error instanceof asyncio.ExceptionGroup) error = error.errors[0]

    assert.strictEqual(error, "a failure")
  })

  it("end when a plain fiber that they are in is interrupted", async () => {
    const lines: Array<string> = []
    const body = Effect.onExit(asyncio.sleep("1 hour"), () => Effect.sync(() => void lines.push("cleaned up")))
    const main = Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(tower(scope, body))
      yield* asyncio.sleep(1)

      yield* Fiber.interrupt(fiber)

      return lines
    })

    assert.deepStrictEqual(await run(main), ["cleaned up"])
  })
})

describe("ten thousand timeouts in each other", () => {
  it("end cancelled when their task is", async () => {
    const main = Effect.gen(function* () {
      const task = yield* asyncio.createTask(tower((body) => asyncio.timeout("2 hours", body), asyncio.sleep("1 hour")))
      yield* asyncio.sleep(1)

      yield* task.cancel()

      yield* asyncio.wait([task])
      return task.cancelled()
    })

    assert.isTrue(await run(main))
  })

  it("end when the time of the outermost is up", async () => {
    const inside = tower((body) => asyncio.timeout("2 hours", body), asyncio.sleep("1 hour"))

    const error = await run(Effect.flip(asyncio.timeout(5, inside)))

    assert.instanceOf(error, asyncio.TimeoutError)
  })
})
