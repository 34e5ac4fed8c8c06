// The service over HTTP.
import type * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { createServer, type IncomingMessage } from "node:http"
import type { Config } from "../shared/config.ts"
import { errorReply, HttpError, parseTarget, parseWait, readJson, type Reply, send } from "../shared/http.ts"
import { parseJobRequest, viewOf } from "../shared/job.ts"
import type { JobService } from "./jobs.ts"

/** Makes the server; every request is a task of `group`, and is cancelled when its client hangs up. */
export const makeServer = Effect.fnUntraced(function* (
  service: JobService,
  config: Config,
  group: asyncio.TaskGroup<never>
) {
  const run = Effect.runSyncWith(yield* Effect.context())
  return createServer((request, response) => {
    const answer = handle(service, config, request).pipe(
      Effect.catch((error) => Effect.succeed(errorReply(error))),
      Effect.catchDefect((defect) => Effect.succeed(errorReply(defect))),
      Effect.map((reply) => send(request, response, reply))
    )
    const task = run(group.createTask(answer, { name: `${request.method} ${request.url}` }))
    response.once("close", () => task.cancelUnsafe("the client is gone"))
  })
})

/** What the plain functions throw is meant for the client. */
const attempt = <A>(body: () => A) => Effect.try({ try: body, catch: (error) => error })

const handle = Effect.fn("handle")(function* (service: JobService, config: Config, request: IncomingMessage) {
  const { id, route, url } = yield* attempt(() => parseTarget(request))
  switch (route) {
    case "POST /jobs": {
      const json = yield* Effect.tryPromise({ try: () => readJson(request, config.maxBody), catch: (error) => error })
      const job = yield* service.submit(yield* attempt(() => parseJobRequest(json)))
      return reply(202, { id: job.id })
    }
    case "GET /jobs":
      return reply(200, service.store.all().map(viewOf))
    case "GET /jobs/:id": {
      const job = yield* attempt(() => service.store.get(id))
      yield* service.wait(job, yield* attempt(() => parseWait(url)))
      return reply(200, viewOf(job))
    }
    case "DELETE /jobs/:id": {
      const job = yield* attempt(() => service.store.get(id))
      yield* service.cancel(job, "deleted by client")
      return reply(202, viewOf(job))
    }
    case "GET /health":
      return reply(200, service.counts())
    default:
      return yield* Effect.fail(new HttpError(404, `nothing at ${route}`))
  }
})

const reply = (status: number, body: unknown): Reply => ({ status, body })
