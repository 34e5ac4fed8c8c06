import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { isShown } from "../../microbenchmarks/page.ts"
import { measure, type Results } from "../../microbenchmarks/results.ts"
import { withFolder } from "../process.ts"

let files: ReturnType<typeof withFolder>
let found: Results

beforeAll(async () => {
  files = withFolder()
  found = await measure()
}, 120_000)

afterAll(() => files.remove())

describe("of the 69 programs by which Go tests its profile of leaked goroutines", () => {
  it("leaks finds the tasks that nothing can wake", () => {
    assert.deepStrictEqual(
      found.results.map(({ byLeaks, program }) => [program.name, byLeaks]),
      found.results.map(({ program }) => [program.name, program.lost.length])
    )
    assert.lengthOf(found.results, 69)
  })

  it("the report of a deadlock names them", () => {
    assert.deepStrictEqual(
      found.results.map(({ byDeadlock, program }) => [program.name, byDeadlock]),
      found.results.map(({ program }) => [program.name, program.lost.length])
    )
  })

  it("no task is named that something can wake", () => {
    assert.deepStrictEqual(found.falsePositives, [])
    assert.isAbove(found.healthy, 100)
  })

  it("the page shows what was found", () => {
    assert.isTrue(isShown(found), "npm run dev -- leaks:programs --save")
  })
})
