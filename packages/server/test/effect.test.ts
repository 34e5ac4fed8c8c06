import * as asyncio from "@effect-asyncio/core"
import { type CancelledRequest, requestTask, serve } from "@effect-asyncio/server/effect"
import { NodeHttpServer } from "@effect/platform-node"
import { Effect, Layer, ManagedRuntime, type Tracer } from "effect"
import { FetchHttpClient, HttpClient, HttpRouter, HttpServer, HttpServerResponse } from "effect/http"
import { once } from "node:events"
import { createServer, request as httpRequest } from "node:http"
import { assert, describe, it } from "vitest"
import { countInFlight } from "../src/internal/inFlight.ts"
import { type Handle, startEffect, text } from "./effectServers.ts"
import { ask, hangingUp, until } from "./frameworks.ts"

const hour = Effect.as(asyncio.sleep("1 hour"), text("never"))

describe("Effect's HttpRouter", () => {
  it("runs a request in a task that is named by its method and route, and has its span", async () => {
    const traceId = "0af7651916cd43dd8448eb211c80319c"
    const seen: Array<unknown> = []
    let attribute: unknown
    const { runtime, server } = await startEffect(
      Effect.gen(function* () {
        const task = yield* asyncio.currentTask
        const span = yield* Effect.orDie(Effect.currentParentSpan)
        const { id, ...labels } = task.labels
        seen.push(task.getName(), labels, id, span.traceId)
        attribute = (span as Tracer.Span).attributes.get("task")
        return text("Ada")
      })
    )

    const response = await ask(server, { traceparent: `00-${traceId}-b7ad6b7169203331-01`, "x-request-id": "r-7" })

    assert.strictEqual(await response.text(), "Ada")
    assert.deepStrictEqual(seen, ["GET /users/:id", { method: "GET", route: "/users/:id" }, "r-7", traceId])
    assert.strictEqual(attribute, "GET /users/:id")
    await runtime.dispose()
    assert.strictEqual(countInFlight(), 0)
  })

  it("has 1,000 requests whose clients hang up cancelled, and keeps nothing of them", async () => {
    const kinds = new Map<string, number>()
    let begun = 0
    let cleaned = 0
    const handle = Effect.gen(function* () {
      begun++
      yield* asyncio.sleep("1 hour").pipe(
        asyncio.catchCancelled((error) => {
          kinds.set(error.kind, (kinds.get(error.kind) ?? 0) + 1)
          return Effect.interrupt
        }),
        Effect.ensuring(Effect.sync(() => cleaned++))
      )
      return text("never")
    })
    const { runtime, server, tasks } = await startEffect(handle)
    for (let round = 1; round <= 5; round++) {
      const clients = await Promise.all(Array.from({ length: 200 }, () => hangingUp(server)))
      await until(() => begun === 200 * round)
      for (const client of clients) client.destroy()
      await until(() => cleaned === 200 * round && countInFlight() === 0)
    }

    assert.deepStrictEqual([...kinds], [["disconnect", 1000]])
    assert.strictEqual(tasks().filter((task) => task.getName().startsWith("GET")).length, 0)
    await runtime.dispose()
  })

  it("has a request cancelled also without a router, where Effect lets no disconnect interrupt it", async () => {
    const kinds: Array<string> = []
    const server = createServer()
    const onCancelled = ({ cancellation, name }: CancelledRequest) =>
      Effect.sync(() => void kinds.push(`${name} ${cancellation.kind}`))
    const app = HttpServer.serve(requestTask({ onCancelled })(hour)).pipe(
      Layer.provide(NodeHttpServer.layer(() => server, { port: 0, host: "127.0.0.1" })),
      Layer.provideMerge(asyncio.layer())
    )
    const runtime = ManagedRuntime.make(app)
    await runtime.runPromise(Effect.void)
    const client = await hangingUp(server)
    await until(() => countInFlight() === 1)

    client.destroy()

    await until(() => countInFlight() === 0)
    assert.deepStrictEqual(kinds, ["GET /users/7 disconnect"])
    await runtime.dispose()
  })

  it("answers 503 or 504 when the time is up, and 503 where somebody cancels the task", async () => {
    const own = await startEffect(hour, { timeout: 5 })
    const other = await startEffect(hour, { timeout: 5, timeoutStatus: 504 })
    const stopped = await startEffect(hour)
    const asked = ask(stopped.server)
    await until(() => countInFlight() === 1)
    for (const task of stopped.tasks()) task.cancelUnsafe("by hand")

    const answers = [await ask(own.server), await ask(other.server), await asked]

    assert.deepStrictEqual(
      answers.map(({ status }) => status),
      [503, 504, 503]
    )
    for (const { runtime } of [own, other, stopped]) await runtime.dispose()
    assert.strictEqual(countInFlight(), 0)
  })

  // https://github.com/Effect-TS/effect/issues/6485
  it("is disposed behind a HEAD request that was aborted while it waited for an upstream", async () => {
    let isAsked = false
    const upstream = createServer(() => (isAsked = true)).listen(0, "127.0.0.1")
    await once(upstream, "listening")
    const { port } = upstream.address() as { port: number }
    const routes = HttpRouter.add(
      "GET",
      "/",
      HttpClient.head(`http://127.0.0.1:${port}/`).pipe(
        Effect.orDie,
        Effect.as(HttpServerResponse.empty()),
        Effect.provide(FetchHttpClient.layer)
      )
    ).pipe(Layer.provide(HttpRouter.middleware(requestTask()).layer))
    const server = createServer()
    const app = HttpRouter.serve(routes, { disableLogger: true, disableListenLog: true }).pipe(
      Layer.provide(NodeHttpServer.layer(() => server, { port: 0, gracefulShutdownTimeout: "100 millis" })),
      Layer.provideMerge(asyncio.layer())
    )
    const runtime = ManagedRuntime.make(app)
    await runtime.runPromise(Effect.void)
    const client = httpRequest({ port: (server.address() as { port: number }).port, method: "HEAD" })
    client.on("error", () => {})
    client.end()
    await until(() => isAsked)

    client.destroy()
    await runtime.dispose()

    assert.strictEqual(countInFlight(), 0)
    upstream.closeAllConnections()
    upstream.close()
  })
})

