import { assert, describe, it } from "vitest"
import * as asyncio from "@effect-asyncio/compat"
import { knownAs, whereText } from "../../src/text/where.ts"
import { dumpHere } from "../support.ts"

describe("where", () => {
  it("says who holds the lock that a task waits for, and what that one waits for, around a ring", async () => {
    const lines = await asyncio.run(async () => {
      const [alice, bob] = [new asyncio.Lock(), new asyncio.Lock()]
      const transfer = async (from: asyncio.Lock, to: asyncio.Lock) => {
        await from.acquire()
        await asyncio.sleep(0)
        await to.acquire()
      }
      const tasks = [
        asyncio.createTask(() => transfer(alice, bob), { name: "alice to bob" }),
        asyncio.createTask(() => transfer(bob, alice), { name: "bob to alice" })
      ]
      for (let iteration = 0; iteration < 4; iteration++) await asyncio.sleep(0)
      const dump = dumpHere(asyncio.getRunningLoop().core)
      for (const task of tasks) task.cancel()
      return whereText(knownAs(dump, "alice to bob")[0]!, dump)
    })

    assert.deepStrictEqual(lines.slice(1, 3), [
      "  waits for <Lock [locked, waiters:1]>.acquire, held by bob to alice",
      "    bob to alice, which waits for <Lock [locked, waiters:1]>.acquire, held by alice to bob"
    ])
  })
})
