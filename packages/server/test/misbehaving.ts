/**
 * Handlers that do what they should not, in each framework: one server for each, whose route is `/users/7`.
 */
import { createServer, type Server } from "node:http"
import { once } from "node:events"
import { Readable } from "node:stream"
import * as asyncio from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import type { RequestLimits } from "@effect-asyncio/server"
import * as ofExpress from "@effect-asyncio/server/express"
import * as ofFastify from "@effect-asyncio/server/fastify"
import * as ofHono from "@effect-asyncio/server/hono"
import * as ofKoa from "@effect-asyncio/server/koa"
import { requestListener } from "@effect-asyncio/server/node"
import { serve as honoServer } from "@hono/node-server"
import { Effect, Stream } from "effect"
import { HttpServerResponse } from "effect/http"
import express from "express"
import fastify from "fastify"
import { Hono } from "hono"
import Koa from "koa"
import { startEffect } from "./effectServers.ts"

export type Mistake = "never answers" | "answers twice" | "fails after its answer" | "fails in the middle"

export interface Misbehaving {
  readonly server: Server
  readonly close: () => Promise<unknown>
}

type Start = (mistake: Mistake, limits: RequestLimits) => Promise<Misbehaving>

const listening = async (server: Server): Promise<Misbehaving> => {
  if (!server.listening) await once(server, "listening")
  return { server, close: () => new Promise((resolve) => server.close(resolve)) }
}

async function* half() {
  yield "half of "
  await asyncio.sleep(1)
  throw new Error("the rest is not there")
}

const late = async (): Promise<never> => {
  await asyncio.sleep(1)
  throw new Error("too late")
}

const node: Start = (mistake, limits) => {
  const listener = requestListener(
    async (_, response) => {
      if (mistake === "never answers") return
      if (mistake === "fails in the middle") {
        response.write("half of ")
        await late()
      }
      response.end("first")
      if (mistake === "fails after its answer") await late()
      response.end("second")
      response.writeHead(500)
    },
    { ...limits, onError: () => {} }
  )
  return listening(createServer(listener).listen(0, "127.0.0.1"))
}

const ofExpressApp: Start = (mistake, limits) => {
  const app = express()
  // Its own error handler logs in development.
  app.set("env", "test")
  const task = ofExpress.requestTasks(limits)
  app.get(
    "/users/:id",
    task(async (_, response) => {
      if (mistake === "never answers") return
      if (mistake === "fails in the middle") {
        response.write("half of ")
        await late()
      }
      response.send("first")
      if (mistake === "fails after its answer") await late()
      response.send("second")
    })
  )
  return listening(app.listen(0, "127.0.0.1"))
}

const ofFastifyApp: Start = async (mistake, limits) => {
  const app = fastify()
  await app.register(ofFastify.requestTasks, { ...limits })
  // Without a promise Fastify waits for its reply.
  if (mistake === "never answers") app.get("/users/:id", () => {})
  else
    app.get("/users/:id", async (_, reply) => {
      if (mistake === "fails in the middle") return Readable.from(half())
      void reply.send("first")
      if (mistake === "fails after its answer") return await late()
      return "second"
    })
  await app.listen({ port: 0, host: "127.0.0.1" })
  return { server: app.server, close: () => app.close() }
}

const ofHonoApp: Start = (mistake, limits) => {
  const app = new Hono()
  const task = ofHono.requestTasks(limits)
  app.get(
    "/users/:id",
    task(async (context) => {
      // It has to give an answer, or to wait.
      if (mistake === "never answers") return await asyncio.sleep("1 hour", context.text("never"))
      if (mistake === "fails in the middle")
        return context.body(Readable.toWeb(Readable.from(half())) as ReadableStream)
      const answer = context.text("first")
      // What a handler of Hono gives is its answer: what comes behind it is work that nobody waits for.
      if (mistake === "fails after its answer") void late().catch(() => {})
      else context.text("second")
      return answer
    })
  )
  app.onError((error, context) => {
    return "getResponse" in error ? (error as { getResponse(): Response }).getResponse() : context.text("failed", 500)
  })
  return listening(honoServer({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }) as Server)
}

const ofKoaApp: Start = (mistake, limits) => {
  const app = new Koa()
  app.silent = true
  app.use(ofKoa.requestTasks(limits))
  app.use(async (context) => {
    if (mistake === "never answers") {
      context.respond = false
      return
    }
    if (mistake === "fails in the middle") {
      context.body = Readable.from(half())
      return
    }
    context.status = 200
    context.res.end("first")
    if (mistake === "fails after its answer") await late()
    context.body = "second"
  })
  return listening(app.listen(0, "127.0.0.1"))
}

const ofEffect: Start = async (mistake, limits) => {
  const bytes = new TextEncoder()
  const answers: Readonly<Record<Mistake, Effect.Effect<HttpServerResponse.HttpServerResponse>>> = {
    "never answers": Effect.never,
    // An Effect has one answer.
    "answers twice": Effect.succeed(HttpServerResponse.text("first")),
    "fails after its answer": Effect.addFinalizer(() => Effect.andThen(core.sleep(1), Effect.die("too late"))).pipe(
      Effect.as(HttpServerResponse.text("first"))
    ) as never,
    "fails in the middle": Effect.succeed(
      HttpServerResponse.stream(
        Stream.concat(
          Stream.succeed(bytes.encode("half of ")),
          Stream.fromEffect(Effect.andThen(core.sleep(20), Effect.die(new Error("the rest is not there"))))
        )
      )
    )
  }
  const { runtime, server } = await startEffect(answers[mistake], limits)
  return { server, close: () => runtime.dispose() }
}

export const misbehaving: Readonly<Record<string, Start>> = {
  "node:http": node,
  Fastify: ofFastifyApp,
  Express: ofExpressApp,
  Hono: ofHonoApp,
  Koa: ofKoaApp,
  Effect: ofEffect
}
