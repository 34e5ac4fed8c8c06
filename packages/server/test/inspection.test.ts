import * as asyncio from "@effect-asyncio/core"
import { inspectionRoutes } from "@effect-asyncio/server/effect"
import { inspectionListener, type InspectionOptions, type TasksReport } from "@effect-asyncio/server/inspection"
import { NodeHttpServer } from "@effect/platform-node"
import { Effect, Layer, ManagedRuntime, Metric } from "effect"
import { HttpRouter } from "effect/http"
import { once } from "node:events"
import { createServer, request as httpRequest, type Server } from "node:http"
import { assert, describe, it } from "vitest"
import { portOf } from "./frameworks.ts"

const token = "a secret of sixteen and more".replaceAll(" ", "-")

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

/** Asks with any headers: `fetch` does not let a program choose the host. */
const ask = async (
  server: Server,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  method = "GET"
): Promise<Answer> => {
  const request = httpRequest({ port: portOf(server), host: "127.0.0.1", path, method, headers, agent: false })
  request.end()
  const [response] = (await once(request, "response")) as [import("node:http").IncomingMessage]
  let body = ""
  for await (const piece of response) body += String(piece)
  return { status: response.statusCode!, headers: response.headers, body }
}

/** The same two paths, as a listener and as routes of Effect. */
const kinds = {
  "node:http": async (options?: InspectionOptions) => {
    const server = createServer(inspectionListener(options)).listen(0, "127.0.0.1")
    await once(server, "listening")
    return { server, close: async () => void server.close() }
  },
  "Effect's HttpRouter": async (options?: InspectionOptions) => {
    const server = createServer()
    const app = HttpRouter.serve(inspectionRoutes({ ...options, path: "/internal" }), {
      disableLogger: true,
      disableListenLog: true
    }).pipe(Layer.provide(NodeHttpServer.layer(() => server, { port: 0, host: "127.0.0.1" })))
    const runtime = ManagedRuntime.make(app)
    await runtime.runPromise(Effect.void)
    return { server, close: () => runtime.dispose() }
  }
}

describe.each(Object.entries(kinds))("the paths for inspection, with %s", (_, start) => {
  it("tell which tasks there are, with their labels and what they wait for", async () => {
    const { close, server } = await start()
    const main = Effect.gen(function* () {
      const task = yield* asyncio.createTask(asyncio.sleep("1 hour"), { name: "import", labels: { file: 7 } })
      yield* asyncio.sleep(5)
      const answer = yield* Effect.promise(() => ask(server, "/internal/tasks"))
      yield* asyncio.cancelAndWait(task)
      return answer
    })

    const answer = await asyncio.run(main)

    const report = JSON.parse(answer.body) as TasksReport
    const found = report.tasks.find(({ name }) => name === "import")!
    assert.deepStrictEqual([found.labels, found.state, found.createdBy?.name], [{ file: 7 }, "pending", "Task-1"])
    assert.include(found.waitingFor, "Future")
    assert.isAtLeast(found.ageMs, 0)
    assert.strictEqual(answer.headers["cache-control"], "no-store")
    await close()
  })

  it("tell what is measured, in the text of Prometheus", async () => {
    const { close, server } = await start()
    Metric.counter("inspected_orders").updateUnsafe(3, (await Effect.runPromise(Effect.context())) as never)

    const { body, headers } = await ask(server, "/internal/metrics")

    assert.match(body, /^# TYPE asyncio_in_flight gauge\nasyncio_in_flight \d+$/m)
    assert.match(body, /^asyncio_tasks_alive \d+$/m)
    assert.match(body, /^inspected_orders \d+$/m)
    assert.match(String(headers["content-type"]), /^text\/plain; version=0.0.4/)
    await close()
  })

  it("are not for a proxy, for the page of a web site, nor for anybody who changes something", async () => {
    const { close, server } = await start()
    const statusOf = async (headers: Readonly<Record<string, string>>, method?: string) =>
      (await ask(server, "/internal/tasks", headers, method)).status

    const refused = [
      await statusOf({ "x-forwarded-for": "203.0.113.7" }),
      await statusOf({ forwarded: "for=203.0.113.7" }),
      await statusOf({ host: "evil.example" }),
      await statusOf({ host: "127.0.0.1.evil.example" }),
      await statusOf({ authorization: `Bearer ${token}`, "x-real-ip": "203.0.113.7" })
    ]

    assert.deepStrictEqual(refused, [403, 403, 403, 403, 403])
    assert.deepStrictEqual([await statusOf({ host: "localhost:80" }), await statusOf({}, "HEAD")], [200, 200])
    assert.oneOf(await statusOf({}, "DELETE"), [404, 405])
    await close()
  })

  it("are for whoever knows the token, and for nobody else", async () => {
    const { close, server } = await start({ token })
    const answers = []
    for (const authorization of ["", "Bearer", `Bearer ${token}x`, `Basic ${token}`, `Bearer ${token}`])
      answers.push(
        await ask(server, "/internal/tasks", { authorization, host: "app.example", "x-forwarded-for": "203.0.113.7" })
      )

    assert.deepStrictEqual(
      answers.map(({ status }) => status),
      [401, 401, 401, 401, 200]
    )
    assert.strictEqual(answers[0]!.headers["www-authenticate"], "Bearer")
    await close()
  })
})

describe("options of the paths for inspection", () => {
  it("that cannot be meant are refused", () => {
    for (const make of [inspectionListener, inspectionRoutes]) {
      assert.throws(() => make({ token: "short" }), /token must be a string of at least 16 characters/)
      assert.throws(() => make({ token: "" }), /token/)
      assert.throws(() => make("open" as never), /inspection/)
    }
  })

  it("lead to nothing else by other paths", async () => {
    const { close, server } = await kinds["node:http"]()

    assert.deepStrictEqual((await ask(server, "/internal/")).status, 404)
    assert.deepStrictEqual((await ask(server, "/tasks/?page=1")).status, 200)
    await close()
  })
})
