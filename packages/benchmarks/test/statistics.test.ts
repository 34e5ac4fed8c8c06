import { assert, describe, it } from "vitest"
import { exponent, quantile, summarize } from "../src/statistics.ts"

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
