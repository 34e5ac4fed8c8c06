import { assert, describe, it } from "vitest"
import { goalRows, figuresOf, rowsOfRuns, verdictsOf } from "../src/goals.ts"
import { canBeNarrower, driftOf, withDrift } from "../src/runs.ts"
import type { Goals } from "../src/records.ts"

const usual = { deviation: 0.03, weight: 4 }

describe("what runs differ by", () => {
  it("is what they usually do, as long as there is one", () => {
    assert.closeTo(driftOf([2], usual), 2.78 * 0.03, 1e-9)
  })

  it("grows with what they were seen to differ by, and shrinks with runs that agree", () => {
    const one = driftOf([2], usual)
    assert.isAbove(driftOf([2, 2.6], usual), 2 * one)
    assert.isBelow(driftOf([2, 2, 2, 2], usual), one)
  })

  it("widens what one run knows, on both sides, and never less than that", () => {
    const known = withDrift({ value: 2, low: 2, high: 2 }, 0.1)
    assert.closeTo(known.high, 2 * Math.exp(0.1), 1e-9)
    assert.closeTo(known.low, 2 / Math.exp(0.1), 1e-9)

    const wide = withDrift({ value: 2, low: 1, high: 4 }, 0.1)
    assert.isBelow(wide.low, 1)
    assert.isAbove(wide.high, 4)
  })

  it("leaves alone what may be nothing", () => {
    const none = withDrift({ value: 1, low: -3, high: 5 }, 0.1)
    assert.strictEqual(none.low, -3)
    assert.isAbove(none.high, 5)
  })

  it("is what more sittings do not make less", () => {
    assert.isFalse(canBeNarrower({ value: 2, low: 1.9, high: 2.1 }, 0.1))
    assert.isTrue(canBeNarrower({ value: 2, low: 1.5, high: 2.6 }, 0.1))
  })
})

const summary = (median: number) => ({ median, min: median, max: median })

/** A run in which each sitting of `gather` said that core is this many times as fast as raw Effect. */
const runOf = (times: number): Goals => ({
  machine: {} as Goals["machine"],
  measured: "2026-11-28",
  versions: {},
  imports: { effect: summary(60), core: summary(70), compat: summary(70) },
  growth: [],
  load: 1,
  results: [
    {
      workload: "gather",
      measures: "time",
      n: 1,
      operations: 1,
      rounds: 1,
      peers: [
        { peer: "core", summary: summary(100), cpu: summary(100), sittings: Array.from({ length: 8 }, () => 100) },
        {
          peer: "raw Effect",
          summary: summary(100 * times),
          cpu: summary(100 * times),
          sittings: Array.from({ length: 8 }, () => 100 * times)
        }
      ]
    }
  ]
})

const gather = "core: gather, against raw Effect: children that wait one iteration"

describe("two runs of the same code", () => {
  const verdictsOfRuns = (...times: ReadonlyArray<number>) => {
    const [first, ...rest] = times.map(runOf)
    const again = rest.map((run) => ({ measured: run.measured, load: 1, figures: figuresOf(goalRows(run)) }))
    return rowsOfRuns({ ...first!, again }).map((rows) => verdictsOf(rows)[gather])
  }

  it("are sure when each of them is, and they agree", () => {
    assert.deepStrictEqual(verdictsOfRuns(1.8), ["met"])
    assert.deepStrictEqual(verdictsOfRuns(1.8, 1.75), ["met", "met"])
    assert.deepStrictEqual(verdictsOfRuns(1, 1.05), ["short", "short"])
  })

  it("are less sure than either when they do not agree", () => {
    assert.deepStrictEqual(verdictsOfRuns(1.8, 1.1), ["at the goal", "at the goal"])
  })
})
