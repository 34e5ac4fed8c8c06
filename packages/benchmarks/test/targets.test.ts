import { assert, describe, it } from "vitest"
import type { Result } from "../src/measure.ts"
import { tally, type TargetRow, targetRows, targetWorkloads } from "../src/targets.ts"

/** A result in which every peer has the figure of `medians`. */
const result = (workload: string, medians: Readonly<Record<string, number>>, n = 50_000): Result => ({
  workload,
  measures: workload.startsWith("memory") ? "memory" : workload.startsWith("lateness") ? "lateness" : "time",
  n,
  operations: n,
  rounds: 7,
  peers: Object.entries(medians).map(([peer, median]) => ({
    peer,
    summary: { median, min: median, max: median },
    quantiles: { p50: median, p99: median, max: median },
    peakBytes: median * 2 ** 20
  }))
})

const row = (rows: ReadonlyArray<TargetRow>, title: string): TargetRow => {
  const found = rows.find((each) => each.title === title)
  if (found === undefined) throw new Error(`no row ${title}`)
  return found
}

describe("the target table", () => {
  it("is met by a library that is as much faster as it has to be", () => {
    const rows = targetRows({
      results: [result("create and await", { core: 100, compat: 150, "raw Effect": 225 })],
      growth: []
    })

    const { compat, core } = row(rows, "create and await, against raw Effect")
    assert.deepStrictEqual(core, { required: "2 x", reached: "2.25 x", met: true })
    assert.deepStrictEqual(compat, { required: "1.5 x", reached: "1.50 x", met: true })
  })

  it("says the worst of several workloads, which follow", () => {
    const rows = targetRows({
      results: [
        result("sleep(0) in one task", { core: 100, "raw Effect": 500 }),
        result("sleep(0) in 100 tasks", { core: 100, "raw Effect": 300 })
      ],
      growth: []
    })

    const { core, parts } = row(rows, "sleep(0) loops, against raw Effect's yieldNow")
    assert.deepStrictEqual(core, { required: "4 x", reached: "3.00 x", met: false })
    assert.deepStrictEqual(
      parts.map((part) => part.core?.reached),
      ["5.00 x", "3.00 x"]
    )
  })

  it("turns around for what is to be small", () => {
    const rows = targetRows({
      results: [result("memory of a sleeping task", { core: 1000, compat: 1700, "raw Effect": 1000 })],
      growth: []
    })

    const { compat, core } = row(rows, "bytes per sleeping task, against raw Effect's sleeping fiber")
    assert.deepStrictEqual([core?.met, compat?.met, compat?.reached], [true, false, "1.70 x"])
  })

  it("takes the memory of a million tasks from a run of a million tasks", () => {
    const rows = targetRows({
      results: [result("create and await", { core: 100 }), result("create and await", { core: 2000 }, 1_000_000)],
      growth: []
    })

    const { core } = row(rows, "1,000,000 tasks: create and await, memory")
    assert.deepStrictEqual(core, { required: "under 1 GB", reached: "2000 MB", met: false })
  })

  it("counts what was not measured as neither met nor short", () => {
    const { met, short, unmeasured } = tally(targetRows({ results: [], growth: [] }))

    assert.deepStrictEqual([met, short], [0, 0])
    assert.isAbove(unmeasured, 0)
  })

  it("needs nothing but the workloads that its command measures", () => {
    const peers = { core: 1, compat: 1, "raw Effect": 9, effection: 99, asyncio: 99, uvloop: 99, floor: 1 }
    const results = [
      ...targetWorkloads.map((name) => result(name, peers)),
      result("create and await", peers, 1_000_000),
      result("create N, then await all", peers, 1_000_000)
    ]
    const points = [{ n: 1_000_000, nanos: 1 }]
    const growth = ["create and await", "create N, then await all"].flatMap((workload) =>
      ["core", "compat"].map((peer) => ({ workload, peer, law: "linear" as const, points, exponent: 1 }))
    )

    assert.strictEqual(tally(targetRows({ results, growth })).unmeasured, 0)
  })
})
