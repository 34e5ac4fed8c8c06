/**
 * Servers and clients of the official SDK, connected in one process.
 */
import * as asyncio from "@effect-asyncio/compat"
import { Client, InMemoryTransport, StreamableHTTPClientTransport } from "@modelcontextprotocol/client"
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server"
import { McpTasks, type McpTasksOptions, type TaskSupport, toolTasks, type ToolTasksOptions } from "../src/index.ts"

/** What a tool of a test does, and what is to be seen of it from outside. */
export type Tool = (args: Readonly<Record<string, unknown>>) => Promise<string>

export const text = (said: string) => ({ content: [{ type: "text" as const, text: said }] })

const addTools = (server: McpServer, tools: Readonly<Record<string, Tool>>) => {
  for (const [name, tool] of Object.entries(tools)) {
    server.registerTool(name, {}, async () => text(await tool({})))
  }
}

const info = { name: "test", version: "0.0.0" }

/** A session over a connection that stays, as over stdio. */
export const connect = async (tools: Readonly<Record<string, Tool>>, options?: ToolTasksOptions) => {
  const server = new McpServer(info)
  toolTasks(server, options)
  addTools(server, tools)
  const client = new Client(info)
  const [here, there] = InMemoryTransport.createLinkedPair()
  await Promise.all([server.connect(there), client.connect(here)])
  return { client, server, here, there }
}

/** The tasks of calls that are not done. */
export const running = (): ReadonlyArray<asyncio.Task<unknown>> => asyncio.findTasks((task) => "request" in task.labels)

/** Waits until it is true. How long that takes does not matter. */
export const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1))
}

/** What a tool has ended with. */
export const watch = () => {
  const ends: Array<{ readonly kind: string; readonly reason: string | undefined }> = []
  const begun: Array<asyncio.Task<unknown>> = []
  const hang: Tool = async () => {
    begun.push(asyncio.currentTask()!)
    try {
      await asyncio.sleep("1 hour")
      return "done"
    } catch (error) {
      if (error instanceof asyncio.CancelledError) ends.push({ kind: error.kind, reason: error.reason })
      throw error
    }
  }
  return { begun, ends, hang }
}

const TASKS = "io.modelcontextprotocol/tasks"

export interface Wire {
  readonly result?: any
  readonly error?: { readonly code: number; readonly message: string; readonly data?: any }
}

/** A request of the protocol of 2026-07-28, by default of a client that knows tasks. */
export const requestFor = (method: string, params: object, extensions: object = { [TASKS]: {} }): Request => {
  const { name, taskId } = params as { readonly name?: string; readonly taskId?: string }
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": info,
    "io.modelcontextprotocol/clientCapabilities": { elicitation: {}, extensions }
  }
  return new Request("http://localhost/mcp", {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      "MCP-Protocol-Version": "2026-07-28",
      "Mcp-Method": method,
      ...(name === undefined && taskId === undefined ? {} : { "Mcp-Name": name ?? taskId! })
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { ...params, _meta } })
  })
}

/** Requests of the protocol of 2026-07-28 over HTTP, without a client of the SDK. */
export const http = (
  tools: Readonly<Record<string, Tool>>,
  support: Readonly<Record<string, TaskSupport>>,
  options?: McpTasksOptions,
  more?: ToolTasksOptions
) => {
  const tasks = new McpTasks({ patience: 0, ...options })
  const handler = createMcpHandler(() => {
    const server = new McpServer(info)
    toolTasks(server, { ...more, tasks, support })
    addTools(server, tools)
    return server
  })
  const send = async (
    method: string,
    params: object,
    extensions?: object,
    options?: Parameters<typeof handler.fetch>[1]
  ): Promise<Wire> => {
    const response = await handler.fetch(requestFor(method, params, extensions), options)
    return (await response.json()) as Wire
  }
  const call = async (name: string) => (await send("tools/call", { name, arguments: {} })).result
  const get = async (taskId: string) => (await send("tasks/get", { taskId })).result
  return { tasks, handler, send, call, get }
}

/** A client of the SDK on the protocol of 2026-07-28. */
export const connectOverHttp = async (handler: { readonly fetch: (request: Request) => Promise<Response> }) => {
  const client = new Client(info, {
    capabilities: { elicitation: {}, extensions: { [TASKS]: {} } },
    versionNegotiation: { mode: "auto" }
  })
  const transport = new StreamableHTTPClientTransport(new URL("http://localhost/mcp"), {
    fetch: (url, init) => handler.fetch(new Request(url, init))
  })
  await client.connect(transport)
  return client
}
