import * as asyncio from "@effect-asyncio/core"
import { type CancelledRequest, RpcTasks, rpcTasks, type RpcTasksOptions } from "@effect-asyncio/server/effect"
import { NodeHttpServer } from "@effect/platform-node"
import { Effect, Fiber, Layer, ManagedRuntime, Schema, Stream } from "effect"
import { FetchHttpClient, HttpRouter } from "effect/http"
import { Rpc, RpcClient, RpcGroup, RpcSerialization, RpcServer } from "effect/rpc"
import { createServer } from "node:http"
import { assert, describe, it } from "vitest"
import { countInFlight } from "../src/internal/inFlight.ts"
import { portOf, until } from "./frameworks.ts"

class Users extends RpcGroup.make(
  Rpc.make("GetUser", { payload: { id: Schema.String }, success: Schema.String }),
  Rpc.make("Watch", { success: Schema.String, stream: true })
).middleware(RpcTasks) {}

/** A server of these calls over HTTP, and a runtime that has a client of it. */
const start = async (getUser: Effect.Effect<string>, options?: RpcTasksOptions) => {
  const server = createServer()
  const handlers = Users.toLayer({
    GetUser: () => getUser,
    Watch: () =>
      Stream.concat(Stream.fromEffect(asyncio.currentTask.pipe(Effect.map((task) => task.getName()))), Stream.never)
  })
  const rpcs = RpcServer.layerHttp({ group: Users, path: "/rpc", protocol: "http" }).pipe(
    Layer.provide(handlers),
    Layer.provide(rpcTasks(options))
  )
  const app = HttpRouter.serve(rpcs, { disableLogger: true, disableListenLog: true }).pipe(
    Layer.provide(
      NodeHttpServer.layer(() => server, { port: 0, host: "127.0.0.1", gracefulShutdownTimeout: "100 millis" })
    ),
    Layer.provide(RpcSerialization.layerNdjson),
    Layer.provideMerge(asyncio.layer())
  )
  const runtime = ManagedRuntime.make(app)
  await runtime.runPromise(Effect.void)
  const protocol = RpcClient.layerProtocolHttp({ url: `http://127.0.0.1:${portOf(server)}/rpc` }).pipe(
    Layer.provide([FetchHttpClient.layer, RpcSerialization.layerNdjson])
  )
  type Client = Effect.Success<ReturnType<typeof makeClient>>
  const makeClient = () => RpcClient.make(Users)
  const call = <A, E>(body: (client: Client) => Effect.Effect<A, E>) =>
    Effect.scoped(Effect.flatMap(makeClient(), body)).pipe(Effect.provide(protocol))
  return { runtime, call }
}

describe("calls of RPCs", () => {
  it("are tasks that are named by their tag", async () => {
    let labels: asyncio.Labels = {}
    const getUser = Effect.map(asyncio.currentTask, (task) => {
      labels = task.labels
      return task.getName()
    })
    const { call, runtime } = await start(getUser)

    const name = await Effect.runPromise(call((client) => client.GetUser({ id: "7" })))

    assert.strictEqual(name, "RPC GetUser")
    assert.strictEqual(labels["rpc"], "GetUser")
    assert.sameMembers(Object.keys(labels), ["rpc", "client", "id"])
    await runtime.dispose()
    assert.strictEqual(countInFlight(), 0)
  })

  it("end with a caller that gives up, and with a stream that nobody reads any more", async () => {
    const told: Array<unknown> = []
    const onCancelled = ({ cancellation, name, status }: CancelledRequest) =>
      Effect.sync(() => void told.push([name, status, cancellation.kind]))
    const { call, runtime } = await start(Effect.as(asyncio.sleep("1 hour"), "never"), { onCancelled })

    const fiber = Effect.runFork(call((client) => client.GetUser({ id: "7" })))
    await until(() => countInFlight() === 1)
    await Effect.runPromise(Fiber.interrupt(fiber))
    await until(() => countInFlight() === 0)
    const first = await Effect.runPromise(call((client) => Stream.runCollect(Stream.take(client.Watch(), 1))))
    await until(() => countInFlight() === 0)

    assert.deepStrictEqual([...first], ["RPC Watch"])
    assert.deepStrictEqual(told, [
      ["RPC GetUser", 499, "disconnect"],
      ["RPC Watch", 499, "disconnect"]
    ])
    await runtime.dispose()
  })

  it("fail with a typed error when their time is up, or too many are there", async () => {
    const { call, runtime } = await start(Effect.as(asyncio.sleep("1 hour"), "never"), {
      concurrency: 1,
      queue: 0,
      timeoutHeader: "x-deadline"
    })
    const kindOf = (headers: Readonly<Record<string, string>>) =>
      call((client) => Effect.flip(client.GetUser({ id: "7" }, { headers })))

    const slow = Effect.runPromise(kindOf({ "x-deadline": "200" }))
    await until(() => countInFlight() === 1)
    const refused = await Effect.runPromise(kindOf({}))
    const late = await slow

    assert.deepInclude(refused, { _tag: "RpcRequestError", retryAfter: 1 })
    assert.deepInclude(late, { _tag: "RpcRequestError", kind: "timeout" })
    await runtime.dispose()
    assert.strictEqual(countInFlight(), 0)
  })
})
