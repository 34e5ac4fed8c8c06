import { once } from "node:events"
import { type AddressInfo, connect, createServer } from "node:net"
import { assert, describe, it } from "vitest"
import { findRedis } from "../../servers/debian.ts"
import { accepts } from "../../servers/ports.ts"
import { Proxy } from "../../servers/proxy.ts"
import { startRedis } from "../../servers/servers.ts"

describe("a server of tests", () => {
  it.skipIf(findRedis() === undefined)("is away while it is halted, and comes back where it was", async () => {
    const server = await startRedis()
    if (typeof server === "string") throw new Error(server)
    const port = Number(new URL(server.url).port)
    const before = await accepts(port)

    await server.halt("SIGKILL")
    const whileHalted = await accepts(port)
    const isStarted = await server.start()
    const after = await accepts(port)
    await server.stop()

    assert.deepStrictEqual(
      { before, whileHalted, isStarted, after, stopped: await accepts(port) },
      { before: true, whileHalted: false, isStarted: true, after: true, stopped: false }
    )
  })
})

describe("a line between processes", () => {
  it("passes on what it is told, after a silence as well, and resets who is connected", async () => {
    const echo = createServer((socket) => socket.pipe(socket).on("error", () => {})).listen(0, "127.0.0.1")
    await once(echo, "listening")
    const proxy = await Proxy.start((echo.address() as AddressInfo).port)
    const socket = connect(proxy.port, "127.0.0.1").setEncoding("utf8")
    const heard: Array<string> = []
    socket.on("data", (text: string) => heard.push(text))

    socket.write("one")
    await once(socket, "data")
    proxy.set("silent")
    socket.write("two")
    // As long as another one takes to connect, it would have arrived.
    const other = connect(proxy.port, "127.0.0.1")
    await once(other, "connect")
    other.destroy()
    const before = [...heard]
    proxy.set("open")
    await once(socket, "data")
    proxy.set("refusing")
    const [error] = (await once(socket, "error")) as [NodeJS.ErrnoException]
    await proxy.close()
    echo.close()

    assert.deepStrictEqual([before, heard, error.code], [["one"], ["one", "two"], "ECONNRESET"])
    assert.strictEqual(proxy.passed, "onetwo".length * 2)
  })
})
