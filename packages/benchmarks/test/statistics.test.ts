import { assert, describe, it } from "vitest"
import { exponent, intervalOf, mapInterval, quantile, summarize } from "../src/statistics.ts"

describe("summarize", () => {
  it("takes the middle of an odd number of values, whatever their order", () => {
    assert.deepStrictEqual(summarize([10, 9, 100]), { median: 10, min: 9, max: 100 })
  })

  it("takes the mean of the two middle ones of an even number", () => {
    assert.strictEqual(summarize([4, 1, 3, 2]).median, 2.5)
  })
})

describe("quantile", () => {
  it("is a value that the share of all values does not exceed", () => {
    const values = Array.from({ length: 200 }, (_, i) => i + 1)

    assert.deepStrictEqual([quantile(values, 0.5), quantile(values, 0.99), quantile(values, 1)], [100, 198, 200])
  })

  it("of one value is that value", () => {
    assert.strictEqual(quantile([7], 0.99), 7)
  })
})

describe("exponent", () => {
  it("finds the power of what grows like one, whatever its factor", () => {
    const points = [10, 100, 1000].map((x) => [x, 5 * x ** 1.5] as const)

    assert.closeTo(exponent(points), 1.5, 1e-9)
  })

  it("is zero for what does not grow", () => {
    assert.closeTo(
      exponent([
        [10, 3],
        [1000, 3]
      ]),
      0,
      1e-9
    )
  })
})

describe("an interval", () => {
  const usual = { deviation: 1, weight: 4 }

  it("is around the mean, and narrower the more samples agree", () => {
    const [two, eight] = [2, 8].map((length) =>
      intervalOf(
        Array.from({ length }, () => 10),
        usual
      )
    )

    assert.strictEqual(two!.value, 10)
    assert.isBelow(eight!.high - eight!.low, two!.high - two!.low)
  })

  it("is wider for samples that differ more than they usually do", () => {
    const [calm, wild] = [intervalOf([9, 10, 11], usual), intervalOf([5, 10, 15], usual)]

    assert.isAbove(wild.high, calm.high)
    assert.isBelow(wild.low, calm.low)
  })

  it("of one sample is as wide as others usually are", () => {
    const { high, low } = intervalOf([10], usual)

    assert.closeTo(high - 10, 2.78, 1e-9)
    assert.closeTo(10 - low, 2.78, 1e-9)
  })

  it("keeps its order under a function that falls", () => {
    assert.deepStrictEqual(
      mapInterval({ value: 2, low: 1, high: 4 }, (x) => 4 / x),
      { value: 2, low: 1, high: 4 }
    )
  })
})
