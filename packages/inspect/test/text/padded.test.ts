// Columns line up where characters are wider, or narrower, than one.
import { assert, describe, it } from "vitest"
import { psTable } from "@effect-asyncio/inspect"
import type { Dump, TaskRow } from "../../src/protocol.ts"
import { table } from "../../src/text/table.ts"
import { hello } from "../support.ts"

/** A name, and in how many columns of a terminal it stands. */
const names = [
  ["worker", 6],
  ["日本語", 6],
  ["한국어", 6],
  ["ＦＵＬＬ", 8],
  ["ﾊﾝｶｸ", 4],
  ["😀", 2],
  ["🇨🇭", 2],
  ["👍🏽", 2],
  ["❤️", 2],
  // An accent of its own, of a letter with one that has it in it, and of none.
  ["cafe\u0301", 4],
  ["caf\u00E9", 4],
  ["\u0301", 0]
] as const

describe("a table", () => {
  it.each(names)("has %j in as many columns as a terminal", (name, width) => {
    const [, row] = table(["a name", "next"], [[name, "x"]])

    const wide = Math.max(width, "a name".length)
    assert.strictEqual(row, `${name}${" ".repeat(wide - width)}  x`)
  })

  it("is as wide as what is widest in it", () => {
    assert.deepStrictEqual(
      table(
        ["name", "next"],
        [
          ["日本語", "x"],
          ["worker", "y"]
        ]
      ),
      ["name    next", "日本語  x", "worker  y"]
    )
  })
})

describe("ps", () => {
  it("fills up by code points, as Python's format does", () => {
    const task: TaskRow = {
      id: 1,
      name: "😀",
      labels: {},
      createdAt: 0,
      detached: false,
      state: "pending",
      cancelling: 0,
      awaiters: [],
      waits: [],
      stack: [{ name: "main" }]
    }
    const loop = { time: 0, state: "running", debug: false, ready: 0, timers: 0, tasks: [task], ended: [], objects: [] }
    const dump = { protocol: 1, process: hello, takenAt: "", loops: [loop] } as Dump

    // f"{'😀':<20}" of Python.
    assert.include(psTable(dump)[2], ` 😀${" ".repeat(19)} main`)
  })
})
