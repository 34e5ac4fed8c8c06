import { afterEach, assert, describe, it, vi } from "vitest"

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

/** Whether the fast paths are taken on a host with this `process`. */
const fastPathsWith = async (process: unknown): Promise<boolean> => {
  vi.stubGlobal("process", process)
  vi.resetModules()
  return (await import("../../src/internal/host/fastPaths.ts")).fastPaths
}

describe("the switch of the fast paths", () => {
  it("turns them off when the environment says so", async () => {
    assert.isFalse(await fastPathsWith({ ...process, env: { EFFECT_ASYNCIO_FAST_PATHS: "off" } }))
  })

  it("leaves them on when the environment says anything else, or nothing", async () => {
    assert.isTrue(await fastPathsWith({ ...process, env: { EFFECT_ASYNCIO_FAST_PATHS: "on" } }))
    assert.isTrue(await fastPathsWith({ ...process, env: {} }))
  })

  it("leaves them on where there is no environment, and where reading it is forbidden", async () => {
    const forbidden = new Proxy({}, { get: () => assert.fail("NotCapable: requires env access") })

    assert.isTrue(await fastPathsWith({ ...process, env: undefined }))
    assert.isTrue(await fastPathsWith({ ...process, env: forbidden }))
  })
})
