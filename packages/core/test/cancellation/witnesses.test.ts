import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"

describe("the witnesses of an instanceof CancelledError", () => {
  it("are all called, also where one has said yes", () => {
    const lines: Array<string> = []
    const witness = (name: string) =>
      lowlevel.setCancellationWitness(() => {
        lines.push(name)
        return true
      })
    const forget = ["first", "second"].map(witness)

    const seen = new Error("stopped") instanceof asyncio.CancelledError

    for (const each of forget) each()
    assert.deepStrictEqual([seen, lines], [true, ["first", "second"]])
  })
})
