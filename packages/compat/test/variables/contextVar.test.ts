import * as asyncio from "@effect-asyncio/compat"
import { assert, describe, it } from "vitest"
import { macrotask, run } from "../support.ts"

const makeUser = () => asyncio.ContextVar.make("user", { defaultValue: "nobody" })

describe("ContextVar", () => {
  it("belongs to the task that sets it; a child starts with a copy", () =>
    run(async () => {
      const user = makeUser()
      user.set("ada")
      const child = asyncio.createTask(async () => {
        const before = user.get()
        user.set("child")
        await asyncio.sleep(1)
        return [before, user.get()]
      })
      user.set("grace")

      assert.deepStrictEqual([await child, user.get(), user.name], [["ada", "child"], "grace", "user"])
    }))

  it("is seen by the function that called the one that set it, after awaits of any kind", () =>
    run(async () => {
      const user = makeUser()
      const login = async () => {
        await macrotask()
        user.set("ada")
      }

      await login()

      await Promise.resolve()
      assert.strictEqual(user.get(), "ada")
      await Promise.all([asyncio.timeout(5, () => user.set("grace")), asyncio.sleep(1)])
      assert.strictEqual(user.get(), "grace")
    }))

  it("has in a callback a copy from when that was registered", () =>
    run(async () => {
      const user = makeUser()
      const seen: Array<string> = []
      const loop = asyncio.getRunningLoop()
      user.set("ada")
      loop.callSoon(() => {
        seen.push(user.get())
        user.set("callback")
        seen.push(user.get())
        loop.callSoon(() => seen.push(user.get()))
      })
      user.set("grace")

      await asyncio.sleep(1)

      assert.deepStrictEqual([seen, user.get()], [["ada", "callback", "callback"], "grace"])
    }))

  it("has its default where nobody set it, also outside of a loop", async () => {
    const user = makeUser()

    assert.strictEqual(user.get(), "nobody")
    assert.strictEqual(await run(() => user.get()), "nobody")
  })

  it("is shared by tasks that are given the same copy", () =>
    run(async () => {
      const user = makeUser()
      user.set("ada")
      const variables = asyncio.copyContext()
      user.set("grace")

      const before = await asyncio.createTask(
        () => {
          const value = user.get()
          user.set("shared")
          return value
        },
        { variables }
      )

      const after = await asyncio.createTask(() => user.get(), { variables })
      assert.deepStrictEqual([before, after, user.get()], ["ada", "shared", "grace"])
    }))

  it("keeps what the main task set for the next run of a Runner", async () => {
    const user = makeUser()
    const runner = new asyncio.Runner({ handleSigint: false })

    await runner.run(() => user.set("ada"))
    const seen = await runner.run(() => user.get())

    await runner.close()
    assert.strictEqual(seen, "ada")
  })
})
