import * as asyncio from "@effect-asyncio/compat"
import { RequestTasks } from "@effect-asyncio/server"
import * as ofExpress from "@effect-asyncio/server/express"
import { requestTasks } from "@effect-asyncio/server/fastify"
import { requestListener } from "@effect-asyncio/server/node"
import express from "express"
import fastify from "fastify"
import { once } from "node:events"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { assert, describe, it } from "vitest"
import { countInFlight } from "../src/internal/inFlight.ts"
import { ask, hangingUp, portOf, until } from "./frameworks.ts"

const listening = async (server: Server): Promise<Server> => {
  if (!server.listening) await once(server.listen(0, "127.0.0.1"), "listening")
  return server
}

const withErrors = async (handler: (request: IncomingMessage, response: ServerResponse) => unknown) => {
  const errors: Array<string> = []
  const server = await listening(
    createServer(requestListener(handler, { onError: (error) => errors.push(String(error)) }))
  )
  return { server, errors }
}

const over = async (server: Server) => {
  await until(() => countInFlight() === 0)
  server.closeAllConnections()
  server.close()
}

describe("a handler", () => {
  it("that answers twice fails, and its client has the first answer", async () => {
    const { errors, server } = await withErrors(async (_, response) => {
      response.end("first")
      await asyncio.sleep(1)
      response.writeHead(500)
    })

    const response = await ask(server)

    assert.deepStrictEqual([response.status, await response.text()], [200, "first"])
    await until(() => errors.length === 1)
    assert.include(errors[0], "headers")
    await over(server)
  })

  it("that fails after its answer has begun has the connection end in the middle", async () => {
    const { errors, server } = await withErrors(async (_, response) => {
      response.write("half of ")
      await asyncio.sleep(1)
      throw new Error("the rest is not there")
    })

    const text = await ask(server)
      .then((response) => response.text())
      .catch(() => "cut")

    assert.deepStrictEqual([text, errors], ["cut", ["Error: the rest is not there"]])
    await over(server)
  })

  it("that never answers ends with its client", async () => {
    const { errors, server } = await withErrors(() => {})
    const client = await hangingUp(server)
    await until(() => countInFlight() === 1)

    client.destroy()

    await until(() => countInFlight() === 0)
    assert.deepStrictEqual(errors, [])
    await over(server)
  })

  it("that never answers, and gives no promise, is answered for when its time is up", async () => {
    const server = await listening(createServer(requestListener(() => {}, { timeout: 5 })))

    const { status } = await ask(server)

    assert.strictEqual(status, 503)
    await over(server)
  })
})

describe("a route", () => {
  it("without a name has that of its pattern, or of its path", async () => {
    const app = express()
    const task = ofExpress.requestTasks()
    const name = task((_, response) => void response.send(asyncio.currentTask()?.getName()))
    app.get(/^\/users\/(\d+)$/, name)
    app.use(name)
    const server = await listening(app.listen(0, "127.0.0.1"))
    const nameOf = (path: string) =>
      fetch(`http://127.0.0.1:${portOf(server)}${path}`, { headers: { connection: "close" } }).then((it) => it.text())

    assert.deepStrictEqual(
      [await nameOf("/users/7"), await nameOf("/elsewhere?page=1")],
      ["GET /^\\/users\\/(\\d+)$/", "GET /elsewhere"]
    )
    await over(server)
  })

  it("of Fastify can be left out, answers HEAD once, and may answer by its reply", async () => {
    const app = fastify()
    await app.register(requestTasks, {})
    const names: Array<string | undefined> = []
    const note = async () => {
      names.push(asyncio.currentTask()?.getName())
      return "noted"
    }
    app.get("/left", { config: { requestTasks: false } }, note)
    app.get("/noted", note)
    app.get("/later", (_, reply) => {
      setTimeout(() => reply.send("later"), 1)
    })

    await app.inject("/left")
    await app.inject({ method: "HEAD", url: "/noted" })
    const later = await app.inject("/later")

    assert.deepStrictEqual([names, later.body], [[undefined, "HEAD /noted"], "later"])
    await app.close()
    await until(() => countInFlight() === 0)
  })
})

describe("a client", () => {
  it("that sends its request slowly is handled when it is there", async () => {
    const { errors, server } = await withErrors((_, response) => void response.end("Ada"))
    const client = await hangingUp(server, "GET /users/7 HT")
    for (const piece of ["TP/1.1\r\nHo", "st: x\r\nConnection: clo", "se\r\n\r\n"]) {
      await new Promise((resolve) => setTimeout(resolve, 5))
      client.write(piece)
    }
    let text = ""
    client.on("data", (data) => (text += String(data)))
    await once(client, "end")
    client.end()

    assert.match(text, /Ada/)
    assert.deepStrictEqual(errors, [])
    await over(server)
  })

  it("that asks for nonsense as its deadline has none", async () => {
    const server = await listening(
      createServer(requestListener((_, response) => void response.end("Ada"), { timeoutHeader: "x-deadline" }))
    )
    const statuses = []
    for (const value of ["", "soon", "-1", "NaN", "1e400"])
      statuses.push((await ask(server, { "x-deadline": value })).status)

    assert.deepStrictEqual(statuses, [200, 200, 200, 200, 200])
    await over(server)
  })
})

describe("options", () => {
  it("that cannot be meant are refused", () => {
    const told = (options: unknown): string => {
      try {
        return `taken: ${String(new RequestTasks(options as never).size)}`
      } catch (thrown) {
        return `${(thrown as Error).name}: ${(thrown as Error).message}`
      }
    }
    assert.match(told({ concurrency: 0 }), /^ValueError: concurrency must be a whole number from 1 on, not 0/)
    assert.match(told({ concurrency: 1.5 }), /concurrency/)
    assert.match(told({ queue: -1 }), /^ValueError: queue must be a whole number from 0 on, not -1/)
    assert.match(told({ timeout: "soon" }), /soon/)
    for (const options of [{ onCancelled: "log" }, "fast"]) assert.match(told(options), /RequestTasks\(\)/)
  })
})
