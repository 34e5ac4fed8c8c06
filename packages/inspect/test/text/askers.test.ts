import { assert, describe, it } from "vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { Agent } from "../../src/target/agent.ts"
import { knownAs, whereText } from "../../src/text/where.ts"
import { dumpHere } from "../support.ts"

describe("the chain of a cancellation", () => {
  it("goes from who has asked a task to who has asked that one, with kinds and reasons", async () => {
    const lines = await asyncio.run(
      Effect.gen(function* () {
        const agent = new Agent()
        agent.observe()
        const loop = yield* asyncio.getRunningLoop
        const gate = loop.createFutureUnsafe<void>()
        const stubborn = Effect.onInterrupt(asyncio.sleep("1 hour"), () => gate)
        const child = yield* asyncio.createTask(stubborn, { name: "child" })
        const parent = yield* asyncio.createTask(
          Effect.onInterrupt(asyncio.sleep("1 hour"), () => Effect.andThen(child.cancel("with its parent"), gate)),
          { name: "parent" }
        )
        yield* asyncio.sleep(0)
        yield* parent.cancel("enough", { kind: "shutdown" })
        yield* asyncio.sleep(0)
        yield* asyncio.sleep(0)
        const dump = dumpHere(loop, agent)
        agent.stop()
        gate.setResultUnsafe(undefined)
        return whereText(knownAs(dump, "child")[0]!, dump)
      })
    )

    const chain = lines.filter((line) => line.includes("asked")).map((line) => line.replace(/, \d+ms ago$/, ""))
    assert.deepStrictEqual(chain, [
      "  asked to cancel itself: requested by parent: with its parent",
      "    parent was asked itself: shutdown by Task-1: enough"
    ])
  })
})
