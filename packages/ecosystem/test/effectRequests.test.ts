// A request of Effect's server that waits for PostgreSQL through @effect/sql-pg: the database says whether the query has ended with its client.
import { createServer } from "node:http"
import { connect, type AddressInfo } from "node:net"
import * as asyncio from "@effect-asyncio/core"
import { type CancelledRequest, requestTask } from "@effect-asyncio/server/effect"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { PgClient } from "@effect/sql-pg"
import { Effect, Layer, ManagedRuntime, Redacted } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { SqlClient } from "effect/sql"
import { assert, describe, it } from "vitest"
import { PostgresActivity, postgresUrl, withoutPostgres } from "./support/postgres.ts"

const rounds = Number(process.env.ECOSYSTEM_ROUNDS ?? "200")
// As many as there are connections to the database.
const atOnce = 20

describe.skipIf(withoutPostgres !== undefined)("a query of Effect's whose client hangs up", () => {
  it("ends in the database", async () => {
    const application = "requests of Effect"
    const activity = new PostgresActivity(application)
    const kinds = new Map<string, number>()
    const onCancelled = ({ cancellation, status }: CancelledRequest) =>
      Effect.sync(() => {
        const kind = `${status} ${cancellation.kind}`
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
      })
    const slow = Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql`select pg_sleep(3600)`
      return HttpServerResponse.text("never")
    })
    const routes = HttpRouter.add("GET", "/", Effect.orDie(slow)).pipe(
      Layer.provide(HttpRouter.middleware(requestTask({ onCancelled })).layer)
    )
    const server = createServer()
    const app = HttpRouter.serve(routes, { disableLogger: true, disableListenLog: true }).pipe(
      Layer.provide(NodeHttpServer.layer(() => server, { port: 0, host: "127.0.0.1" })),
      Layer.provide(
        PgClient.layer({
          url: Redacted.make(postgresUrl ?? ""),
          applicationName: application,
          maxConnections: atOnce
        })
      ),
      Layer.provideMerge(asyncio.layer())
    )
    const runtime = ManagedRuntime.make(app)
    const loop = await runtime.runPromise(asyncio.getRunningLoop)
    const busy = async (wanted: number) => {
      while ((await activity.summary()).busy !== wanted) await new Promise((resolve) => setTimeout(resolve, 2))
    }

    for (let round = 0; round < rounds / 2; round += atOnce) {
      const { port } = server.address() as AddressInfo
      const clients = Array.from({ length: atOnce }, () => connect(port, "127.0.0.1"))
      for (const client of clients) client.on("error", () => {}).write("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
      await busy(atOnce)
      for (const client of clients) client.destroy()
      await busy(0)
    }

    const left = () => loop.allTasksUnsafe().filter((task) => task.getName().startsWith("GET"))
    const count = Math.ceil(rounds / 2 / atOnce) * atOnce
    // The fiber of a request tells of it when its task has ended.
    const told = () => Array.from(kinds.values()).reduce((sum, each) => sum + each, 0)
    while (left().length > 0 || told() < count) await new Promise((resolve) => setTimeout(resolve, 2))
    assert.deepStrictEqual([...kinds], [["499 disconnect", count]])
    assert.deepInclude(await activity.summary(), { busy: 0, locks: 0 })
    await runtime.dispose()
    // The database notices some time later that a client has closed its connection.
    while ((await activity.summary()).connections > 0) await new Promise((resolve) => setTimeout(resolve, 2))
    await activity.close()
  })
})
