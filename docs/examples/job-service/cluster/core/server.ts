// The service over HTTP.
import { requestTask } from "@effect-asyncio/server/effect"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import { Effect, Layer } from "effect"
import { HttpServer, HttpServerRequest, HttpServerResponse } from "effect/http"
import type { IncomingMessage, Server } from "node:http"
import type { Config } from "../../shared/config.ts"
import { errorReply, HttpError, parseTarget, parseWait, readJson, type Reply } from "../../shared/http.ts"
import { parseJobRequest } from "../../shared/job.ts"
import type { JobService } from "./jobs.ts"

/** Has the server listen until the scope closes; every request is a task, and is cancelled when its client hangs up. */
export const listen = (server: Server, service: JobService, config: Config) =>
  HttpServer.serve(requestTask()(app(service, config))).pipe(
    Layer.provide(NodeHttpServer.layer(() => server, { port: config.port, host: "127.0.0.1" })),
    Layer.build,
    Effect.orDie
  )

const app = (service: JobService, config: Config) =>
  Effect.gen(function* () {
    const request = NodeHttpServerRequest.toIncomingMessage(
      yield* HttpServerRequest.HttpServerRequest
    ) as IncomingMessage
    const { body, status } = yield* handle(service, config, request).pipe(
      Effect.catch((error) => Effect.succeed(errorReply(error))),
      Effect.catchDefect((defect) => Effect.succeed(errorReply(defect)))
    )
    // Nobody wants to read what is left of it.
    const headers = request.complete ? {} : { connection: "close" }
    return HttpServerResponse.jsonUnsafe(body, { status, headers })
  })

/** What the plain functions throw is meant for the client. */
const attempt = <A>(body: () => A) => Effect.try({ try: body, catch: (error) => error })

const handle = Effect.fn("handle")(function* (service: JobService, config: Config, request: IncomingMessage) {
  const { id, route, url } = yield* attempt(() => parseTarget(request))
  switch (route) {
    case "POST /jobs": {
      const json = yield* Effect.tryPromise({ try: () => readJson(request, config.maxBody), catch: (error) => error })
      return reply(202, { id: yield* service.submit(yield* attempt(() => parseJobRequest(json))) })
    }
    case "GET /jobs":
      return reply(200, yield* service.list)
    case "GET /jobs/:id": {
      yield* service.get(id)
      yield* service.wait(id, yield* attempt(() => parseWait(url)))
      return reply(200, yield* service.get(id))
    }
    case "DELETE /jobs/:id":
      return reply(202, yield* service.cancel(id, "deleted by client"))
    case "GET /health":
      return reply(200, yield* service.counts)
    default:
      return yield* Effect.fail(new HttpError(404, `nothing at ${route}`))
  }
})

const reply = (status: number, body: unknown): Reply => ({ status, body })
