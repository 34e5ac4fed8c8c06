// The table of docs/comparison.md: every "yes" and "no" in it is the answer of a program beside this file. A peer that a question is
// not asked has no call for it, which is a "no".
import { readFileSync } from "node:fs"
import { assert, beforeAll, describe, it } from "vitest"
import { cpython } from "./cpython.ts"
import { effection } from "./effection.ts"
import { fibers } from "./fibers.ts"
import { compat, core } from "./ours.ts"
import { p } from "./p.ts"
import { promises } from "./promises.ts"
import type { Peer } from "./question.ts"
import { rxjs } from "./rxjs.ts"
import { saga } from "./saga.ts"

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8")
const page = read("../../comparison.md")

/** The cells of the table that the programs answer. */
const table = page
  .slice(page.indexOf("## What was tried"), page.indexOf("## What their documentation says"))
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.includes("---"))
  .map((line) => line.split("|").slice(1, -1))
  .map((cells) => cells.map((cell) => cell.trim()))

const columns: Readonly<Record<string, Peer | (() => Promise<Peer>)>> = {
  promises,
  "p-map, p-queue": p,
  RxJS: rxjs,
  "redux-saga": saga,
  effection,
  "Effect's fibers": fibers,
  asyncio: cpython,
  "compat and core": compat
}

const rows: Readonly<Record<string, keyof Peer>> = {
  "one call stops work, and is over when it has cleaned up": "stopWaits",
  "what is stopped can hand over a result": "resultInSpite",
  "who waits for it is told why it was stopped": "reason",
  "one failure stops the others": "siblings",
  "of two failures in one moment, both are kept": "allFailures",
  "one call for: no more than two at a time": "limit",
  "an hour takes no time in a test": "virtualTime"
}

describe("docs/comparison.md", () => {
  let peers: ReadonlyArray<readonly [name: string, peer: Peer]>

  // Against a program that hangs only: CPython takes seconds to start.
  beforeAll(async () => {
    peers = await Promise.all(
      Object.entries(columns).map(
        async ([name, peer]) => [name, typeof peer === "function" ? await peer() : peer] as const
      )
    )
  }, 600_000)

  it("has a column for each peer, and a row for each question", () => {
    assert.deepStrictEqual(table[0], ["", ...Object.keys(columns)])
    assert.deepStrictEqual(
      table.slice(1).map(([question]) => question),
      Object.keys(rows)
    )
  })

  for (const [row, question] of Object.entries(rows)) {
    it(`says what the programs answer: ${row}`, async () => {
      const answers: Array<string> = []
      for (const [, peer] of peers) answers.push((await peer[question]?.()) === true ? "yes" : "no")

      const shown = table.find(([first]) => first === row)

      assert.deepStrictEqual(shown?.slice(1), answers)
    })

    it(`is the same in core: ${row}`, async () => {
      assert.strictEqual(await core[question]?.(), await compat[question]?.())
    })
  }

  it("names the versions that were tried", () => {
    const { devDependencies } = JSON.parse(read("../../package.json")) as {
      readonly devDependencies: Readonly<Record<string, string>>
    }

    for (const name of ["effection", "p-map", "p-queue", "redux-saga", "rxjs"]) {
      assert.include(page, `${name} ${devDependencies[name]}`)
    }
  })
})
