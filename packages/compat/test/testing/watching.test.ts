import { assert, describe, it } from "vitest"
import * as asyncio from "@effect-asyncio/compat"
import { type LoopEvent, makeVirtualTimeLoop } from "@effect-asyncio/compat/testing"

describe("watching a loop of promise code", () => {
  it("tells what async functions wait for, and of their cancellations", async () => {
    const lines: Array<string> = []
    const onEvent = (event: LoopEvent) => {
      const wait = event.type === "stepEnded" ? ` ${event.waitingFor?.kind}` : ""
      lines.push(`${event.task.loop.time()} ${event.task.getName()} ${event.type}${wait}`)
    }
    async function main() {
      const worker = asyncio.createTask(() => asyncio.sleep("1 hour"), { name: "worker" })
      await asyncio.sleep(0)
      await asyncio.sleep(5)
      worker.cancel()
      await asyncio.wait([worker])
    }

    await asyncio.run(main, { loopFactory: (options) => makeVirtualTimeLoop({ ...options, onEvent }) })

    // What stands behind an await runs in microtasks, when the step that resolved its promise is over.
    assert.deepStrictEqual(lines, [
      "0 Task-1 created",
      "0 Task-1 stepStarted",
      "0 worker created",
      "0 Task-1 stepEnded iteration",
      "0 worker stepStarted",
      "0 worker stepEnded sleep",
      "0 Task-1 stepStarted",
      "0 Task-1 stepEnded elsewhere",
      "0 Task-1 stepEnded sleep",
      "5 Task-1 stepStarted",
      "5 Task-1 stepEnded elsewhere",
      "5 worker cancelRequested",
      "5 Task-1 stepEnded tasks",
      "5 worker stepStarted",
      "5 worker stepEnded elsewhere",
      "5 worker done",
      "5 Task-1 stepStarted",
      "5 Task-1 stepEnded elsewhere",
      "5 Task-1 done"
    ])
  })
})
