import { assert, describe, it } from "vitest"
import * as asyncio from "@effect-asyncio/compat"
import { run, runningLoop, text, thrown } from "../support.ts"

const hour = () => asyncio.sleep("1 hour")

describe("promote", () => {
  it("has the group end without the task, which goes on, and which a stop of the tree spares", () =>
    run(async () => {
      const session = asyncio.createTask(async () => {
        const build = await asyncio.taskGroup(
          async (group) => {
            group.createTask(() => asyncio.sleep(5))
            const build = group.createTask(hour, { name: "build" })
            runningLoop().callLaterUnsafe(1, () => asyncio.promote(build))
            return { build }
          },
          { promotable: true }
        )
        return { ...build, time: runningLoop().time() }
      })
      const { build, time } = await session

      const asked = asyncio.cancelTree(session)
      await asyncio.sleep(1)

      assert.deepStrictEqual(
        { time, asked, done: build.done(), detached: build.detached },
        { time: 5, asked: [], done: false, detached: true }
      )
    }))

  it("is refused twice, without the group's consent, and where there is no group", () =>
    run(async () => {
      const call = (task: unknown) => thrown(() => asyncio.promote(task as never))
      const plain = asyncio.createTask(hour, { name: "plain" })
      const twice = await asyncio.taskGroup(
        async (group) => {
          const task = group.createTask(hour, { name: "member" })
          asyncio.promote(task)
          return call(task)
        },
        { promotable: true, onFailure: () => {} }
      )
      const kept = await asyncio.taskGroup(async (group) => {
        const refused = call(group.createTask(hour, { name: "kept" }))
        group.cancel()
        return { refused }
      })

      assert.deepStrictEqual(
        [
          twice,
          call(plain),
          kept?.refused,
          call("member"),
          await text(asyncio.taskGroup(async () => {}, { promotable: "yes" as never }))
        ],
        [
          "RuntimeError: member was promoted already",
          "RuntimeError: plain cannot be promoted: it is in no task group",
          "RuntimeError: kept cannot leave its task group",
          "TypeError: a task was expected by promote(), got 'member'",
          "TypeError: true or false was expected for promotable of a task group, got 'yes'"
        ]
      )
    }))
})
