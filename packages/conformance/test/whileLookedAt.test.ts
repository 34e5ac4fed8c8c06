/**
 * Looking changes nothing: scripts have CPython's traces, too, while their loops are observed and dumped at everything that happens.
 */
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { LoopRows } from "../../inspect/src/target/rows.ts"
import { divergenceOf } from "../src/comparison.ts"
import { readCorpus } from "../src/corpus.ts"
import { runScript as onCompat } from "../src/interpreter/compat/machine.ts"
import { runScript as onCore } from "../src/interpreter/core/machine.ts"
import { Unsupported } from "../src/interpreter/session.ts"

// Of the scripts, every tenth: all of them were tried when this was written, with 28,000 dumps.
const scripts = [...readCorpus("generated"), ...readCorpus("handwritten")].filter((_, i) => i % 10 === 0)

let dumps = 0
let stop = () => {}

beforeAll(() => {
  const rows = new LoopRows()
  stop = lowlevel.onLoopUnsafe((loop) => {
    const look = () => {
      dumps++
      JSON.stringify(rows.rowOf(loop))
    }
    lowlevel.observeUnsafe(loop, { stepBegins: look, waits: look, cancelRequested: look })
  })
})

afterAll(() => stop())

describe("scripts that are dumped at every step, wait and request", () => {
  it.each([
    ["core", onCore],
    ["compat", onCompat]
  ] as const)("have CPython's traces on %s", async (_, runScript) => {
    const before = dumps
    const diverging: Array<string> = []
    for (const script of scripts) {
      try {
        if (divergenceOf(script, { trace: await runScript(script) }) !== undefined) diverging.push(script.id)
      } catch (error) {
        if (!(error instanceof Unsupported)) throw error
      }
    }

    assert.deepStrictEqual(diverging, [])
    assert.isAbove(dumps - before, 500)
  })
})
