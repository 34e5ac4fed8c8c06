import * as asyncio from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect } from "effect"
import { assert, describe, it } from "vitest"
import { rejection, run } from "../support.ts"

const height = 10_000

type Scope = <A>(body: () => PromiseLike<A>) => PromiseLike<A>

const scopes: ReadonlyArray<readonly [string, Scope]> = [
  ["timeouts", (body) => asyncio.timeout("2 hours", body)],
  ["groups", (body) => asyncio.taskGroup(body)],
  ["catchCancelled", (body) => asyncio.catchCancelled(body, (error) => Promise.reject(error))],
  ["eager tasks", (body) => asyncio.createTask(body, { eagerStart: true })],
  ["Effects in async functions in Effects", (body) => asyncio.runEffect(asyncio.toEffect(async () => body()))]
]

/** Ten thousand scopes in each other. */
const tower = <A>(scope: Scope, body: () => PromiseLike<A>, left = height): PromiseLike<A> =>
  scope(() => (left === 1 ? body() : tower(scope, body, left - 1)))

describe.each(scopes)("ten thousand %s", (_, scope) => {
  it("come to their end", async () => {
    assert.strictEqual(await run(async () => tower(scope, () => asyncio.sleep(1, "the end"))), "the end")
  })

  it("come to their end where nothing in them suspends", async () => {
    assert.strictEqual(await run(async () => tower(scope, async () => "the end")), "the end")
  })

  it("end cancelled when their task is", async () => {
    const ended = await run(async () => {
      const task = asyncio.createTask(async () => tower(scope, () => asyncio.sleep("1 hour")))
      await asyncio.sleep(1)

      task.cancel("enough")

      await asyncio.wait([task])
      return [task.cancelled(), String(await rejection(task))]
    })

    assert.deepStrictEqual(ended, [true, "CancelledError: enough"])
  })

  it("end when the time is up", async () => {
    const error = await run(async () =>
      rejection(asyncio.timeout(5, () => tower(scope, () => asyncio.sleep("1 hour"))))
    )

    assert.instanceOf(error, asyncio.TimeoutError)
  })

  it("end when their task is cancelled before they have begun", async () => {
    const ended = await run(async () => {
      const task: asyncio.Task<unknown> = asyncio.createTask(async () => {
        const inside = tower(scope, () => asyncio.sleep("1 hour"))
        task.cancel("enough")
        return inside
      })
      await asyncio.wait([task])
      return task.cancelled()
    })

    assert.isTrue(ended)
  })
})

describe("ten thousand Effects in async functions in Effects", () => {
  it("print what they wait for", async () => {
    const main = core.run(
      Effect.gen(function* () {
        const inside = asyncio.toEffect(async () =>
          tower(
            (body) => asyncio.runEffect(asyncio.toEffect(async () => body())),
            () => asyncio.sleep("1 hour")
          )
        )
        const task = yield* core.createTask(inside)
        yield* core.sleep(1)
        return String(task).includes("wait_for=<Future pending")
      }),
      { loopFactory: makeVirtualTimeLoop }
    )

    assert.isTrue(await main)
  })
})
