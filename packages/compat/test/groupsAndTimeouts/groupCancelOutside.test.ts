/**
 * `group.cancel()` takes back the one request that it made; what others ask for while the group ends goes on. Both forms of a group.
 */
import * as asyncio from "@effect-asyncio/compat"
import { assert, describe, it } from "vitest"
import { rejection, run, runningLoop, self } from "../support.ts"

const slowChild = async (): Promise<void> => {
  try {
    await asyncio.sleep("1 hour")
  } finally {
    await asyncio.sleep(100)
  }
}

type Body = (group: asyncio.TaskGroup) => Promise<unknown>

const forms: Record<string, (body: Body) => Promise<unknown>> = {
  "taskGroup()": (body) => asyncio.taskGroup(body),
  "await using": async (body) => {
    await using group = new asyncio.TaskGroup()
    await body(group)
  }
}

for (const [form, grouped] of Object.entries(forms)) {
  describe(`a group of ${form} that was cancelled by group.cancel`, () => {
    const cancelAfter = (before: () => void, after: () => void) => async () => {
      await grouped(async (group) => {
        group.createTask(slowChild)
        await asyncio.sleep(10)
        before()
        group.cancel()
        after()
      })
      return "went on"
    }
    const nothing = () => {}
    const cancelSelf = () => void self().cancel("outer")

    for (const [place, body] of Object.entries({
      before: cancelAfter(cancelSelf, nothing),
      behind: cancelAfter(nothing, cancelSelf)
    })) {
      it(`passes on what was asked of its task ${place} it, in the same step`, () =>
        run(async () => {
          const task = asyncio.createTask(body)

          const error = await rejection(task)

          assert.instanceOf(error, asyncio.CancelledError)
          assert.deepStrictEqual([task.cancelled(), runningLoop().time()], [true, 110])
        }))
    }

    it("passes on what is asked of its task while it waits for its members", () =>
      run(async () => {
        const task = asyncio.createTask(cancelAfter(nothing, nothing))
        await asyncio.sleep(60)
        task.cancel("outer")

        const error = await rejection(task)

        assert.instanceOf(error, asyncio.CancelledError)
        assert.deepStrictEqual([error.reason, error.requestedBy?.name, runningLoop().time()], ["outer", "Task-1", 110])
      }))

    it("passes on the cancellation of a timeout around it", () =>
      run(async () => {
        const error = await rejection(asyncio.timeout(50, cancelAfter(nothing, nothing)))

        assert.instanceOf(error, asyncio.TimeoutError)
        assert.strictEqual(runningLoop().time(), 110)
      }))

    it("passes on the cancellation of a group around it, whose body ends there", () =>
      run(async () => {
        const lines: Array<string> = []
        await asyncio.taskGroup(async (outer) => {
          runningLoop().callLaterUnsafe(30, () => outer.cancel())
          lines.push(await cancelAfter(nothing, nothing)())
        })
        assert.deepStrictEqual([...lines, runningLoop().time()], [110])
      }))

    it("goes on where nobody else has asked", () =>
      run(async () => {
        assert.strictEqual(await cancelAfter(nothing, nothing)(), "went on")
      }))
  })
}
