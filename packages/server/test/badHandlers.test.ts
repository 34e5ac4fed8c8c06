import { requestListener } from "@effect-asyncio/server/node"
import type { CancelledRequest } from "@effect-asyncio/server"
import * as asyncio from "@effect-asyncio/compat"
import { once } from "node:events"
import { IncomingMessage, ServerResponse } from "node:http"
import { Socket } from "node:net"
import { assert, describe, it } from "vitest"
import { countInFlight } from "../src/internal/inFlight.ts"
import { ask, hangingUp, until } from "./frameworks.ts"
import { type Mistake, misbehaving } from "./misbehaving.ts"

describe.each(Object.entries(misbehaving))("a handler of %s", (_, start) => {
  /** What a client has of a server with such a handler, when the server has nothing more to do. */
  const answered = async (mistake: Mistake, limits = {}) => {
    const { close, server } = await start(mistake, limits)
    const response = await ask(server)
    const text = await response.text().catch(() => "cut")
    await until(() => countInFlight() === 0)
    await close()
    return [response.status, text]
  }

  it("that never answers ends with its client", async () => {
    const { close, server } = await start("never answers", {})
    const client = await hangingUp(server)
    await until(() => countInFlight() === 1)

    client.destroy()

    await until(() => countInFlight() === 0)
    await close()
  })

  it("that never answers is answered for when its time is up", async () => {
    const [status] = await answered("never answers", { timeout: 5, patience: 5 })

    assert.strictEqual(status, 503)
  })

  it("that answers twice has its client told the first answer", async () => {
    assert.deepStrictEqual(await answered("answers twice"), [200, "first"])
  })

  it("that fails after its answer changes nothing of that", async () => {
    assert.deepStrictEqual(await answered("fails after its answer"), [200, "first"])
  })

  it("that fails in the middle of its answer has the connection end there", async () => {
    assert.deepStrictEqual(await answered("fails in the middle"), [200, "cut"])
  })

  it("has an answer also for a client that sends its request slowly", async () => {
    const { close, server } = await start("answers twice", {})
    const client = await hangingUp(server, "GET /users/7 HT")
    for (const piece of ["TP/1.1\r\nHo", "st: x\r\nConnection: clo", "se\r\n\r\n"]) {
      await new Promise((resolve) => setTimeout(resolve, 2))
      client.write(piece)
    }
    let text = ""
    client.on("data", (data) => (text += String(data)))
    await once(client, "end")
    client.end()

    assert.match(text, /200 OK[^]*first/)
    await until(() => countInFlight() === 0)
    await close()
  })
})

describe("10,000 clients that hang up at once", () => {
  it("leave no task and no listener", async () => {
    const count = 10_000
    const kinds = new Map<string, number>()
    let cleaned = 0
    const onCancelled = ({ error, status }: CancelledRequest) => {
      const kind = `${status} ${error.kind}`
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
    }
    const listener = requestListener(
      async () => {
        try {
          await asyncio.sleep("1 hour")
        } finally {
          cleaned++
        }
      },
      { onCancelled, route: () => "/users/:id" }
    )
    // As Node.js makes them for a connection, without the connection.
    const responses = Array.from({ length: count }, () => {
      const request = new IncomingMessage(new Socket())
      Object.assign(request, { method: "GET", url: "/users/7" })
      const response = new ServerResponse(request)
      listener(request, response)
      return response
    })
    assert.strictEqual(countInFlight(), count)

    for (const response of responses) response.destroy()

    await until(() => kinds.get("499 disconnect") === count)
    assert.deepStrictEqual([kinds.size, cleaned, countInFlight()], [1, count, 0])
    assert.deepStrictEqual(asyncio.findTasks({ method: "GET" }), [])
  })
})
