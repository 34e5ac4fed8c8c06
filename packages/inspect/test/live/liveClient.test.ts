import { assert, describe, it } from "vitest"
import { dumpOf } from "@effect-asyncio/inspect"
import { find } from "../../src/client/find.ts"
import { Picture } from "../../src/live/picture.ts"
import type { LivePiece } from "../../src/protocol.ts"
import { withService } from "../process.ts"

describe("live", () => {
  const service = withService()

  it("comes piece by piece, and ends with the connection", async () => {
    const connection = await find(String(service.program.pid), {})
    const picture = new Picture()
    let pieces = 0
    for await (const piece of connection.request({ request: "live" })) {
      picture.apply(piece as LivePiece, 0)
      if (++pieces === 3) break
    }
    connection.close()

    assert.include(picture.names(), "evil \u001B[31m\u202Ename\n")
    assert.deepStrictEqual(
      picture.loops.map(({ state }) => state),
      ["running"]
    )
  })

  it("gives one task with its stack, and none where there is none", async () => {
    const connection = await find(String(service.program.pid), {})
    const { loops } = await dumpOf(service.program.pid)
    const { id } = loops[0]!.tasks.find(({ name }) => name === "waiter")!

    const found = await connection.ask<{ task: { name: string; stack: ReadonlyArray<unknown> } }>({
      request: "task",
      task: id
    })
    const none = await connection.ask({ request: "task", task: 1_000_000 })
    connection.close()

    assert.deepStrictEqual([found.task.name, none], ["waiter", null])
  })
})
