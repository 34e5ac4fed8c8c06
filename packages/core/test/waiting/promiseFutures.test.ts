/**
 * Futures of promises, which somebody else may complete first.
 */
import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { Effect } from "effect"
import { collectGarbage } from "../collectGarbage.ts"
import { macrotask, run } from "../support.ts"

const deferred = () => {
  let settle = (_value: string): void => {}
  const promise = new Promise<string>((resolve) => void (settle = resolve))
  return { promise, settle }
}

const makeFuture = (promise: Promise<string>) =>
  Effect.map(asyncio.getRunningLoop, (loop) => lowlevel.promiseFutureUnsafe(loop, promise))

describe("the future of a promise", () => {
  it("keeps a result that it was given before", async () => {
    let settle = (_value: string): unknown => undefined
    const promise = Object.assign(new Promise<string>(() => {}), {
      // oxlint-disable-next-line unicorn/no-thenable -- what it is told is called by hand, so that an error of it is seen
      then: (told: typeof settle) => void (settle = told)
    })
    const main = Effect.gen(function* () {
      const future = yield* makeFuture(promise)
      future.setResultUnsafe("given")

      settle("late")

      return yield* future
    })

    assert.strictEqual(await run(main), "given")
  })

  it("stays pending when its run is over", async () => {
    const { promise, settle } = deferred()
    const future = await run(Effect.map(makeFuture(promise), (made) => ({ made })))

    settle("late")

    await macrotask()
    assert.isFalse(future.made.done())
  })

  it("is not kept by its promise when it was cancelled", async () => {
    const { promise } = deferred()
    const cancelled = Effect.map(makeFuture(promise), (future) => {
      future.cancelUnsafe()
      return new WeakRef(future)
    })
    const future = await run(cancelled)

    for (let i = 0; i < 20 && future.deref() !== undefined; i++) {
      await macrotask()
      collectGarbage()
    }

    assert.isUndefined(future.deref())
    assert.instanceOf(promise, Promise, "the promise is still there")
  })
})
