import * as asyncio from "@effect-asyncio/compat"
import { assert, describe, it } from "vitest"
import { tasksOf } from "../../src/text/awaits.ts"
import { waitsText } from "../../src/text/wide.ts"
import { dumpHere } from "../support.ts"

describe("what a task waits for, in words", () => {
  it("has each task once, where one waits for a group and beside it", async () => {
    const texts = await asyncio.run(async () => {
      const hour = () => asyncio.sleep("1 hour")
      const main = asyncio.createTask(
        () =>
          Promise.all([
            asyncio.createTask(hour, { name: "beside" }),
            asyncio.taskGroup(async (group) => void group.createTask(hour, { name: "member" }))
          ]),
        { name: "main" }
      )
      await asyncio.sleep(1)
      const dump = dumpHere(asyncio.getRunningLoop().core)
      const [loop] = dump.loops
      main.cancel()
      return loop!.tasks.filter(({ name }) => name === "main").map((task) => waitsText(task, loop!, tasksOf(dump)))
    })

    assert.deepStrictEqual(texts, ["beside and group of member"])
  })
})
