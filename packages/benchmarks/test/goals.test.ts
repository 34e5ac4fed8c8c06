import { assert, describe, it } from "vitest"
import {
  goalRows,
  goalTable,
  goalWorkloads,
  growthSizes,
  growthWorkloads,
  libraries,
  openPeers,
  roomy,
  tally
} from "../src/goals.ts"
import { ratioOf, type Result } from "../src/measure.ts"
import type { Growth } from "../src/scaling.ts"
import { verdictOf } from "../src/verdicts.ts"
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

/** A result of several sittings, in which each peer had these figures. */
const sat = (workload: string, figures: Readonly<Record<string, ReadonlyArray<number>>>): Result => {
  const { peers, ...rest } = result(
    workload,
    Object.fromEntries(Object.keys(figures).map((peer) => [peer, figures[peer]![0]!]))
  )
  return { ...rest, peers: peers.map((each) => ({ ...each, sittings: figures[each.peer]! })) }
}

const leaves = (results: ReadonlyArray<Result>, growth: ReadonlyArray<Growth> = []) =>
  goalRows({ results, growth }).flatMap((row) => (row.parts.length === 0 ? [row] : row.parts))

const leaf = (title: string, results: ReadonlyArray<Result>) => {
  const found = leaves(results).filter((row) => row.title === title && row.core?.reached !== undefined)
  assert.lengthOf(found, 1)
  return found[0]!
}

const imports = { effect: summary(60), core: summary(90), compat: summary(110) }

describe("the table of goals", () => {
  it("is met by a library that is surely as much faster as it has to be", () => {
    const { compat, core } = leaf("gather", [result("gather", { core: 100, compat: 150, "raw Effect": 170 })])

    assert.strictEqual(core?.required, "1.4 x")
    assert.strictEqual(core?.reached, "1.70 x (1.45 to 2.00)")
    assert.strictEqual(verdictOf(core?.margin), "met")
    assert.strictEqual(verdictOf(compat?.margin), "at the goal")
  })

  it("turns around for what is to be small", () => {
    const { core } = leaf("create and await", [result("create and await", { core: 600, "fiber floor": 200 })])

    assert.strictEqual(core?.required, "at most 2.2 x")
    assert.strictEqual(core?.reached, "3.00 x (2.55 to 3.53)")
    assert.closeTo(core!.margin!.value, 2.2 / 3, 1e-9)
    assert.strictEqual(verdictOf(core?.margin), "short")
  })

  it("says by how much a row is short", () => {
    const rows = goalRows({ results: [result("gather", { core: 100, "raw Effect": 70 })], growth: [] })

    const line = goalTable(rows).find(([title]) => title!.trim() === "gather" && title !== "gather")!

    assert.deepStrictEqual(line.slice(1, 4), ["1.4 x", "0.70 x (0.60 to 0.82)", "short by 50 %"])
  })

  it("compares the sittings in which both took part", () => {
    const { core } = leaf("gather", [sat("gather", { core: [100, 120, 100, 100], "raw Effect": [200, 240, 200, 200] })])

    assert.strictEqual(core?.reached?.slice(0, 6), "2.00 x")
    const once = leaf("gather", [sat("gather", { core: [100], "raw Effect": [200] })]).core!.margin!
    assert.isBelow(core!.margin!.high, once.high)
    assert.isAbove(core!.margin!.low, once.low)
  })

  it("is no narrower than what a busy machine does to a ratio", () => {
    const always = (figure: number) => Array.from({ length: 100 }, () => figure)

    const { core } = leaf("gather", [sat("gather", { core: always(100), "raw Effect": always(141) })])

    assert.strictEqual(verdictOf(core?.margin), "at the goal")
  })

  it("asks those again of whom a goal lies inside a wide interval", () => {
    const close = result("gather", { core: 100, compat: 300, "raw Effect": 145, asyncio: 5000, uvloop: 5000 })

    assert.sameMembers([...openPeers({ results: [close], growth: [] })], ["core", "raw Effect"])
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
    const { "not measured": unmeasured, ...others } = tally(goalRows({ results: [], growth: [] }))

    assert.deepStrictEqual(others, { met: 0, "at the goal": 0, short: 0 })
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

    assert.strictEqual(row.core?.reached, "1.30; all young 1.04 (0.99 to 1.09)")
    assert.strictEqual(verdictOf(row.core?.margin), "met")
  })

  it("needs nothing but what its command measures", () => {
    const results = [...goalWorkloads].map(([name, peers]) =>
      result(name, Object.fromEntries(peers.map((peer) => [peer, 1])))
    )
    const points = growthSizes.map((n) => ({ n, nanos: 1 }))
    const growth = growthWorkloads.flatMap((workload) =>
      libraries.map((peer) => ({ workload, peer, law: "linear" as const, points, exponent: 1 }))
    )

    assert.strictEqual(tally(goalRows({ results, growth, imports }))["not measured"], 0)
    const names = workloads.map(({ name }) => name)
    assert.includeMembers(names, [...goalWorkloads.keys(), ...growthWorkloads])
  })
})
