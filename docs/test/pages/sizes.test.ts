import { assert, describe, it } from "vitest"
import {
  committed,
  committedEntries,
  measure,
  measureEntries,
  type Size
} from "../../../packages/tools/checks/sizes.ts"

/** Says what is written about something else, or is not true any more. */
const check = (written: ReadonlyArray<Size>, measured: ReadonlyArray<Size>): void => {
  assert.deepStrictEqual(
    written.map(({ name }) => name),
    measured.map(({ name }) => name)
  )
  // What is written has one place behind the point.
  const off = measured.filter(({ bytes }, n) => Math.abs(written[n]!.bytes - bytes) > bytes * 0.05 + 50)
  assert.deepStrictEqual(off, [], "npm run dev -- sizes --write")
}

describe("the sizes in README.md", () => {
  it("are of the programs that `npm run dev -- sizes` measures, and no more than 5 % off", async () => {
    check(committed(), await measure())
  })
})

describe("the sizes in the README.md of the server package", () => {
  it("are of the entries that it has, and no more than 5 % off", async () => {
    check(committedEntries(), await measureEntries())
  })
})
