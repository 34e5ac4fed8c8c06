// What a profile says that a task has done for most of its time, from profiles made by hand.
import { assert, describe, it } from "vitest"
import { busyRows, type CpuProfile } from "../../src/profile/cpuProfile.ts"

/** A profile in which each of these functions has called the next one, and the last one is what was seen. */
const profileOf = (...functions: ReadonlyArray<readonly [functionName: string, url: string]>): CpuProfile => ({
  startTime: 0,
  endTime: 1000,
  samples: [functions.length],
  timeDeltas: [0],
  nodes: [["(root)", ""] as const, ...functions].map(([functionName, url], id) => ({
    id,
    callFrame: { functionName, scriptId: "1", url, lineNumber: 6, columnNumber: 0 },
    children: id < functions.length ? [id + 1] : []
  }))
})

const hottest = (...functions: ReadonlyArray<readonly [functionName: string, url: string]>): string =>
  busyRows(profileOf(...functions), [{ task: "index", node: functions.length, weight: 1000 }])[0]!.hottest

const program = "file:///app/server.ts"
const core = "file:///app/node_modules/@effect-asyncio/core/dist/shared.js"
const effect = "file:///app/node_modules/effect/dist/internal/effect.js"

describe("what a task does for most of its time", () => {
  it("is a function of the program", () => {
    assert.strictEqual(hottest(["runStep", core], ["parse", program]), "parse /app/server.ts:7")
  })

  it("is what the host, Effect or this library does for the program", () => {
    assert.strictEqual(hottest(["parse", program], ["indexOf", ""]), "parse /app/server.ts:7")
    assert.strictEqual(hottest(["parse", program], ["gen", effect], ["sleep", core]), "parse /app/server.ts:7")
  })

  it("is a function without a name in the one around it", () => {
    assert.strictEqual(
      hottest(["distinct", program], ["filter", ""], ["", program]),
      "(anonymous) in distinct /app/server.ts:7"
    )
    assert.strictEqual(hottest(["distinct", "file:///app/other.ts"], ["", program]), "(anonymous) /app/server.ts:7")
  })

  it("is the program's also where more time went between its functions", () => {
    const profile = profileOf(["runStep", core], ["parse", program])

    const [row] = busyRows(profile, [
      { task: "index", node: 1, weight: 900 },
      { task: "index", node: 2, weight: 100 }
    ])

    assert.deepStrictEqual([row!.hottest, row!.busy], ["parse /app/server.ts:7", 1])
  })

  it("is what there is, where no function of the program is", () => {
    assert.strictEqual(hottest(["runStep", core]), "runStep /app/node_modules/@effect-asyncio/core/dist/shared.js:7")
    assert.strictEqual(hottest(["(garbage collector)", ""]), "(garbage collector)")
  })
})
