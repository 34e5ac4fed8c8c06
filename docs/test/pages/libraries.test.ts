import { readFileSync } from "node:fs"
import { assert, describe, it } from "vitest"
import {
  librariesDoc,
  librariesDocPath,
  libraryResults,
  sectionOf,
  verdictOf
} from "../../../packages/tools/docs/libraries.ts"

describe("docs/with-your-libraries.md", () => {
  const { rows } = libraryResults()
  const names = (some: typeof rows) => some.map(({ library, operation }) => `${library}: ${operation}`)

  it("is what `npm run dev -- libraries:docs` writes", () => {
    assert.strictEqual(readFileSync(librariesDocPath, "utf8"), librariesDoc())
  })

  it("has a place for every library", () => {
    assert.deepStrictEqual(names(rows.filter(({ library }) => sectionOf(library) === undefined)), [])
  })

  it("tells of every usage that all seven ways were tried and went right", () => {
    assert.deepStrictEqual(names(rows.filter((row) => verdictOf(row) !== "right")), [])
    assert.deepStrictEqual(names(rows.filter(({ ways }) => Object.keys(ways).length !== 7)), [])
  })

  it("names a recipe for what does not stop by a signal or by its own awaits", () => {
    assert.deepStrictEqual(names(rows.filter(({ means, recipe }) => means === "abortable" && recipe === undefined)), [])
  })

  it("says what was wrong, and what was not tried", () => {
    const row = { library: "pg", operation: "query", means: "abortable", rounds: 200 } as const

    assert.strictEqual(verdictOf({ ...row, ways: { uncaught: "right", caught: "wrong" } }), "wrong: caught")
    assert.strictEqual(verdictOf({ ...row, ways: { uncaught: "skipped", caught: "skipped" } }), "not tried")
  })
})
