/**
 * Several requests that several awaits of one function deliver: each is the task's own cancellation, whichever the function ends
 * with, so that no typed handler of an Effect around it takes one for a failure.
 */
import { assert, describe, it } from "vitest"
import * as asyncio from "@effect-asyncio/compat"
import { Effect } from "effect"
import { rejection, run, self } from "../support.ts"

const untilCancelled = async (): Promise<unknown> => {
  try {
    return await asyncio.sleep("1 hour")
  } catch (error) {
    return error
  }
}

const bodies: Record<string, () => Promise<void>> = {
  "one after the other": async () => {
    const first = await untilCancelled()
    await untilCancelled()
    throw first
  },
  "two in flight": async () => {
    const cleaning = asyncio.createTask(async () => {
      await untilCancelled()
      await asyncio.sleep(5)
    })
    const first = untilCancelled()
    const second = rejection(cleaning)
    await asyncio.sleep(1).catch(() => {})
    throw (await Promise.all([first, second]))[0]
  },
  "one in a timeout, one around it": async () => {
    const errors: Array<unknown> = []
    await asyncio.timeout("1 day", async () => errors.push(await untilCancelled()))
    errors.push(await untilCancelled())
    throw errors[0]
  }
}

describe("two requests that awaits of one function deliver", () => {
  for (const [name, body] of Object.entries(bodies)) {
    it(`stay the task's own for the Effect around toEffect: ${name}`, () =>
      run(async () => {
        const lines: Array<string> = []
        const program = asyncio.toEffect(body).pipe(
          Effect.catch((error) => Effect.sync(() => void lines.push(`caught ${String(error)}`))),
          Effect.onExit((exit) => Effect.sync(() => lines.push(exit._tag)))
        )
        const task = asyncio.createTask(program)
        await asyncio.sleep(0.5)
        task.cancel("first")
        await asyncio.sleep(2)
        task.cancel("second")

        const error = await rejection(task)

        assert.instanceOf(error, asyncio.CancelledError)
        assert.deepStrictEqual(
          { lines, reason: error.reason, cancelled: task.cancelled() },
          { lines: ["Failure"], reason: "first", cancelled: true }
        )
        assert.isFalse(self().cancelled())
      }))
  }
})
