// What is made behind an `await` starts with the values of the task that makes it, as what is made before.
import * as asyncio from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { assert, describe, it } from "vitest"
import { run } from "../support.ts"

const user = asyncio.ContextVar.make("user", { defaultValue: "nobody" })

/** Sets the value, and goes on behind an await. */
const setBehindAwait = async () => {
  user.set("too early")
  await asyncio.sleep(0)
  await Promise.resolve()
  user.set("ada")
}

const seenIn = async (start: (see: () => void) => unknown): Promise<ReadonlyArray<string>> => {
  const seen: Array<string> = []
  await setBehindAwait()
  await start(() => seen.push(user.get()))
  user.set("too late")
  await asyncio.sleep(2)
  return seen
}

describe("behind an await, a task's values are copied to", () => {
  const makers: Record<string, (see: () => void) => unknown> = {
    createTask: (see) => void asyncio.createTask(see),
    gather: (see) => void asyncio.gather([see]),
    shield: (see) => void asyncio.shield(see),
    ensureFuture: (see) => void asyncio.ensureFuture(see),
    "TaskGroup.createTask": (see) => asyncio.taskGroup((group) => void group.createTask(see)),
    callSoon: (see) => void asyncio.getRunningLoop().callSoon(see),
    callLater: (see) => void asyncio.getRunningLoop().callLater(1, see),
    callAt: (see) => void asyncio.getRunningLoop().callAt(1, see),
    addDoneCallback: (see) => {
      const future = asyncio.getRunningLoop().createFuture<void>()
      future.addDoneCallback(see)
      future.setResult()
    }
  }

  it.each(Object.entries(makers))("what %s makes", async (_, start) => {
    assert.deepStrictEqual(await run(() => seenIn(start)), ["ada"])
  })

  it("a task in a loop that core made", async () => {
    const program = asyncio.toEffect(() => seenIn(makers.createTask!))

    assert.deepStrictEqual(await core.run(program, { loopFactory: makeVirtualTimeLoop }), ["ada"])
  })

  it("nothing of another loop", async () => {
    const seen: Array<string> = []
    const other = new asyncio.Runner({ handleSigint: false, loopFactory: makeVirtualTimeLoop })
    await other.run(() => {})

    await run(async () => {
      await setBehindAwait()
      other.getLoop().callSoon(() => seen.push(user.get()))
    })

    await other.run(() => {})
    await other.close()
    assert.deepStrictEqual(seen, ["nobody"])
  })
})

it("names the task that cancels behind an await, by core's own method as well", () =>
  run(async () => {
    const task = asyncio.createTask(() => asyncio.sleep("1 day"))
    await asyncio.sleep(0)
    await Promise.resolve()

    task.core.cancelUnsafe()

    const error = await task.catch((error: unknown) => error)
    assert.strictEqual((error as asyncio.CancelledError).requestedBy?.name, "Task-1")
  }))
