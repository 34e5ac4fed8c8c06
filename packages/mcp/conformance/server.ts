/**
 * A server for the conformance suite. Prints its address, and goes on until it is stopped.
 */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { McpTasks } from "@effect-asyncio/mcp"
import { toNodeHandler } from "@modelcontextprotocol/node"
import {
  createMcpHandler,
  hostHeaderValidationResponse,
  isLegacyRequest,
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  type McpHttpHandler,
  McpServer,
  originValidationResponse
} from "@modelcontextprotocol/server"
import { addEverything, stateCodec } from "./everything.ts"
import { addOfSessions, withSessions } from "./sessions.ts"
import { addTaskTools } from "./taskTools.ts"

const tasks = new McpTasks({ pollInterval: "200 millis" })

const makeServer = () => {
  const server = new McpServer(
    { name: "effect-asyncio", version: "0.0.0" },
    { requestState: { verify: (state, context) => stateCodec.verify(state, context) } }
  )
  addTaskTools(server, tasks)
  addEverything(server, handler.notify)
  return server
}

const handler: McpHttpHandler = createMcpHandler(makeServer)

const legacy = withSessions(() => {
  const server = makeServer()
  addOfSessions(server)
  return server
})

const fetch: typeof handler.fetch = async (request, options) =>
  hostHeaderValidationResponse(request, localhostAllowedHostnames()) ??
  originValidationResponse(request, localhostAllowedOrigins()) ??
  ((await isLegacyRequest(request)) ? legacy(request) : handler.fetch(request, options))

const serve = toNodeHandler({ ...handler, fetch })
// A request that a server gets has a method and an address.
const http = createServer((request, response) => void serve(request as Parameters<typeof serve>[0], response))
http.listen(Number(process.env.PORT ?? 0), "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`)
})
