import { assert, describe, it } from "vitest"
import { gaps, hasBranch } from "../../checks/mutationGaps.ts"
import { keyOf, misplaced, mutations } from "../../checks/mutationList.ts"

const packages = new URL("../../../", import.meta.url)

describe("the list of guards", () => {
  it("finds each of them exactly once in its file", () => {
    assert.deepStrictEqual(misplaced(packages), [])
  })

  it("has one of each file in internal/ that decides something", () => {
    assert.deepStrictEqual(gaps(packages), [], "each needs a guard, or one with a reason why no test can miss it")
  })

  it("has one name for each in the record", () => {
    assert.strictEqual(new Set(mutations.map(keyOf)).size, mutations.length)
  })
})

describe("a file decides something", () => {
  it.each([
    "if (a) b()",
    "f(a ? b : c)",
    "() => a && b",
    "class A { b = c || d }",
    "a ?? b",
    "a ??= b",
    "switch (a) {}"
  ])("with %s", (source) => assert.isTrue(hasBranch(source)))

  it("with nothing else, such as a loop, a type or an optional chain", () => {
    const sources = ["for (const a of b) c(a)", "type A<B> = B extends 1 ? 2 : 3", "a?.b(!c)", "// if (a) b()"]

    assert.deepStrictEqual(sources.filter(hasBranch), [])
  })
})
