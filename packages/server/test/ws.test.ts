import * as asyncio from "@effect-asyncio/compat"
import { serve } from "@effect-asyncio/server"
import { socketTasks } from "@effect-asyncio/server/ws"
import { once } from "node:events"
import { createServer, type Server } from "node:http"
import { assert, describe, it } from "vitest"
import { WebSocket, WebSocketServer } from "ws"
import { countInFlight } from "../src/internal/inFlight.ts"
import { portOf, until } from "./frameworks.ts"

const start = async (listener: Parameters<WebSocketServer["on"]>[1]) => {
  const server = createServer()
  new WebSocketServer({ server }).on("connection", listener as never)
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return server
}

const open = async (server: Server): Promise<WebSocket> => {
  const socket = new WebSocket(`ws://127.0.0.1:${portOf(server)}/chat?room=7`)
  socket.on("error", () => {})
  await once(socket, "open")
  return socket
}

const closed = async (server: Server) => {
  await until(() => countInFlight() === 0)
  server.closeAllConnections()
  server.close()
}

describe("ws", () => {
  it("gives the messages of a connection to its task, in order", async () => {
    const names: Array<unknown> = []
    const server = await start(
      socketTasks(async (socket, messages) => {
        names.push(asyncio.currentTask()?.getName())
        for await (const message of messages) socket.send(`${(message as Buffer).toString()}!`)
      })
    )
    const socket = await open(server)
    const answers: Array<string> = []
    socket.on("message", (message) => answers.push((message as Buffer).toString()))
    socket.send("one")
    socket.send("two")
    await until(() => answers.length === 2)
    socket.close()

    assert.deepStrictEqual([names, answers], [["WS /chat"], ["one!", "two!"]])
    await closed(server)
  })

  it("has 1,000 connections that are dropped cancelled, and keeps nothing of them", async () => {
    const kinds = new Map<string, number>()
    let begun = 0
    let ended = 0
    const server = await start(
      socketTasks(async () => {
        begun++
        try {
          await asyncio.sleep("1 hour")
        } catch (error) {
          const { kind } = error as asyncio.CancelledError
          kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
          ended++
          throw error
        }
      })
    )
    for (let round = 1; round <= 5; round++) {
      const sockets = await Promise.all(Array.from({ length: 200 }, () => open(server)))
      await until(() => begun === 200 * round)
      for (const socket of sockets) socket.terminate()
      await until(() => ended === 200 * round)
    }

    assert.deepStrictEqual([...kinds], [["disconnect", 1000]])
    assert.deepStrictEqual(asyncio.findTasks({ method: "WS" }), [])
    await closed(server)
  })

  it("closes with 1011 where the handler fails, and with 1001 where its task is cancelled", async () => {
    const errors: Array<string> = []
    let fail = true
    const handle = async () => {
      if (fail) throw new Error("no such room")
      await asyncio.sleep("1 hour")
    }
    const server = await start(socketTasks(handle, { onError: (error) => errors.push(String(error)) }))
    const [failed] = (await once(await open(server), "close")) as [number]
    fail = false
    const socket = await open(server)
    await until(() => asyncio.findTasks({ method: "WS" }).length === 1)
    asyncio.findTasks({ method: "WS" })[0]!.cancel("by hand")
    const [cancelled] = (await once(socket, "close")) as [number]

    assert.deepStrictEqual([failed, cancelled, errors], [1011, 1001, ["Error: no such room"]])
    await closed(server)
  })

  it("is told to go away at a shutdown, at once", async () => {
    const kinds: Array<string> = []
    const codes: Array<number> = []
    const report = await serve(
      async (service) => {
        const server = createServer()
        new WebSocketServer({ server }).on(
          "connection",
          socketTasks(async () => {
            try {
              await asyncio.sleep("1 hour")
            } catch (error) {
              kinds.push((error as asyncio.CancelledError).kind)
              throw error
            }
          })
        )
        await service.listen(server, { port: 0, host: "127.0.0.1" })
        const socket = await open(server)
        socket.on("close", (code) => codes.push(code))
        await until(() => countInFlight() === 1)
        service.stop("SIGTERM")
        await service.drained()
      },
      { exit: false, grace: "1 hour" }
    )
    await until(() => codes.length === 1)

    assert.deepStrictEqual([kinds, codes, report.exitCode], [["shutdown"], [1001], 0])
  })
})
