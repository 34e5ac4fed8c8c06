import { assert, describe, it } from "vitest"
import { keyOf, misplaced, mutations } from "../checks/mutationList.ts"

describe("the list of guards", () => {
  it("finds each of them exactly once in its file", () => {
    assert.deepStrictEqual(misplaced(new URL("../../", import.meta.url)), [])
  })

  it("has one name for each in the record", () => {
    assert.strictEqual(new Set(mutations.map(keyOf)).size, mutations.length)
  })
})
