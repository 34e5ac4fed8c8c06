// Who asked, and why, is known wherever a cancellation arrives; `message` stays asyncio's.
import * as asyncio from "@effect-asyncio/compat"
import { Effect } from "effect"
import { assert, describe, it } from "vitest"
import { rejection, run, runningLoop } from "../support.ts"

const why = (error: unknown): string =>
  error instanceof asyncio.CancelledError
    ? `cancelled by ${error.requestedBy}: ${error.reason} (${error.message})`
    : String(error)

const hour = () => asyncio.sleep("1 hour")

/** Waits, and notes why it ended. */
const noting = async (lines: Array<string>, name: string, wait: () => Promise<unknown> = hour): Promise<void> => {
  try {
    await wait()
  } catch (error) {
    lines.push(`${name}: ${why(error)}`)
    throw error
  }
}

describe("a cancellation says who asked and why", () => {
  it("to the cleanup of a body whose time was up", () =>
    run(async () => {
      const lines: Array<string> = []
      await rejection(asyncio.timeout(5, () => noting(lines, "body")))
      await rejection(asyncio.timeout(5, () => noting(lines, "foreign", () => asyncio.runEffect(Effect.never))))
      await rejection(
        (async () => {
          await using _ = asyncio.timeout(5)
          await noting(lines, "block")
        })()
      )

      assert.deepStrictEqual(lines, [
        "body: cancelled by Task-1: the time was up ()",
        "foreign: cancelled by Task-1: the time was up ()",
        "block: cancelled by Task-1: the time was up ()"
      ])
    }))

  it("to the body and the members of a group", () =>
    run(async () => {
      const lines: Array<string> = []
      const grouped = (name: string, body: (group: asyncio.TaskGroup) => unknown) =>
        asyncio.createTask(
          () =>
            asyncio.taskGroup(async (group) => {
              group.createTask(() => noting(lines, `member ${name}`))
              await asyncio.sleep(1)
              body(group)
              await noting(lines, `body ${name}`)
            }),
          { name }
        )
      const fail = () => Promise.reject(new Error("boom"))

      await grouped("stopped", (group) => group.cancel())
      await rejection(grouped("failed", (group) => group.createTask(fail, { name: "bad" })))
      const asked = grouped("asked", () => {})
      await asyncio.sleep(2)
      asked.cancel("stop")
      await rejection(asked)

      assert.deepStrictEqual(lines, [
        "member stopped: cancelled by stopped: its task group was cancelled ()",
        "body stopped: cancelled by stopped: its task group was cancelled ()",
        "member failed: cancelled by bad: bad of its task group has failed ()",
        "body failed: cancelled by bad: bad of its task group has failed ()",
        "body asked: cancelled by Task-1: stop (stop)",
        "member asked: cancelled by Task-1: stop ()"
      ])
    }))

  for (const [place, wait] of Object.entries({
    "an own wait": hour,
    "an Effect": () => asyncio.runEffect(Effect.never)
  })) {
    for (const first of ["timeout", "request"]) {
      it(`to the task where a request and a timeout meet in one iteration at ${place}, the ${first} first`, () =>
        run(async () => {
          const cancel = () => void task.core.cancelUnsafe("stop", undefined, "signal")
          // Timers that are due at one time ring in the order they were made.
          if (first === "request") runningLoop().callLaterUnsafe(20, cancel)
          const task = asyncio.createTask(() => asyncio.timeout(20, wait))
          await asyncio.sleep(0)
          if (first === "timeout") runningLoop().callLaterUnsafe(20, cancel)

          const error = await rejection(task)

          assert.match(why(error), /^cancelled by signal: stop/)
        }))
    }
  }

  it("to the task whose timeout is up in an uninterruptible part of an Effect, where the request comes behind", () =>
    run(async () => {
      const task = asyncio.createTask(() =>
        asyncio.timeout(1, () => asyncio.runEffect(Effect.uninterruptible(Effect.sleep(10))))
      )
      await asyncio.sleep(5)
      task.cancel("stop")

      assert.match(why(await rejection(task)), /^cancelled by Task-1: stop/)
    }))

  it("with the last of two requests that meet before an Effect is interrupted", () =>
    run(async () => {
      const task = asyncio.createTask(() => Promise.all([asyncio.runEffect(Effect.never), asyncio.sleep("1 hour")]))
      const effect = asyncio.createTask(() => asyncio.runEffect(Effect.never))
      await asyncio.sleep(1)
      for (const reason of ["first", "second"]) for (const each of [task, effect]) each.cancel(reason)

      assert.match(why(await rejection(effect)), /second/)
      assert.match(why(await rejection(task)), /first|second/)
    }))

  it("where a failed group asks again, in the await that follows", () =>
    run(async () => {
      const task = asyncio.createTask(async () => {
        await rejection(
          asyncio.taskGroup(async (group) => {
            group.createTask(async () => {
              await hour().catch(() => {})
              throw new Error("cleanup")
            })
            await hour()
          })
        )
        await hour()
      })
      await asyncio.sleep(1)
      task.cancel("stop")

      assert.strictEqual(why(await rejection(task)), "cancelled by Task-1: stop ()")
    }))

  it("in the results of a gather, and to what is left when the run is over", async () => {
    const lines: Array<string> = []
    await run(async () => {
      const task = asyncio.createTask(hour)
      asyncio.createTask(() => noting(lines, "left"))
      await asyncio.sleep(0)
      task.cancel("stop")
      const [result] = await asyncio.gather([task], { returnExceptions: true })
      lines.push(`gathered: ${why(result.status === "rejected" && result.reason)}`)
    })

    assert.deepStrictEqual(lines, [
      "gathered: cancelled by Task-1: stop ()",
      "left: cancelled by undefined: its run is over ()"
    ])
  })
})
