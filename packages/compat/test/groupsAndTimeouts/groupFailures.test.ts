import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/compat"
import { rejection, run, runningLoop, text } from "../support.ts"

const hour = () => asyncio.sleep("1 hour")
const failsAt = (time: number, error: string) => async () => {
  await asyncio.sleep(time)
  throw new Error(error)
}
const errorsOf = async (promise: Promise<unknown>) =>
  ((await rejection(promise)) as asyncio.ExceptionGroup).errors.map(String)

describe("a group whose members may fail", () => {
  it("collects failures, and fails with them when all are done", () =>
    run(async () => {
      const lines: Array<unknown> = []
      const grouped = asyncio.taskGroup(
        async (group) => {
          group.createTask(failsAt(1, "first"))
          group.createTask(failsAt(3, "second"))
          lines.push(await group.createTask(() => asyncio.sleep(10, "good")))
        },
        { onFailure: "collect" }
      )
      lines.push(await errorsOf(grouped), runningLoop().time())
      assert.deepStrictEqual(lines, ["good", ["Error: first", "Error: second"], 10])
    }))

  it("does not fail when its handler ends well, which runs in a task of the group", () =>
    run(async () => {
      const lines: Array<unknown> = []
      const result = await asyncio.taskGroup(
        async (group) => {
          group.createTask(failsAt(1, "boom"), { name: "bad" })
          return "result"
        },
        {
          onFailure: async (error, task) => {
            await asyncio.sleep(5)
            lines.push(String(error), task.getName(), asyncio.currentTask()?.getName())
          }
        }
      )
      lines.push(result, runningLoop().time())
      assert.deepStrictEqual(lines, ["Error: boom", "bad", "Task-2", "result", 6])
    }))

  it("fails with what its handler throws, and cancels the rest", () =>
    run(async () => {
      const lines: Array<unknown> = []
      const grouped = asyncio.taskGroup(
        async (group) => {
          group.createTask(() => hour().finally(() => lines.push("cancelled")))
          group.createTask(failsAt(1, "boom"))
          await hour()
        },
        {
          onFailure: (error) => {
            throw new Error(`handled ${String(error)}`)
          }
        }
      )
      lines.push(await errorsOf(grouped))
      assert.deepStrictEqual(lines, ["cancelled", ["Error: handled Error: boom"]])
    }))

  it("can be gone through", () =>
    run(async () => {
      await asyncio.taskGroup(async (group) => {
        const slow = group.createTask(hour, { name: "slow" })
        group.createTask(() => asyncio.sleep(1))
        await asyncio.sleep(5)
        assert.deepStrictEqual([...group], [slow])
        for (const task of group) task.cancel()
      })
    }))

  it("refuses what is neither a word nor a function", () =>
    run(async () => {
      const group = (options: unknown) => text(asyncio.taskGroup(() => {}, options as never))
      assert.deepStrictEqual(
        [await group(5), await group({ onFailure: "ignore" }), await group({ onFailure: function* () {} })],
        [
          "TypeError: an object of options was expected by taskGroup(), got 5",
          `TypeError: "cancel", "collect" or a function was expected for onFailure of a task group, got 'ignore'`,
          "TypeError: a function was expected by taskGroup(), got the generator function onFailure"
        ]
      )
    }))
})

describe("group.start", () => {
  it("waits until the task says that it is ready, and gives what it says", () =>
    run(async () => {
      await asyncio.taskGroup(async (group) => {
        const port = await group.start<number>(async function serve(started) {
          await asyncio.sleep(5)
          started(8080)
          await hour()
        })
        assert.deepStrictEqual([port, runningLoop().time()], [8080, 5])
        assert.include(String([...group][0]), "coro=<serve() running>")
        await group.start((started) => started())
        group.cancel()
      })
    }))

  it("fails with the failure of a task that was not ready, and the group does not", () =>
    run(async () => {
      const lines: Array<string> = []
      await asyncio.taskGroup(async (group) => {
        lines.push(await text(group.start(failsAt(1, "port in use"))))
        lines.push(await text(group.start(() => asyncio.sleep(1), { name: "mute" })))
        lines.push(await text(group.start(5 as never)))
      })
      assert.deepStrictEqual(lines, [
        "Error: port in use",
        "RuntimeError: mute has ended without calling started()",
        "TypeError: a function was expected by start(), got 5"
      ])
    }))

  it("cancels the task when the one who waits is cancelled, and waits for its cleanup", () =>
    run(async () => {
      await asyncio.taskGroup(async (group) => {
        const starting = () => group.start(() => hour().finally(() => asyncio.sleep(7)))
        const { timedOut } = await asyncio.moveOn(5, starting)
        assert.deepStrictEqual([timedOut, runningLoop().time(), [...group]], [true, 12, []])
      })
    }))

  it("cancels the task when the one who waits has ended without it", () =>
    run(async () => {
      await asyncio.taskGroup(async (group) => {
        const starter = asyncio.createTask(async () => {
          group.start(hour).catch(() => {})
          await asyncio.sleep(1)
        })
        await starter
        await asyncio.sleep(1)
        assert.deepStrictEqual([...group], [])
      })
      assert.strictEqual(runningLoop().time(), 2)
    }))

  it("leaves what fails afterwards to the group, also one with await using", () =>
    run(async () => {
      const grouped = asyncio.taskGroup(async (group) => {
        await group.start((started) => {
          started()
          return failsAt(1, "later")()
        })
        await hour()
      })
      assert.deepStrictEqual(await errorsOf(grouped), ["Error: later"])
      const block = async () => {
        await using group = new asyncio.TaskGroup()
        await group.start(async (started) => {
          await asyncio.sleep(1)
          started()
        })
      }
      await block()
    }))
})
