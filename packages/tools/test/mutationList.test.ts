import { assert, describe, it } from "vitest"
import { misplaced } from "../checks/mutationList.ts"

describe("the list of guards", () => {
  it("finds each of them exactly once in its file", () => {
    assert.deepStrictEqual(misplaced(new URL("../../", import.meta.url)), [])
  })
})
