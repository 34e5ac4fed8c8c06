import { assert, describe, it } from "vitest"
import { findRedis } from "../servers/debian.ts"
import { accepts } from "../servers/ports.ts"
import { startRedis } from "../servers/servers.ts"

describe("a server of tests", () => {
  it.skipIf(findRedis() === undefined)("is away while it is halted, and comes back where it was", async () => {
    const server = await startRedis()
    if (typeof server === "string") throw new Error(server)
    const port = Number(new URL(server.url).port)
    const seen = [await accepts(port)]

    await server.halt("SIGKILL")
    seen.push(await accepts(port))
    seen.push(await server.start(), await accepts(port))
    await server.stop()

    assert.deepStrictEqual([...seen, await accepts(port)], [true, false, true, true, false])
  })
})
