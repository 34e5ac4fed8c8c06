import { assert, describe, it } from "vitest"
import * as fc from "fast-check"
import { chaos } from "../src/chaos/program.ts"
import { violations } from "../src/chaos/run.ts"

describe("random programs of Effect's features and ours", () => {
  it("leave nothing, lose nothing and end", async () => {
    const property = fc.asyncProperty(chaos, async (program) => assert.deepStrictEqual(await violations(program), []))

    await fc.assert(property, { numRuns: 200, seed: 4711 })
  })

  it("are judged: a program that waits for ever is named", async () => {
    const never = { kind: "sleep", time: 1e9 } as const

    const wrong = await violations({
      program: { kind: "uninterruptible", part: never },
      beside: undefined,
      cancels: [{ after: 1, iterations: 0 }]
    })

    assert.match(wrong[0] ?? "", /^does not end: <Task cancelling name='subject'/)
  })
})
