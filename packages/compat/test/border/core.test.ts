// One task tree in both worlds.
import * as asyncio from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import { Context, Effect, Exit } from "effect"
import { assert, describe, it } from "vitest"
import { rejection, run, runningLoop, self, text } from "../support.ts"

/** Starts an Effect as a task of the loop of the task that calls. */
const startEffect = <A, E>(effect: Effect.Effect<A, E>, name?: string): asyncio.Task<A> =>
  asyncio.Task.of(Effect.runSyncWith(self().core.getContext())(core.createTask(effect, { name })))

describe("compat code", () => {
  it("awaits the result and the failure of a task that runs an Effect", () =>
    run(async () => {
      const succeeding = startEffect(Effect.as(core.sleep("1 second"), "from core"))
      const failing = startEffect(Effect.andThen(core.sleep(1), Effect.fail(new Error("typed"))))
      const dying = startEffect(Effect.die(new Error("defect")))

      const seen = [await succeeding, await text(failing), await text(dying), runningLoop().time()]

      assert.deepStrictEqual(seen, ["from core", "Error: typed", "Error: defect", 1000])
    }))

  it("sees the tasks of core in allTasks, with one wrapper each", () =>
    run(async () => {
      const task = startEffect(core.sleep(1), "effect")

      const all = [...asyncio.allTasks()]

      assert.strictEqual(all[1], task)
      assert.deepStrictEqual(
        all.map((each) => each.getName()),
        ["Task-1", "effect"]
      )
      await task
    }))

  it("cancels the Effect it waits for when it is cancelled", () =>
    run(async () => {
      const lines: Array<string> = []
      const effect = startEffect(
        core.sleep("1 day").pipe(Effect.onInterrupt(() => Effect.sync(() => lines.push("interrupted"))))
      )
      const waiting = asyncio.createTask(async () => effect)
      await asyncio.sleep(1)

      waiting.cancel("both")

      lines.push(await text(waiting))
      assert.deepStrictEqual([lines, effect.cancelled()], [["interrupted", "CancelledError: both"], true])
    }))

  it("gets the value of an Effect that refuses to be cancelled", () =>
    run(async () => {
      const effect = startEffect(
        core.catchCancelled(core.sleep("1 day"), (error) => Effect.succeed(`no: ${error.reason}`))
      )
      const waiting = asyncio.createTask(async () => effect)
      await asyncio.sleep(1)

      waiting.cancel("please")

      assert.strictEqual(await waiting, "no: please")
    }))

  it("cancels a task that hangs in a foreign Effect", () =>
    run(async () => {
      const effect = startEffect(Effect.never)
      await asyncio.sleep(1)

      effect.cancel("never say never")

      const error = await rejection(effect)
      assert.instanceOf(error, asyncio.CancelledError)
      assert.deepStrictEqual([error.reason, error.requestedBy?.name], ["never say never", "Task-1"])
    }))
})

describe("core code", () => {
  it("awaits a compat task, whose errors are typed failures", () =>
    run(async () => {
      const succeeding = asyncio.createTask(() => asyncio.sleep("1 second", "from compat"))
      const error = new Error("rejected")
      const failing = asyncio.createTask(() => Promise.reject(error))

      const seen = startEffect(
        Effect.gen(function* () {
          return [yield* succeeding.core, yield* Effect.exit(failing.core)] as const
        })
      )

      assert.deepStrictEqual(await seen, ["from compat", Exit.fail(error)])
    }))

  it("sees the cancellation of a compat task as a CancelledError it can catch by its tag", () =>
    run(async () => {
      const task = asyncio.createTask(() => asyncio.sleep("1 day"))
      const watching = startEffect(
        Effect.catchTag(task.core as core.Task<void>, "CancelledError", (error) =>
          Effect.succeed(`${error.requestedBy}: ${error.reason}`)
        )
      )
      await asyncio.sleep(1)

      task.cancel("shutting down")

      assert.strictEqual(await watching, "Task-1: shutting down")
    }))

  it("passes its own cancellation on to the compat task it awaits", () =>
    run(async () => {
      const lines: Array<string> = []
      const task = asyncio.createTask(async () => {
        try {
          await asyncio.sleep("1 day")
        } finally {
          await asyncio.sleep("1 second")
          lines.push("cleaned up")
        }
      })
      const effect = startEffect(task.core)
      await asyncio.sleep(1)

      effect.cancel("from core")

      lines.push(await text(effect))
      assert.deepStrictEqual([lines, task.cancelled()], [["cleaned up", "CancelledError: from core"], true])
    }))

  it("takes its steps in one queue with compat code", () =>
    run(async () => {
      const lines: Array<string> = []
      const effect = startEffect(
        Effect.gen(function* () {
          for (const n of [1, 2]) {
            lines.push(`core ${n}`)
            yield* core.sleep(0)
          }
        })
      )
      const task = asyncio.createTask(async () => {
        for (const n of [1, 2]) {
          lines.push(`compat ${n}`)
          await asyncio.sleep(0)
        }
      })

      await Promise.all([effect, task])

      assert.deepStrictEqual(lines, ["core 1", "compat 1", "core 2", "compat 2"])
    }))

  it("is given the services of the run", async () => {
    const Tenant = Context.Reference<string>("test/Tenant", { defaultValue: () => "nobody" })
    const context = Context.make(Tenant, "ada")

    const tenant = await run(() => startEffect(Effect.map(Tenant, (name) => name)), { context })

    assert.strictEqual(tenant, "ada")
  })
})
