// What a function of the program is called with: nothing, unless it declares that it wants to know.
import * as asyncio from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import { assert, describe, it } from "vitest"
import { run, self } from "../support.ts"

/** A function as a program has it, which was written before there were tasks. */
const main = async (port = 3000): Promise<unknown> => port

/** As TypeScript lets one hand it over where it does not look. */
const asBody = main as unknown as asyncio.AsyncFunction<unknown>
const asThunk: () => Promise<unknown> = main

/** A worker of Trio, whose `task_status` has a default: it can be run without a group, too. */
const asStart = async (started: ((value: string) => void) | undefined = () => {}): Promise<void> => started("ready")

describe("a function whose parameters all have defaults", () => {
  it("is run with its defaults by run and by a Runner", async () => {
    const runner = new asyncio.Runner()
    const seen = [await run(asBody), await runner.run(asBody)]
    await runner.close()

    assert.deepStrictEqual(seen, [3000, 3000])
  })

  it("is run with its defaults as a task, of the loop and of a group too", () =>
    run(async () => {
      const tasks = await asyncio.taskGroup((group) => [group.createTask(asBody)])
      tasks.push(asyncio.createTask(asBody), asyncio.getRunningLoop().createTask(asBody))

      assert.deepStrictEqual(await Promise.all(tasks), [3000, 3000, 3000])
    }))

  it("is run with its defaults by what waits for it", () =>
    run(async () => {
      const seen = [
        await asyncio.waitFor(asBody, 10),
        await asyncio.timeout(10, asThunk),
        await asyncio.shield(asBody),
        await asyncio.taskGroup(asThunk),
        (await asyncio.moveOn(10, asThunk)).value,
        await asyncio.shielded(asThunk),
        await asyncio.race([asBody]),
        await asyncio.staggered(10, [asBody]),
        ...(await asyncio.gather([asBody])),
        await new asyncio.Barrier(1).use(asThunk)
      ]

      assert.deepStrictEqual(seen, Array(10).fill(3000))
    }))

  it("is given what it is called for: a handler its task, the start of a group's task its started", () =>
    run(async () => {
      const named = (_: unknown, task: Partial<asyncio.Task<unknown>> = {}) => void names.push(task.getName?.())
      const names: Array<unknown> = []
      const background = new asyncio.BackgroundTasks({ onError: named })
      background.createTask(() => Promise.reject(new Error("lost")), { name: "background" })
      const started = await asyncio.taskGroup(
        async (group) => {
          group.createTask(() => Promise.reject(new Error("lost")), { name: "member" })
          return await group.start(asStart)
        },
        { onFailure: named }
      )

      assert.deepStrictEqual([started, names], ["ready", ["background", "member"]])
    }))

  it("is run with its defaults as a part of an Effect", async () => {
    assert.strictEqual(await core.run(asyncio.toEffect(asBody)), 3000)
  })
})

describe("a function that declares a parameter", () => {
  it("is given the task, the deadline, the group", () =>
    run(async () => {
      const seen = {
        name: await asyncio.createTask((task) => task.getName(), { name: "worker" }),
        isSelf: await asyncio.waitFor((task) => task === self(), 10),
        expired: await asyncio.timeout(10, (deadline) => deadline.expired()),
        isGroup: await asyncio.taskGroup((group) => group instanceof asyncio.TaskGroup),
        index: await new asyncio.Barrier(1).use((index) => index)
      }

      assert.deepStrictEqual(seen, { name: "worker", isSelf: true, expired: false, isGroup: true, index: 0 })
    }))
})
