import { assert, describe, it } from "vitest"
import * as asyncio from "@effect-asyncio/compat"
import { run } from "../support.ts"

describe("endedTasks", () => {
  it("tells how the last tasks have ended, why, and how long they took", () =>
    run(async () => {
      const loop = asyncio.getRunningLoop()
      asyncio.keepEndedTasks(2)
      const unseen = asyncio.createTask(() => {}, { name: "unseen" })
      const slow = asyncio.createTask(() => asyncio.sleep("1 hour"), { name: "slow", labels: { job: 17 } })
      const failing = asyncio.createTask(() => Promise.reject(new Error("boom")), { name: "failing" })
      await asyncio.sleep(10)

      slow.cancel("stop")
      await asyncio.wait([unseen, slow, failing])

      assert.deepStrictEqual(
        loop.endedTasks.map(({ duration, error, kind, labels, name, outcome, reason, requestedBy }) => [
          name,
          labels,
          outcome,
          error ?? kind,
          reason,
          requestedBy?.name,
          duration
        ]),
        [
          ["failing", {}, "failed", "Error: boom", undefined, undefined, 0],
          ["slow", { job: 17 }, "cancelled", "requested", "stop", "Task-1", 10]
        ]
      )
    }))
})
