import { AsyncLocalStorage } from "node:async_hooks"
import { assert, afterEach, describe, it, vi } from "@effect/vitest"

afterEach(() => {
  vi.doUnmock(fastPaths)
  vi.resetModules()
})

const fastPaths = "../../src/internal/host/fastPaths.ts"

describe("the stores of no program", () => {
  it.each([true, false])("are not those of the code that loads the package (fast paths: %s)", async (has) => {
    const storage = new AsyncLocalStorage<string>()
    vi.resetModules()
    vi.doMock(fastPaths, () => ({ fastPaths: has }))

    const { outermostAsyncContext, runInAsyncContext } = await storage.run(
      "loading",
      () => import("../../src/internal/host/asyncContext.ts")
    )

    assert.isUndefined(runInAsyncContext(outermostAsyncContext, () => storage.getStore(), undefined))
  })
})