describe("serve of core", () => {
  it("lets requests finish, then closes the layer, and cancels what is left", async () => {
    const order: Array<string> = []
    const run = async (handle: Handle, grace: number) => {
      const server = createServer()
      const routes = HttpRouter.add("GET", "/users/:id", handle).pipe(
        Layer.provide(HttpRouter.middleware(requestTask()).layer)
      )
      const database = Layer.effectDiscard(
        Effect.acquireRelease(Effect.void, () => Effect.sync(() => order.push("database closed")))
      )
      let answer: Promise<Response> | undefined
      const report = await serve(
        (service) => {
          const app = HttpRouter.serve(routes, { disableLogger: true, disableListenLog: true }).pipe(
            Layer.provide(NodeHttpServer.layer(() => service.track(server), { port: 0, host: "127.0.0.1" })),
            Layer.provide(database)
          )
          const whenUp = Effect.sync(() => {
            answer = ask(server)
            void until(() => countInFlight() === 1).then(() => service.stop("SIGTERM"))
          })
          return Effect.orDie(
            Effect.scoped(Layer.build(app).pipe(Effect.andThen(whenUp), Effect.andThen(service.drained)))
          )
        },
        { exit: false, grace, log: () => {} }
      )
      return [(await answer!).status, report.cut, report.exitCode]
    }
    const note = (line: string) => Effect.sync(() => order.push(line))

    const finished = await run(Effect.as(Effect.andThen(asyncio.sleep(50), note("answered")), text("Ada")), 60_000)
    const cut = await run(Effect.as(Effect.ensuring(asyncio.sleep("1 hour"), note("cleaned up")), text("never")), 5)

    assert.deepStrictEqual(finished, [200, [], 0])
    assert.deepStrictEqual(cut, [503, ["GET /users/:id"], 143])
    assert.deepStrictEqual(order, ["answered", "database closed", "cleaned up", "database closed"])
  })
})
