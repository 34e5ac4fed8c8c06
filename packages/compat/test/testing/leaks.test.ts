// Tasks that nothing can wake any more, in a process of their own: what other tests leave in this one is theirs.
import { assert, describe, it } from "vitest"
import * as asyncio from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import { Effect } from "effect"
import { assertNoLeaks, LeakError } from "@effect-asyncio/compat/testing"

const { bun, deno } = process.versions as { bun?: string; deno?: string }
const onNode = bun === undefined && deno === undefined

/** The names of what is found when `begin` has made some tasks; `end` has those go on that it still can. */
const found = (begin: () => unknown, end = () => {}): Promise<ReadonlyArray<string>> =>
  asyncio.run(async () => {
    // In a function of its own: a variable here would hold what it makes.
    begin()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    const error = await assertNoLeaks().catch((error: unknown) => error)
    end()
    if (error !== undefined && !(error instanceof LeakError)) throw error
    return (error?.tasks ?? []).map((task) => task.getName())
  })

// Apart: functions that are made in the same call hold each other's variables.
const beginWithLock = () => {
  const lock = new asyncio.Lock()
  asyncio.createTask(() => lock.acquire(), { name: "holder" })
  asyncio.createTask(() => lock.acquire(), { name: "waiter" })
}

// A heap snapshot takes a second or several.
const long = 60_000

describe.skipIf(!onNode)("assertNoLeaks", () => {
  it(
    "finds who awaits a promise that nobody can settle, and who waits for that one",
    async () => {
      let settle = () => {}
      const begin = () => {
        const gate = new Promise<void>((resolve) => (settle = resolve))
        asyncio.createTask(() => gate, { name: "held" })
        asyncio.createTask(() => asyncio.sleep("1 hour"), { name: "sleeping" })
        beginWithLock()
        const waitForNobody = async () => {
          await asyncio.createTask(() => asyncio.getRunningLoop().createFuture(), { name: "child" })
        }
        asyncio.createTask(waitForNobody, { name: "parent" })
      }

      const names = await found(begin, () => settle())

      // Until Node 22, and where stores are kept as there, each promise leads to those of the code that has made it, and these to a task.
      const asThere = process.env["EFFECT_ASYNCIO_FAST_PATHS"] === "off"
      const onFrames = Number(process.versions.node.split(".")[0]) >= 24 && !asThere
      assert.deepStrictEqual(names, onFrames ? ["waiter", "parent", "child"] : ["waiter"])
    },
    long
  )

  it(
    "finds nothing where all can be waked",
    async () => {
      assert.deepStrictEqual(await found(() => asyncio.createTask(() => asyncio.sleep("1 hour"))), [])
    },
    long
  )

  it(
    "finds nobody who waits for the next one of several that come, which refer to it weakly",
    async () => {
      const waitForNext = Effect.gen(function* () {
        const task = yield* core.createTask(core.sleep("1 hour"))
        yield* (yield* core.asCompleted([task])).next
      })
      const main = Effect.gen(function* () {
        yield* core.createTask(waitForNext, { name: "waits for the next" })
        yield* core.sleep(1)
        yield* Effect.promise(() => assertNoLeaks())
      })

      await core.run(main)
    },
    long
  )

  it("names what each waits for", () => {
    const error = new LeakError([])

    assert.deepStrictEqual([error.name, error.message], ["LeakError", "nothing can wake these tasks any more:"])
  })
})

describe.skipIf(onNode)("elsewhere than on Node.js", () => {
  it("is refused where only a heap snapshot could tell", async () => {
    const error = await asyncio.run(async () => {
      const future = asyncio.getRunningLoop().createFuture<void>()
      const waiting = asyncio.createTask(() => future)
      await asyncio.sleep(0)
      const error = await assertNoLeaks().catch(String)
      future.setResult()
      await waiting
      return error
    })

    assert.strictEqual(error, "RuntimeError: only Node.js can take the heap snapshot that leaks are found in")
  })

  it("passes where the loops wake all tasks, which takes no snapshot", async () => {
    await asyncio.run(async () => {
      const sleeping = asyncio.createTask(() => asyncio.sleep(10))
      await asyncio.sleep(0)
      await assertNoLeaks()
      await sleeping
    })
  })
})
