/**
 * A host without AsyncLocalStorage, such as a browser: the current task is known up to the first await.
 */
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
})
