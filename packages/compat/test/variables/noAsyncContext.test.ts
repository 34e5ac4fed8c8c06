/**
 * A host without AsyncLocalStorage, such as a browser: the current task is known up to the first await.
 */
// Effect asks the host once, when it is loaded, and is not loaded anew: the files behind this one in the same worker are to have it whole.
import "effect"
import { afterEach, assert, describe, it, vi } from "vitest"

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

const withoutAsyncContext = async () => {
  vi.stubGlobal("process", { ...process, getBuiltinModule: undefined })
  vi.stubGlobal("AsyncLocalStorage", undefined)
  vi.resetModules()
  return await import("@effect-asyncio/compat")
}

describe("in a host without AsyncLocalStorage", () => {
  it("a wait after a foreign await says that the task is not known, and how to go on", async () => {
    const asyncio = await withoutAsyncContext()

    const error = await asyncio
      .run(async () => {
        await Promise.resolve()
        await asyncio.sleep(1)
      })
      .catch((error: unknown) => error as Error & { readonly hint: string })

    assert.strictEqual(
      error?.message,
      "no running event loop: this host has no AsyncLocalStorage, so the task is not known after an await"
    )
    assert.match(error?.hint ?? "", /^Use the task that the function is given: .*task\.run/)
  })

  it("the task that the function is given goes on", async () => {
    const asyncio = await withoutAsyncContext()

    const name = await asyncio.run(
      async (task) => {
        await Promise.resolve()
        await task.run(() => asyncio.sleep(1))
        return task.getName()
      },
      { name: "main" }
    )

    assert.strictEqual(name, "main")
  })

  it("code that is in no run works, before and after an await, and behind a run", async () => {
    const asyncio = await withoutAsyncContext()
    const wait = async () => {
      const first = await asyncio.sleep(1, "first")
      return [first, await asyncio.timeout("1 hour", () => asyncio.sleep(1, "second")), asyncio.currentTask()]
    }
    const before = await wait()
    await asyncio.run(async () => asyncio.sleep(1))

    assert.deepStrictEqual(
      [before, await wait()],
      [
        ["first", "second", undefined],
        ["first", "second", undefined]
      ]
    )
  })

  it("a bound handler runs in the task that bound it", async () => {
    const asyncio = await withoutAsyncContext()

    const seen = await asyncio.run(
      async (task) => {
        const loop = asyncio.getRunningLoop()
        const handler = asyncio.bind(async () => {
          const current = asyncio.currentTask()
          return [current === task, await asyncio.sleep(1, "slept")]
        })
        await Promise.resolve()
        return [await handler(), await loop.createTask(() => "of the loop")]
      },
      { name: "main" }
    )

    assert.deepStrictEqual(seen, [[true, "slept"], "of the loop"])
  })
})
