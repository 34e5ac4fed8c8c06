import { assert, describe, it } from "vitest"
import { type Failure, firstLimit, firstMiss, type RunTests } from "../../checks/mutationVerdict.ts"

type Answer = "passes" | "fails" | "late"

/** Runs in which each file has the answers of a list, one after the other, and what was asked of them. */
const runs = (answers: Record<string, ReadonlyArray<Answer>>, longest = 0) => {
  const left = new Map(Object.entries(answers).map(([file, list]) => [file, [...list]]))
  const asked: Array<string> = []
  const run: RunTests = (files, limit, test) => {
    asked.push(`${files.join()} ${limit}${test === undefined ? "" : ` ${test}`}`)
    for (const file of files) {
      const answer = left.get(file)?.shift() ?? "passes"
      if (answer !== "passes") {
        return Promise.resolve({
          failure: { name: answer, test: `test of ${file}`, file, isSure: answer === "fails" },
          longest
        })
      }
    }
    return Promise.resolve({ failure: undefined, longest })
  }
  return { run, asked }
}

const missed = (failure: Failure | undefined) => failure && `${failure.file} ${failure.name}`

describe("when a test misses a guard", () => {
  it("does not when all tests pass, stage by stage", async () => {
    const [intact, changed] = [runs({}), runs({})]
    assert.strictEqual(await firstMiss([["a"], [], ["b", "c"]], intact.run, changed.run, new Set()), undefined)
    assert.deepStrictEqual(changed.asked, [`a ${firstLimit}`, `b,c ${firstLimit}`])
    assert.deepStrictEqual(intact.asked, [])
  })

  it("does when it fails, and its file passes with the guard, which is asked once", async () => {
    const [intact, changed, passing] = [runs({}), runs({ b: ["fails", "fails"] }), new Set<string>()]
    assert.strictEqual(missed(await firstMiss([["a"], ["b"], ["c"]], intact.run, changed.run, passing)), "b fails")
    assert.deepStrictEqual([intact.asked, changed.asked.length], [["b 60000"], 2])
    assert.strictEqual(missed(await firstMiss([["b"]], intact.run, changed.run, passing)), "b fails")
    assert.deepStrictEqual(intact.asked, ["b 60000"])
  })

  it("is not known where its file fails with the guard as well", async () => {
    const [intact, changed] = [runs({ b: ["fails"] }), runs({ b: ["fails"] })]
    const missing = firstMiss([["a", "b"]], intact.run, changed.run, new Set())
    assert.strictEqual(await missing.catch(String), "Error: the tests fail with all guards: b fails")
  })

  it("does when it runs out of time again, with many times the time that it takes with the guard", async () => {
    const [intact, changed] = [runs({}, 3000), runs({ b: ["late", "late"] })]
    assert.strictEqual(missed(await firstMiss([["a", "b", "c"]], intact.run, changed.run, new Set())), "b late")
    assert.deepStrictEqual(intact.asked, ["b 60000 test of b"])
    assert.deepStrictEqual(changed.asked, [`a,b,c ${firstLimit}`, "b 60000 test of b"])
  })

  it("does when it fails once it has more time", async () => {
    const [intact, changed] = [runs({}), runs({ b: ["late", "fails"] })]
    assert.strictEqual(missed(await firstMiss([["b"]], intact.run, changed.run, new Set())), "b fails")
  })

  it("does not when it only needed more time: those behind it are run", async () => {
    const [intact, changed] = [runs({}), runs({ b: ["late", "passes"] })]
    assert.strictEqual(missed(await firstMiss([["a", "b", "c"], ["d"]], intact.run, changed.run, new Set())), undefined)
    assert.deepStrictEqual(changed.asked, [
      `a,b,c ${firstLimit}`,
      "b 20000 test of b",
      `c ${firstLimit}`,
      `d ${firstLimit}`
    ])
  })

  it("does not when it runs out of time with the guard as well", async () => {
    const [intact, changed] = [runs({ b: ["late"] }), runs({ b: ["late"], c: ["fails"] })]
    assert.strictEqual(missed(await firstMiss([["a", "b", "c"]], intact.run, changed.run, new Set())), "c fails")
  })

  it("looks again at the first file when nothing tells which one failed", async () => {
    const intact = runs({})
    const changed: RunTests = () =>
      Promise.resolve({ failure: { name: "ends early", test: undefined, file: undefined, isSure: false }, longest: 0 })
    assert.strictEqual(missed(await firstMiss([["a", "b"]], intact.run, changed, new Set())), "a ends early")
  })
})
