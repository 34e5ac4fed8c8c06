import { assert, describe, it } from "vitest"
import * as asyncio from "@effect-asyncio/compat"
import { makeVirtualTimeLoop } from "@effect-asyncio/compat/testing"
import { run, text } from "../support.ts"

/** A promise that takes a few of the host's macrotasks. */
const aFewMacrotasks = async (count: number) => {
  for (let n = 0; n < count; n++) await new Promise<void>((resolve) => void setImmediate(resolve))
  return "settled"
}

const never = new Promise<string>(() => {})

describe("virtual time and a promise that `abortable` waits for", () => {
  it("does not jump past its limit while the promise is about to settle", () =>
    run(async () => {
      const settled = await asyncio.timeout(10, () => asyncio.abortable(aFewMacrotasks(200)))

      assert.deepStrictEqual([settled, asyncio.getRunningLoop().time()], ["settled", 0])
    }))

  it("suspects no deadlock while the promise is about to settle", async () => {
    assert.strictEqual(await run(() => asyncio.abortable(aFewMacrotasks(200))), "settled")
  })

  it("jumps where the promise never settles", () =>
    run(async () => {
      assert.match(await text(asyncio.timeout("1 day", () => asyncio.abortable(never))), /^TimeoutError/)
    }))

  it("finds the deadlock where the promise never settles", async () => {
    assert.match(await text(run(() => asyncio.abortable(never))), /^DeadlockError/)
  })

  it("waits for a thread, whose limit comes no sooner than on a real clock", () =>
    run(
      async () => {
        const computes = () => {
          for (const end = performance.now() + 50; performance.now() < end;);
          return "computed"
        }

        assert.strictEqual(await asyncio.timeout("1 minute", () => asyncio.toThread(computes)), "computed")
      },
      { loopFactory: () => makeVirtualTimeLoop() }
    ))
})
