import { assert, describe, it } from "vitest"
import { compareVerdicts, describeComparison, tallyOf, verdictOf } from "../src/verdicts.ts"

const margin = (low: number, high: number) => ({ value: (low + high) / 2, low, high })

describe("a verdict", () => {
  it("is sure only when the whole interval is on one side of the goal", () => {
    assert.strictEqual(verdictOf(margin(1, 1.2)), "met")
    assert.strictEqual(verdictOf(margin(0.8, 0.99)), "short")
    assert.strictEqual(verdictOf(margin(0.99, 1.2)), "at the goal")
    assert.strictEqual(verdictOf(undefined), "not measured")
  })

  it("is counted", () => {
    assert.deepStrictEqual(tallyOf(["met", "short", "met"]), { met: 2, "at the goal": 0, short: 1, "not measured": 0 })
  })
})

describe("two runs", () => {
  it("agree when no row went from one side of the goal to the other", () => {
    const comparison = compareVerdicts(
      { gather: "met", pool: "short", queue: "at the goal" },
      { gather: "met", pool: "short", queue: "at the goal" }
    )

    assert.deepStrictEqual(comparison, { crossed: [], unsure: [] })
    assert.strictEqual(describeComparison(comparison), "No row went from met to short or back.")
  })

  it("tell a row that changed sides from one that came to the goal", () => {
    const comparison = compareVerdicts({ gather: "met", pool: "short" }, { gather: "short", pool: "at the goal" })

    assert.deepStrictEqual(comparison.crossed, [{ row: "gather", before: "met", after: "short" }])
    assert.deepStrictEqual(comparison.unsure, [{ row: "pool", before: "short", after: "at the goal" }])
    assert.strictEqual(
      describeComparison(comparison),
      "Rows that changed sides: gather (met, then short). Sure in one of the two only: pool (short, then at the goal)."
    )
  })

  it("say nothing of a row that one of them has not measured", () => {
    const comparison = compareVerdicts({ gather: "met", pool: "not measured" }, { pool: "short", queue: "met" })

    assert.deepStrictEqual(comparison, { crossed: [], unsure: [] })
  })
})
