import { assert, describe, it } from "vitest"
import {
  goalRows,
  goalTable,
  goalWorkloads,
  growthSizes,
  growthWorkloads,
  libraries,
  roomy,
  tally
} from "../src/goals.ts"
import { ratioOf, type Result } from "../src/measure.ts"
import type { Growth } from "../src/scaling.ts"
import { workloads } from "../src/workloads.ts"

const summary = (median: number) => ({ median, min: median, max: median })

/** A result in which every peer has the figure of `medians`, on both clocks. */
const result = (workload: string, medians: Readonly<Record<string, number>>): Result => ({
  workload,
  measures: workload.startsWith("memory") ? "memory" : "time",
  n: 50_000,
  operations: 50_000,
  rounds: 7,
  peers: Object.entries(medians).map(([peer, median]) => ({ peer, summary: summary(median), cpu: summary(median) }))
})

const leaves = (results: ReadonlyArray<Result>, growth: ReadonlyArray<Growth> = []) =>
  goalRows({ results, growth }).flatMap((row) => (row.parts.length === 0 ? [row] : row.parts))

const leaf = (title: string, results: ReadonlyArray<Result>) => {
  const found = leaves(results).filter((row) => row.title === title && row.core?.reached !== undefined)
  assert.lengthOf(found, 1)
  return found[0]!
}

const imports = { effect: summary(60), core: summary(90), compat: summary(110) }

describe("the table of goals", () => {
  it("is met by a library that is as much faster as it has to be", () => {
    const { compat, core } = leaf("gather", [result("gather", { core: 100, compat: 150, "raw Effect": 140 })])

    assert.deepStrictEqual(core, { required: "1.4 x", reached: "1.40 x", margin: 1 })
    assert.strictEqual(compat?.reached, "0.93 x")
    assert.isBelow(compat!.margin!, 1)
  })

  it("turns around for what is to be small", () => {
    const { core } = leaf("create and await", [result("create and await", { core: 440, "fiber floor": 200 })])

    assert.deepStrictEqual(core, { required: "at most 2.2 x", reached: "2.20 x", margin: 1 })
  })

  it("says by how much a row is short", () => {
    const rows = goalRows({ results: [result("gather", { core: 100, "raw Effect": 70 })], growth: [] })

    const line = goalTable(rows).find(([title]) => title!.trim() === "gather" && title !== "gather")!

    assert.deepStrictEqual(line.slice(1, 4), ["1.4 x", "0.70 x", "short by 50 %"])
  })

  it("goes by the time on a processor, which a busy machine does not change", () => {
    const disturbed: Result = {
      ...result("gather", {}),
      peers: [
        { peer: "core", summary: summary(900), cpu: summary(100) },
        { peer: "raw Effect", summary: summary(200), cpu: summary(200) }
      ]
    }

    assert.strictEqual(ratioOf(disturbed, "raw Effect", "core"), 2)
  })

  it("counts what was not measured as neither met nor short", () => {
    const { met, short, unmeasured } = tally(goalRows({ results: [], growth: [] }))

    assert.deepStrictEqual([met, short], [0, 0])
    assert.isAbove(unmeasured, 0)
  })

  it("forgives an exponent that is the collector's, and shows both", () => {
    const points = growthSizes.map((n) => ({ n, nanos: 1 }))
    const growth = ["core", roomy("core")].map((peer) => ({
      workload: "gather",
      peer,
      law: "linear" as const,
      points,
      exponent: peer.includes("young") ? 1.04 : 1.3
    }))

    const row = leaves([], growth).find(({ core, title }) => title === "gather" && core?.required === "at most 1.1")!

    assert.strictEqual(row.core?.reached, "1.30; all young 1.04")
    assert.isAbove(row.core!.margin!, 1)
  })

  it("needs nothing but what its command measures", () => {
    const results = [...goalWorkloads].map(([name, peers]) =>
      result(name, Object.fromEntries(peers.map((peer) => [peer, 1])))
    )
    const points = growthSizes.map((n) => ({ n, nanos: 1 }))
    const growth = growthWorkloads.flatMap((workload) =>
      libraries.map((peer) => ({ workload, peer, law: "linear" as const, points, exponent: 1 }))
    )

    assert.strictEqual(tally(goalRows({ results, growth, imports })).unmeasured, 0)
    const names = workloads.map(({ name }) => name)
    assert.includeMembers(names, [...goalWorkloads.keys(), ...growthWorkloads])
  })
})
