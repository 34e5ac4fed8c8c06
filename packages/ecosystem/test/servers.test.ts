import { once } from "node:events"
import { type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { serve } from "@hono/node-server"
import * as asyncio from "@effect-asyncio/compat"
import express from "express"
import fastify from "fastify"
import { Hono } from "hono"
import Koa from "koa"
import { assert, describe, it } from "vitest"
import { sevenWays } from "./support/sevenWays.ts"

/** What a request does. */
type Handle = () => Promise<string>

interface Running {
  readonly origin: string
  /** Takes no more requests, and waits for those in flight. */
  readonly close: () => Promise<unknown>
}

/** Starts a server whose requests are tasks of `group`, which end when their clients go. */
type Start = (group: asyncio.TaskGroup, handle: Handle) => Promise<Running>

/** A signal that aborts when the client has gone before the answer was there. */
const goneSignal = (response: {
  readonly writableFinished: boolean
  on(name: "close", listener: () => void): unknown
}): AbortSignal => {
  const gone = new AbortController()
  response.on("close", () => {
    if (!response.writableFinished) gone.abort(new Error("the client has gone"))
  })
  return gone.signal
}

const originOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

const running = async (server: Server): Promise<Running> => {
  if (!server.listening) await once(server, "listening")
  return { origin: originOf(server), close: () => new Promise((resolve) => server.close(resolve)) }
}

const startExpress: Start = (group, handle) => {
  const app = express()
  app.get("/", async (_, response) => {
    response.send(await group.createTask(handle, { signal: goneSignal(response) }))
  })
  app.use(((error, _, response, next) =>
    response.headersSent ? next(error) : response.status(503).end()) satisfies express.ErrorRequestHandler)
  return running(app.listen(0, "127.0.0.1"))
}

const startFastify: Start = async (group, handle) => {
  const app = fastify()
  app.get("/", async (_, reply) => group.createTask(handle, { signal: goneSignal(reply.raw) }))
  const origin = await app.listen({ port: 0, host: "127.0.0.1" })
  return { origin, close: () => app.close() }
}

const startHono: Start = async (group, handle) => {
  const app = new Hono()
  app.get("/", async (context) => context.text(await group.createTask(handle, { signal: context.req.raw.signal })))
  app.onError((_, context) => context.text("", 503))
  return running(serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }) as Server)
}

const startKoa: Start = (group, handle) => {
  const app = new Koa()
  app.silent = true
  app.use(async (context) => {
    context.body = await group.createTask(handle, { signal: goneSignal(context.res) })
  })
  return running(app.listen(0, "127.0.0.1"))
}

const servers: ReadonlyArray<readonly [string, Start]> = [
  ["express", startExpress],
  ["fastify", startFastify],
  ["hono", startHono],
  ["koa", startKoa]
]

const rounds = Number(process.env.ECOSYSTEM_ROUNDS ?? "200")

/** A client that goes away when it is told to, and is told that it was answered. */
const ask = async (origin: string, signal?: AbortSignal): Promise<string> => {
  const response = await fetch(origin, { headers: { connection: "close" }, signal: signal ?? null })
  return `${response.status} ${await response.text()}`
}

for (const [library, start] of servers) {
  sevenWays(
    {
      library,
      operation: "shutdown with requests in flight",
      means: "inside",
      recipe: "group.createTask(handle, { signal }) in the handler, and close the server in `finally`."
    },
    {
      atOnce: 5,
      attempt: () => {
        const begun = Promise.withResolvers<void>()
        const answer = Promise.withResolvers<unknown>()
        const handle = async () => {
          begun.resolve()
          await asyncio.sleep("1 hour")
          return "never"
        }
        const run = async () => {
          asyncio.currentSignal().throwIfAborted()
          const closers: Array<Running["close"]> = []
          try {
            await asyncio.taskGroup(async (group) => {
              const { close, origin } = await start(group, handle)
              closers.push(close)
              answer.resolve(ask(origin))
              await asyncio.sleep("1 hour")
            })
          } finally {
            for (const close of closers) await close()
          }
        }
        const stopped = answer.promise.then((text) => assert.match(String(text), /^50[03] /))
        return { run, begun: begun.promise, stopped }
      }
    }
  )

  describe(library, () => {
    it("cancels the work of a client that has gone, in groups and timeouts, and answers all others", async () => {
      const count = { begun: 0, cancelled: 0, answered: 0, left: 0 }
      const part = async () => {
        try {
          await asyncio.sleep("1 hour")
        } finally {
          count.left--
        }
      }
      let slow = true
      const handle = async () => {
        if (!slow) return "quick"
        try {
          return await asyncio.timeout("1 hour", async () => {
            await asyncio.taskGroup(async (group) => {
              count.left += 2
              group.createTask(part)
              group.createTask(part)
              await asyncio.sleep(0)
              count.begun++
            })
            return "slow"
          })
        } catch (error) {
          if (asyncio.isCancelled(error)) count.cancelled++
          throw error
        }
      }
      await asyncio.run(() =>
        asyncio.taskGroup(async (group) => {
          const { close, origin } = await start(group, handle)
          for (let round = 0; round < rounds; round += 20) {
            slow = true
            const goes = new AbortController()
            const before = count.begun
            const gone = Array.from({ length: 20 }, () => ask(origin, goes.signal).catch(() => "gone"))
            while (count.begun < before + 20) await asyncio.sleep(1)
            slow = false
            const answered = await Promise.all(Array.from({ length: 5 }, () => ask(origin)))
            count.answered += answered.filter((text) => text === "200 quick").length
            goes.abort()
            assert.deepStrictEqual(
              await Promise.all(gone),
              gone.map(() => "gone")
            )
            while (count.cancelled < count.begun) await asyncio.sleep(1)
          }
          await close()
        })
      )
      assert.deepStrictEqual(count, { begun: rounds, cancelled: rounds, answered: rounds / 4, left: 0 })
    })
  })
}
