/**
 * What has gone wrong elsewhere is found, and so is what is left out of our own code on purpose; nothing is found where it is mended.
 *
 * How many runs each took is kept in known/runs.json, of which the tables of docs/testing-concurrent-code.md are made; `vitest --update`
 * writes it anew.
 */
import { assert, describe, expect, it } from "vitest"
import { effectPermits } from "./known/effectPermits.ts"
import { hunt, mutants } from "./known/mutants.ts"
import { nodeRaces } from "./known/nodeRaces.ts"
import { failureOf } from "./support.ts"

// In milliseconds: each is a process of its own, which takes a second where nothing else runs.
const timeout = 300_000

const found: Record<string, number> = {}

describe("what has gone wrong elsewhere is found, and is not there where it is mended", () => {
  for (const { about, find, mended, name } of [...effectPermits, ...nodeRaces]) {
    it(`${name}: ${about}`, async () => {
      const failure = await failureOf(find())

      assert.isAbove(failure.runs, 1, "a usual run does not find it")
      found[name] = failure.runs
      await mended()
    })
  }
})

describe("what is left out of our own code is found by a sweep, and by no plain run", () => {
  for (const [index, { about }] of mutants.entries()) {
    it.concurrent(about, { timeout }, async () => {
      const { isPlain, program, runs } = await hunt(index)

      assert.deepStrictEqual({ isMissed: program === undefined, isPlain }, { isMissed: false, isPlain: false }, program)
      found[about] = runs
    })
  }
})

describe("how many runs each took", () => {
  it("is what is kept", async ({ skip }) => {
    const names = [...[...effectPermits, ...nodeRaces].map(({ name }) => name), ...mutants.map(({ about }) => about)]
    skip(
      names.some((name) => found[name] === undefined),
      "some were not tried"
    )

    const runs = Object.fromEntries(names.map((name) => [name, found[name]]))
    await expect(`${JSON.stringify(runs, undefined, 2)}\n`).toMatchFileSnapshot("known/runs.json")
  })
})
