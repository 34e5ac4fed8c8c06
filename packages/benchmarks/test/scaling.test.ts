import { assert, describe, it } from "vitest"
import { exponentOf, type Growth, growsTooFast, growthExponent, joinGrowth } from "../src/scaling.ts"

const sizes = [1, 10, 100, 1000, 10_000, 100_000]

const growth = (law: Growth["law"], nanosAt: (n: number) => number): Growth => {
  const points = sizes.map((n) => ({ n, nanos: nanosAt(n) }))
  return { workload: "w", peer: "core", law, points, exponent: growthExponent(law, points) }
}

describe("the growth of a workload", () => {
  it("has exponent 1 when every operation costs the same", () => {
    assert.closeTo(growth("linear", () => 500).exponent!, 1, 1e-9)
  })

  it("does not count what starting a run costs", () => {
    const started = growth("linear", (n) => (n < 1000 ? 1e6 / n : 500))

    assert.closeTo(started.exponent!, 1, 1e-9)
  })

  it("is too fast when an operation costs more among many", () => {
    const searched = growth("linear", (n) => 500 * n ** 0.2)

    assert.isTrue(growsTooFast(searched))
    assert.isFalse(growsTooFast(growth("linear", (n) => 500 * n ** 0.05)))
  })

  it("may be a logarithm for one operation among N, and not a search", () => {
    assert.isFalse(growsTooFast(growth("logarithmic", (n) => 100 * Math.log2(n + 1))))
    assert.isTrue(growsTooFast(growth("logarithmic", (n) => n)))
  })

  it("is unknown from one size", () => {
    assert.isUndefined(growthExponent("linear", [{ n: 1000, nanos: 1 }]))
  })

  it("of two sittings is the mean of both, and surer than that of one", () => {
    const [first, again] = [growth("linear", (n) => 500 * n ** 0.06), growth("linear", (n) => 500 * n ** 0.08)]

    const both = exponentOf(joinGrowth(first, again))!

    assert.closeTo(both.value, 1.07, 1e-9)
    assert.isBelow(both.high - both.low, 2 * (exponentOf(first)!.high - first.exponent!))
  })
})
