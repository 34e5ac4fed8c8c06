import * as asyncio from "@effect-asyncio/compat"
import type * as core from "@effect-asyncio/core"
import { detach } from "@effect-asyncio/server"
import * as ofEffect from "@effect-asyncio/server/effect"
import * as ofExpress from "@effect-asyncio/server/express"
import * as ofHono from "@effect-asyncio/server/hono"
import { requestListener } from "@effect-asyncio/server/node"
import type { Effect, Layer, Scope, Stream } from "effect"
import type { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import type { RpcClient, RpcClientError } from "effect/rpc"
import { Rpc, RpcGroup } from "effect/rpc"
import { Effect as Effects, Schema } from "effect"
import type { RequestHandler } from "express"
import type { Context } from "hono"
import type { RequestListener } from "node:http"
import { describe, expectTypeOf, it } from "vitest"

class Failure {
  readonly _tag = "Failure"
}
interface Service {
  readonly port: number
}

declare const app: Effect.Effect<HttpServerResponse.HttpServerResponse, Failure, Service>
declare const client: RpcClient.FromGroup<typeof Users, RpcClientError.RpcClientError>
declare const scoped: Effect.Effect<number, Failure, Service | Scope.Scope>

// The declared values above do not exist: the calls are written down to be checked, and never run.
const unrun = (calls: () => void): void => void calls

class Users extends RpcGroup.make(
  Rpc.make("GetUser", { success: Schema.String }),
  Rpc.make("Watch", { success: Schema.Number, stream: true })
).middleware(ofEffect.RpcTasks) {}

describe("types", () => {
  it("requestTask asks for the request, and keeps what the app fails with and needs", () =>
    unrun(() => {
      expectTypeOf(ofEffect.requestTask()(app)).toEqualTypeOf<
        Effect.Effect<HttpServerResponse.HttpServerResponse, Failure, Service | HttpServerRequest.HttpServerRequest>
      >()
    }))

  it("detach takes the scope out of what the work needs, and gives its task", () =>
    unrun(() => {
      expectTypeOf(ofEffect.detach(scoped)).toEqualTypeOf<Effect.Effect<core.Task<number, Failure>, never, Service>>()
      expectTypeOf(detach(async () => 1)).toEqualTypeOf<asyncio.Task<number>>()
    }))

  it("a call of an RPC that is a task can fail with an RpcRequestError, and its layer needs nothing", () =>
    unrun(() => {
      type Fails = ofEffect.RpcRequestError | RpcClientError.RpcClientError
      expectTypeOf(client.GetUser()).toEqualTypeOf<Effect.Effect<string, Fails>>()
      expectTypeOf(client.Watch()).toEqualTypeOf<Stream.Stream<number, Fails>>()
      expectTypeOf(ofEffect.rpcTasks({ timeout: "1 second" })).toEqualTypeOf<Layer.Layer<ofEffect.RpcTasks>>()
    }))

  it("inspectionRoutes are for a router, and serve takes an Effect on a loop", () =>
    unrun(() => {
      expectTypeOf(ofEffect.inspectionRoutes()).toEqualTypeOf<Layer.Layer<never, never, HttpRouter.HttpRouter>>()
      expectTypeOf(ofEffect.serve(() => Effects.void)).toEqualTypeOf<Promise<ofEffect.ServeReport>>()
      // @ts-expect-error a service that nobody provides
      void ofEffect.serve(() => Effects.orDie(Effects.scoped(app)))
    }))

  it("the entries give what their frameworks take", () =>
    unrun(() => {
      expectTypeOf(requestListener(() => {})).toExtend<RequestListener>()
      const handler: RequestHandler = ofExpress.requestTasks()(() => {})
      void handler
      const task = ofHono.requestTasks()
      expectTypeOf(task((context: Context) => context.text("Ada"))).toBeCallableWith({} as Context, async () => {})
      // @ts-expect-error no such option
      ofExpress.requestTasks({ patients: 1 })
      // @ts-expect-error no such status
      ofEffect.requestTask({ timeoutStatus: 500 })
    }))
})
