import { AsyncLocalStorage } from "node:async_hooks"
import { assert, afterEach, describe, it, vi } from "@effect/vitest"

afterEach(() => {
  vi.resetModules()
})

describe("the stores of no program", () => {
  it("are not those of the code that loads the package", async () => {
    const storage = new AsyncLocalStorage<string>()
    vi.resetModules()

    const { outermostAsyncContext, runInAsyncContext } = await storage.run(
      "loading",
      () => import("../../src/internal/host/asyncContext.ts")
    )

    assert.isUndefined(runInAsyncContext(outermostAsyncContext, () => storage.getStore(), undefined))
  })
})
