// A file has one concept, and a function one job: trace.test.ts says it of core and compat, and this of all other packages.
import { assert, describe, it } from "vitest"
import { type Sizes, sizesOfOthers } from "../../checks/limits.ts"

/** Files that are a list, which has a line or more for each of its entries. */
const lists: ReadonlySet<string> = new Set(["tools/checks/mutationsElsewhere.ts", "tools/runtimes/testRunner/skips.ts"])

/** The functions that are larger, with the lines that they have: they may only shrink. */
const larger: Sizes = { "tools/checks/mutationCopy.ts": 58 }

const over = (sizes: Sizes, limit: number): Sizes =>
  Object.fromEntries(Object.entries(sizes).filter(([, size]) => size > limit))

describe("outside of core and compat", () => {
  const { files, functions } = sizesOfOthers()

  it("the sources are found, of the packages and of their tools", () => {
    assert.includeMembers(Object.keys(files), ["inspect/src/target/agent.ts", "tools/checks/limits.ts"])
    assert.notInclude(Object.keys(files).join(), "core/src/Task")
  })

  it("a file has less than 450 lines", () => {
    assert.deepStrictEqual(
      Object.keys(over(files, 449)).filter((file) => !lists.has(file)),
      []
    )
  })

  it("a function has less than 45 lines of code, without those in it", () => {
    assert.deepStrictEqual(over(functions, 44), larger)
  })
})
