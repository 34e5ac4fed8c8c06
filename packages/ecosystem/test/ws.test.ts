import { once, on } from "node:events"
import type { AddressInfo } from "node:net"
import * as asyncio from "@effect-asyncio/compat"
import { assert, describe, it } from "vitest"
import { WebSocket, WebSocketServer } from "ws"
import { sevenWays } from "./support/sevenWays.ts"

const listen = async (): Promise<WebSocketServer> => {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" })
  await once(server, "listening")
  return server
}

const urlOf = (server: WebSocketServer) => `ws://127.0.0.1:${(server.address() as AddressInfo).port}`

const close = async (server: WebSocketServer) => {
  for (const client of server.clients) client.terminate()
  await new Promise((resolve) => server.close(resolve))
}

describe("a client", () => {
  let server: WebSocketServer
  const setting = {
    open: async () => {
      server = await listen()
    },
    close: () => close(server)
  }

  sevenWays(
    {
      library: "ws",
      operation: "for await (... of on(socket, 'message'))",
      means: "signal",
      recipe: "node:events on(socket, 'message', { signal, close: ['close'] }), and socket.terminate() in `finally`."
    },
    {
      ...setting,
      attempt: () => {
        const begun = Promise.withResolvers<void>()
        const stopped = Promise.withResolvers<void>()
        const run = async () => {
          const signal = asyncio.currentSignal()
          signal.throwIfAborted()
          server.once("connection", (peer) => peer.once("close", stopped.resolve))
          const socket = new WebSocket(urlOf(server))
          try {
            await once(socket, "open", { signal })
            begun.resolve()
            for await (const message of on(socket, "message", { signal, close: ["close"] })) void message
          } finally {
            socket.on("error", () => {})
            socket.terminate()
          }
        }
        return { run, begun: begun.promise, stopped: stopped.promise }
      },
      atOnce: 1
    }
  )
})

sevenWays(
  {
    library: "ws",
    operation: "a server, each connection a task",
    means: "inside",
    recipe: "group.createTask(() => serve(socket)) in the listener, and close the sockets in `finally`."
  },
  {
    attempt: () => {
      const begun = Promise.withResolvers<void>()
      const stopped = Promise.withResolvers<void>()
      const run = async () => {
        asyncio.currentSignal().throwIfAborted()
        const server = await listen()
        const serve = async (socket: WebSocket) => {
          begun.resolve()
          for await (const message of on(socket, "message", { signal: asyncio.currentSignal() })) void message
        }
        const client = new WebSocket(urlOf(server))
        client.on("close", () => stopped.resolve())
        client.on("error", () => {})
        try {
          await asyncio.taskGroup(async (group) => {
            server.on("connection", (socket) => void group.createTask(() => serve(socket)))
            await asyncio.sleep("1 hour")
          })
        } finally {
          await close(server)
        }
      }
      return { run, begun: begun.promise, stopped: stopped.promise }
    }
  }
)

describe("a server", () => {
  it("ends the task of a client that goes, and no other one's", async () => {
    const seen = await asyncio.run(async () => {
      const server = await listen()
      const lines: Array<string> = []
      const ended = new asyncio.Queue<string>()
      const serve = async (socket: WebSocket, name: string) => {
        const signal = asyncio.currentSignal()
        try {
          for await (const [data] of on(socket, "message", { signal, close: ["close"] })) {
            lines.push(`${name}: ${String(data)}`)
            socket.send(String(data))
          }
        } finally {
          ended.putNowait(name)
        }
      }
      await asyncio.taskGroup(async (group) => {
        let count = 0
        server.on("connection", (socket) => {
          const name = `client ${++count}`
          void group.createTask(() => serve(socket, name))
        })
        const clients: Array<WebSocket> = []
        for (const text of ["a", "b"]) {
          const client = new WebSocket(urlOf(server))
          clients.push(client)
          await once(client, "open")
          client.send(text)
          await once(client, "message")
        }
        clients[0]?.terminate()
        lines.push(`${await ended.get()} has ended`)
        clients[1]?.send("c")
        await once(clients[1] as WebSocket, "message")
        clients[1]?.terminate()
        lines.push(`${await ended.get()} has ended`)
      })
      await close(server)
      return lines
    })
    assert.deepStrictEqual(seen, [
      "client 1: a",
      "client 2: b",
      "client 1 has ended",
      "client 2: c",
      "client 2 has ended"
    ])
  })
})
