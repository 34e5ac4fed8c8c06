/**
 * The same small server in each framework: what its route does is the test's.
 */
import type { Server } from "node:http"
import { createServer } from "node:http"
import { once } from "node:events"
import { connect, type AddressInfo, type Socket } from "node:net"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import * as asyncio from "@effect-asyncio/compat"
import { serve as honoServer } from "@hono/node-server"
import type { RequestTasksOptions } from "@effect-asyncio/server"
import * as ofExpress from "@effect-asyncio/server/express"
import * as ofFastify from "@effect-asyncio/server/fastify"
import * as ofHono from "@effect-asyncio/server/hono"
import * as ofKoa from "@effect-asyncio/server/koa"
import { requestListener } from "@effect-asyncio/server/node"
import express from "express"
import fastify from "fastify"
import { Hono } from "hono"
import { stream as honoStream } from "hono/streaming"
import Koa from "koa"

/** What the route `/users/:id` answers: a text, or the pieces of a stream. */
export type Handle = (id: string) => Promise<string | AsyncIterable<string>>

export interface Running {
  readonly server: Server
  /** What the framework has logged as errors. */
  readonly errors: ReadonlyArray<string>
  readonly close: () => Promise<unknown>
}

export interface Framework {
  readonly name: string
  /** The pattern of its route. */
  readonly route: string
  readonly start: (handle: Handle, options?: RequestTasksOptions) => Promise<Running>
}

const listening = async (server: Server, errors: ReadonlyArray<string>): Promise<Running> => {
  if (!server.listening) await once(server, "listening")
  return { server, errors, close: () => new Promise((resolve) => server.close(resolve)) }
}

const idIn = (url: string | undefined): string => (url ?? "").split("/").at(-1)!

const ofNode: Framework = {
  name: "node:http",
  route: "/users/:id",
  start(handle, options) {
    const errors: Array<string> = []
    const listener = requestListener(
      async (request, response) => {
        const body = await handle(idIn(request.url))
        if (typeof body === "string") response.end(body)
        else await pipeline(Readable.from(body), response)
      },
      { ...options, route: () => "/users/:id", onError: (error) => errors.push(String(error)) }
    )
    return listening(createServer(listener).listen(0, "127.0.0.1"), errors)
  }
}

const withFastify: Framework = {
  name: "Fastify",
  route: "/users/:id",
  async start(handle, options) {
    const errors: Array<string> = []
    const write = (line: string) => {
      const { err, msg, res } = JSON.parse(line) as {
        msg: string
        err?: { message: string }
        res?: { statusCode: number }
      }
      // What it answers with 503 or 504 it logs as an error.
      if (res === undefined || res.statusCode === 500) errors.push(err?.message ?? msg)
    }
    const app = fastify({ logger: { level: "warn", stream: { write } } })
    await app.register(ofFastify.requestTasks, { ...options })
    app.get<{ Params: { id: string } }>("/users/:id", async ({ params }) => {
      const body = await handle(params.id)
      return typeof body === "string" ? body : Readable.from(body)
    })
    await app.listen({ port: 0, host: "127.0.0.1" })
    return { server: app.server, errors, close: () => app.close() }
  }
}

const withExpress: Framework = {
  name: "Express",
  route: "/users/:id",
  start(handle, options) {
    const errors: Array<string> = []
    const app = express()
    const router = express.Router()
    const task = ofExpress.requestTasks(options)
    router.get(
      "/:id",
      task(async (request, response) => {
        const body = await handle(request.params.id!)
        if (typeof body === "string") response.send(body)
        else await pipeline(Readable.from(body), response)
      })
    )
    app.use("/users", router)
    app.use(((error: Error & { status?: number }, _request, _response, next) => {
      if (error.status === undefined) errors.push(String(error))
      // The default handler answers, and logs in development.
      app.set("env", "test")
      next(error)
    }) satisfies express.ErrorRequestHandler)
    return listening(app.listen(0, "127.0.0.1"), errors)
  }
}

const withHono: Framework = {
  name: "Hono",
  route: "/users/:id",
  start(handle, options) {
    const errors: Array<string> = []
    const app = new Hono()
    const task = ofHono.requestTasks(options)
    app.get(
      "/users/:id",
      task(async (context) => {
        const body = await handle(context.req.param("id")!)
        if (typeof body === "string") return context.text(body)
        const write = async (out: { write(piece: string): Promise<unknown> }) => {
          for await (const piece of body) await out.write(piece)
        }
        // By default it logs also that it was cancelled.
        return honoStream(context, write, async (error) => {
          if (!asyncio.isCancelled(error)) errors.push(String(error))
        })
      })
    )
    app.onError((error, context) => {
      if ("getResponse" in error) return (error as { getResponse(): Response }).getResponse()
      errors.push(String(error))
      return context.text("failed", 500)
    })
    return listening(honoServer({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }) as Server, errors)
  }
}

const withKoa: Framework = {
  name: "Koa",
  route: "/users/:id",
  start(handle, options) {
    const errors: Array<string> = []
    const app = new Koa()
    app.on("error", (error: Error & { status?: number }) => {
      if (error.status === undefined) errors.push(String(error))
    })
    app.use(ofKoa.requestTasks({ ...options, route: () => "/users/:id" }))
    app.use(async (context) => {
      const body = await handle(idIn(context.path))
      context.body = typeof body === "string" ? body : Readable.from(body)
    })
    return listening(app.listen(0, "127.0.0.1"), errors)
  }
}

export const frameworks: ReadonlyArray<Framework> = [ofNode, withFastify, withExpress, withHono, withKoa]

const ports = new WeakMap<Server, number>()

/** The port of a server, which is known also when it does not listen any more. */
export const portOf = (server: Server): number => {
  const known = ports.get(server) ?? (server.address() as AddressInfo).port
  ports.set(server, known)
  return known
}

/** A client that can hang up: it has sent a request, and reads what comes. */
export const hangingUp = async (server: Server, text = "GET /users/7 HTTP/1.1\r\nHost: x\r\n\r\n"): Promise<Socket> => {
  const socket = connect({ port: portOf(server), host: "127.0.0.1", allowHalfOpen: true })
  socket.on("error", () => {})
  await once(socket, "connect")
  socket.write(text)
  return socket
}

/** Asks, on a connection of its own. */
export const ask = (server: Server, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
  fetch(`http://127.0.0.1:${portOf(server)}/users/7`, { headers: { connection: "close", ...headers } })

export { until } from "./until.ts"
