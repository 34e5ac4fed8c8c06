/**
 * The clients of the protocols before 2026-07-28, which have sessions, and what the scenarios for these ask for: servers that send
 * requests to their clients, and streams that are gone on with.
 */
import * as asyncio from "@effect-asyncio/compat"
import {
  type CallToolResult,
  type ElicitRequestFormParams,
  type EventStore,
  type JSONRPCMessage,
  type McpServer,
  WebStandardStreamableHTTPServerTransport
} from "@modelcontextprotocol/server"
import * as z from "zod"

/** Keeps all messages, for clients that come back. */
class Events implements EventStore {
  readonly #all: Array<{ readonly stream: string; readonly message: JSONRPCMessage }> = []

  async storeEvent(stream: string, message: JSONRPCMessage): Promise<string> {
    return String(this.#all.push({ stream, message }))
  }

  async replayEventsAfter(
    last: string,
    { send }: { readonly send: (id: string, message: JSONRPCMessage) => Promise<void> }
  ): Promise<string> {
    const stream = this.#all[Number(last) - 1]?.stream ?? ""
    for (const [index, event] of this.#all.entries()) {
      // What is empty only says from where on to ask.
      if (index < Number(last) || event.stream !== stream || !("jsonrpc" in event.message)) continue
      await send(String(index + 1), event.message)
    }
    return stream
  }
}

/** Serves each client by a server of its own, as long as its session is open. */
export const withSessions = (makeServer: () => McpServer): ((request: Request) => Promise<Response>) => {
  const open = new Map<string, WebStandardStreamableHTTPServerTransport>()
  const begin = async (): Promise<WebStandardStreamableHTTPServerTransport> => {
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => crypto.randomUUID(),
      onsessioninitialized: (id) => void open.set(id, transport),
      onsessionclosed: (id) => void open.delete(id),
      eventStore: new Events(),
      retryInterval: 500
    })
    await makeServer().connect(transport)
    return transport
  }
  return async (request) => {
    const id = request.headers.get("mcp-session-id")
    const transport = id === null ? await begin() : open.get(id)
    return transport === undefined ? new Response(undefined, { status: 404 }) : transport.handleRequest(request)
  }
}

const text = (said: string): CallToolResult => ({ content: [{ type: "text", text: said }] })

const defaults: ElicitRequestFormParams["requestedSchema"] = {
  type: "object",
  properties: {
    name: { type: "string", default: "John Doe" },
    age: { type: "integer", default: 30 },
    score: { type: "number", default: 95.5 },
    status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
    verified: { type: "boolean", default: true }
  }
}

const titled = (...titles: ReadonlyArray<string>) =>
  titles.map((title, index) => ({ const: `value${index + 1}`, title }))

const enums: ElicitRequestFormParams["requestedSchema"] = {
  type: "object",
  properties: {
    untitledSingle: { type: "string", enum: ["option1", "option2", "option3"] },
    titledSingle: { type: "string", oneOf: titled("First Option", "Second Option", "Third Option") },
    legacyEnum: {
      type: "string",
      enum: ["opt1", "opt2", "opt3"],
      enumNames: ["Option One", "Option Two", "Option Three"]
    },
    untitledMulti: { type: "array", items: { type: "string", enum: ["option1", "option2", "option3"] } },
    titledMulti: { type: "array", items: { anyOf: titled("First Choice", "Second Choice", "Third Choice") } }
  }
}

const contact: ElicitRequestFormParams["requestedSchema"] = {
  type: "object",
  properties: { username: { type: "string" }, email: { type: "string" } },
  required: ["username", "email"]
}

/** The tools and methods that only the protocols with sessions have. */
export const addOfSessions = (server: McpServer): void => {
  server.server.registerCapabilities({ logging: {}, resources: { subscribe: true } })
  for (const method of ["resources/subscribe", "resources/unsubscribe"] as const) {
    server.server.setRequestHandler(method, async () => ({}))
  }
  const inputSchema = z.object({ prompt: z.string() })
  server.registerTool("test_sampling", { description: "Asks a model", inputSchema }, async ({ prompt }, { mcpReq }) => {
    const messages = [{ role: "user" as const, content: { type: "text" as const, text: prompt } }]
    return text(`LLM response: ${JSON.stringify(await mcpReq.requestSampling({ messages, maxTokens: 100 }))}`)
  })
  const forms = {
    test_elicitation: contact,
    test_elicitation_sep1034_defaults: defaults,
    test_elicitation_sep1330_enums: enums
  }
  for (const [name, requestedSchema] of Object.entries(forms)) {
    server.registerTool(name, { description: "Asks a person" }, async ({ mcpReq }) =>
      text(JSON.stringify(await mcpReq.elicitInput({ message: "Please answer", requestedSchema })))
    )
  }
  server.registerTool("test_tool_with_logging", { description: "Logs three lines" }, async ({ mcpReq }) => {
    for (const line of ["Tool execution started", "Tool processing data", "Tool execution completed"]) {
      await mcpReq.notify({ method: "notifications/message", params: { level: "info", data: line } })
      await asyncio.sleep(50)
    }
    return text("logged")
  })
  server.registerTool("test_reconnection", { description: "Has its client come back" }, async ({ http }) => {
    http?.closeSSE?.()
    await asyncio.sleep(100)
    return text("reconnected")
  })
}
