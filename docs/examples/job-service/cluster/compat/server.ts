// The service over HTTP.
import * as asyncio from "@effect-asyncio/compat"
import { requestListener } from "@effect-asyncio/server/node"
import { createServer, type IncomingMessage, type Server } from "node:http"
import type { Config } from "../../shared/config.ts"
import { errorReply, HttpError, parseTarget, parseWait, readJson, type Reply, send } from "../../shared/http.ts"
import { parseJobRequest } from "../../shared/job.ts"
import type { JobService } from "./jobs.ts"

/** Makes the server; every request is a task, and is cancelled when its client hangs up. */
export const makeServer = (service: JobService, config: Config): Server =>
  createServer(
    requestListener(async (request, response) => {
      const reply = await handle(service, config, request).catch((error: unknown) => {
        if (error instanceof asyncio.CancelledError) throw error
        return errorReply(error)
      })
      send(request, response, reply)
    })
  )

const handle = async (service: JobService, config: Config, request: IncomingMessage): Promise<Reply> => {
  const { id, route, url } = parseTarget(request)
  switch (route) {
    case "POST /jobs": {
      const job = parseJobRequest(await asyncio.abortable(readJson(request, config.maxBody)))
      return { status: 202, body: { id: await service.submit(job) } }
    }
    case "GET /jobs":
      return { status: 200, body: await service.list() }
    case "GET /jobs/:id": {
      await service.get(id)
      await service.wait(id, parseWait(url))
      return { status: 200, body: await service.get(id) }
    }
    case "DELETE /jobs/:id":
      return { status: 202, body: await service.cancel(id, "deleted by client") }
    case "GET /health":
      return { status: 200, body: await service.counts() }
    default:
      throw new HttpError(404, `nothing at ${route}`)
  }
}
