import { assert, describe, it } from "vitest"
import { sliceOf, startingAt } from "../../slice.ts"

describe("a slice", () => {
  it("is every so manieth, and all of them are the whole", () => {
    const all = [1, 2, 3, 4, 5, 6, 7]

    const parts = ["1/3", "2/3", "3/3"].map((slice) => sliceOf(slice)?.(all))

    assert.deepStrictEqual(parts, [
      [1, 4, 7],
      [2, 5],
      [3, 6]
    ])
  })

  it("is nothing else", () => {
    const others = ["", "3", "0/3", "4/3", "1/0", "-1/3", "1/3/5", "a/b"]

    assert.deepStrictEqual(
      others.filter((slice) => sliceOf(slice) !== undefined),
      []
    )
  })
})

describe("a list from an item on", () => {
  it("has all items, those before it at the end, and another first one for each number", () => {
    const lists = [0, 1, 2, 3, 1796000002].map((number) => startingAt(number, ["a", "b", "c"]).join(""))

    assert.deepStrictEqual(lists, ["abc", "bca", "cab", "abc", "bca"])
  })

  it("is empty where there is none", () => {
    assert.deepStrictEqual(startingAt(7, []), [])
  })
})
