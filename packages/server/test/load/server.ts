// A server under load: plain, or with requests as tasks. Says how much it has done when it is asked.
import * as asyncio from "@effect-asyncio/compat"
import { requestTasks as ofExpress } from "@effect-asyncio/server/express"
import { requestTasks as ofFastify } from "@effect-asyncio/server/fastify"
import express from "express"
import fastify from "fastify"
import type { Server } from "node:http"
import type { AddressInfo } from "node:net"
import { setTimeout } from "node:timers/promises"

const [, , framework, kind] = process.argv
const isTask = kind === "task"

const counts = { begun: 0, answered: 0, cancelled: 0 }

/** What a handler does: it waits a little, as for a database, where a client asks for that. */
const findUser = async (id: string, isSlow: boolean): Promise<{ readonly id: string; readonly name: string }> => {
  counts.begun++
  try {
    if (isSlow) await (isTask ? asyncio.sleep(20) : setTimeout(20))
    else await Promise.resolve()
    counts.answered++
    return { id, name: "Ada" }
  } catch (error) {
    counts.cancelled++
    throw error
  }
}

const start = async (): Promise<Server> => {
  if (framework === "Fastify") {
    const app = fastify()
    if (isTask) await app.register(ofFastify, {})
    app.get<{ Params: { id: string }; Querystring: { slow?: string } }>("/users/:id", async ({ params, query }) =>
      findUser(params.id, query.slow !== undefined)
    )
    await app.listen({ port: 0, host: "127.0.0.1" })
    return app.server
  }
  const app = express()
  const handle = async (request: express.Request<{ id: string }>, response: express.Response) =>
    void response.json(await findUser(request.params.id, request.query.slow !== undefined))
  app.get("/users/:id", isTask ? ofExpress()(handle) : handle)
  return await new Promise((resolve) => {
    const server = app.listen(0, "127.0.0.1", () => resolve(server))
  })
}

const server = await start()
const connections = () => new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)))

const tell = async () => {
  const cpu = process.cpuUsage()
  process.send!({
    micros: cpu.user + cpu.system,
    ...counts,
    connections: await connections(),
    tasks: asyncio.findTasks({ method: "GET" }).length
  })
}
process.on("message", (message) => (message === "end" ? process.exit(0) : void tell()))
process.send!({ port: (server.address() as AddressInfo).port })
