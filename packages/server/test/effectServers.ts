/**
 * Effect's servers with the middleware, on a loop of their own.
 */
import { createServer, type Server } from "node:http"
import * as asyncio from "@effect-asyncio/core"
import { requestTask, type RequestTaskOptions } from "@effect-asyncio/server/effect"
import { NodeHttpServer } from "@effect/platform-node"
import { type Effect, Layer, ManagedRuntime, type Scope, Tracer } from "effect"
import { HttpRouter, type HttpServerRequest, HttpServerResponse } from "effect/http"

export type Handle = Effect.Effect<
  HttpServerResponse.HttpServerResponse,
  never,
  HttpServerRequest.HttpServerRequest | Scope.Scope
>

export const text = (value: string) => HttpServerResponse.text(value)

/** A runtime with a loop, and a server with one route, `/users/:id`. Without a tracer of a program Effect makes no span for a request. */
export const startEffect = async (
  handle: Handle,
  options?: RequestTaskOptions,
  tracer = Tracer.make({ span: (given) => Tracer.nativeTracer.span(given) }),
  server: Server = createServer()
) => {
  const routes = HttpRouter.add("GET", "/users/:id", handle).pipe(
    Layer.provide(HttpRouter.middleware(requestTask(options)).layer)
  )
  const app = HttpRouter.serve(routes, { disableLogger: true, disableListenLog: true }).pipe(
    Layer.provide(
      NodeHttpServer.layer(() => server, { port: 0, host: "127.0.0.1", gracefulShutdownTimeout: "100 millis" })
    ),
    Layer.provide(Layer.succeed(Tracer.Tracer)(tracer)),
    Layer.provideMerge(asyncio.layer())
  )
  const runtime = ManagedRuntime.make(app)
  const loop = await runtime.runPromise(asyncio.getRunningLoop)
  return { server, runtime, tasks: () => loop.allTasksUnsafe() }
}
