import { AsyncLocalStorage } from "node:async_hooks"
import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import * as testing from "@effect-asyncio/core/testing"
import { Effect, ManagedRuntime } from "effect"
import { run } from "../support.ts"
import { storesOfTasks } from "./storesOfTasks.ts"

describe("the AsyncLocalStorage stores, as the host keeps them", () => {
  storesOfTasks(async () => ({ asyncio, lowlevel, testing }))
})

describe("the stores of the code that is running", () => {
  const { bun, deno, node } = process.versions
  const isNode24 = bun === undefined && deno === undefined && parseInt(node) >= 24
  const hasFrames = isNode24 && process.env["EFFECT_ASYNCIO_FAST_PATHS"] !== "off"

  it.skipIf(!hasFrames)("are remembered as Node's own frame, from version 24 on", () => {
    const tenant = new AsyncLocalStorage<string>()

    const [outside, inside] = [
      lowlevel.captureAsyncContext(),
      tenant.run("ada", () => [lowlevel.captureAsyncContext(), lowlevel.captureAsyncContext()])
    ]

    assert.deepStrictEqual(
      { sameInside: inside[0] === inside[1], sameOutside: inside[0] === outside },
      { sameInside: true, sameOutside: false }
    )
  })
})

describe("a loop that outlives the code it was made in", () => {
  it("keeps none of that code's stores for the tasks of others", async () => {
    const tenant = new AsyncLocalStorage<string>()
    const store = Effect.sync(() => tenant.getStore())
    const ask = Effect.flatten(asyncio.createTask(Effect.andThen(asyncio.sleep(1), store)))

    const first = tenant.run("ada", () => Effect.runPromise(ask))
    const second = tenant.run("grace", () => Effect.runPromise(ask))
    const third = Effect.runPromise(ask)

    assert.deepStrictEqual(await Promise.all([first, second, third]), ["ada", "grace", undefined])
  })

  it("gives each of many requests at a time its own", async () => {
    const tenant = new AsyncLocalStorage<number>()
    const runtime = ManagedRuntime.make(asyncio.layer())
    const work = Effect.gen(function* () {
      const before = tenant.getStore()
      yield* asyncio.sleep(0)
      yield* Effect.sleep(0)
      return [before, tenant.getStore()]
    })
    const request = Effect.gen(function* () {
      yield* Effect.yieldNow
      return yield* yield* asyncio.createTask(work)
    })

    const requests = Array.from({ length: 200 }, (_, n) => tenant.run(n, () => runtime.runPromise(request)))
    const seen = await Promise.all(requests)

    const wrong = seen.filter(([before, after], n) => before !== n || after !== n)
    assert.deepStrictEqual([seen.length, wrong.length], [200, 0])
    await runtime.dispose()
  })
})

describe("the stores", () => {
  it("of code that has a task go on in it are its own again behind that", async () => {
    const storage = new AsyncLocalStorage<string>()
    const seen: Array<unknown> = []
    const look = Effect.sync(() => seen.push(storage.getStore()))
    let goOn = () => {}
    const foreign = Effect.callback<void>((resume) => void (goOn = () => resume(Effect.void)))
    const body = Effect.andThen(foreign, Effect.andThen(look, asyncio.sleep(1)))
    const main = Effect.gen(function* () {
      const task = yield* asyncio.createTask(
        Effect.andThen(
          Effect.sync(() => storage.enterWith("task")),
          body
        )
      )
      yield* asyncio.sleep(0)

      storage.run("caller", () => {
        goOn()
        seen.push(storage.getStore())
      })

      yield* task
    })
    await run(main)
    assert.deepStrictEqual(seen, ["task", "caller"])
  })

  it("that a body has entered in a fiber of its own are those of the code behind it", async () => {
    const storage = new AsyncLocalStorage<string>()
    const enter = (value: string) => Effect.sync(() => storage.enterWith(value))
    const inner = Effect.gen(function* () {
      yield* asyncio.sleep(1)
      yield* enter("inner")
      yield* asyncio.sleep(1)
    })
    const seen: Array<unknown> = []
    const look = Effect.sync(() => seen.push(storage.getStore()))
    const main = Effect.gen(function* () {
      yield* enter("outer")
      yield* asyncio.catchCancelled(inner, () => Effect.void)
      yield* look
      yield* asyncio.sleep(1)
      yield* look
      yield* enter("outer")
      yield* Effect.uninterruptible(asyncio.catchCancelled(inner, () => Effect.void))
      yield* look
      yield* asyncio.sleep(1)
      yield* look
    })
    await run(main)
    assert.deepStrictEqual(seen, ["inner", "inner", "inner", "inner"])
  })
})
