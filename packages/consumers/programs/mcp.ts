// A first program with the packed mcp: a tool whose call is a task.
import * as asyncio from "@effect-asyncio/compat"
import { toolTasks } from "@effect-asyncio/mcp"
import { Client, InMemoryTransport } from "@modelcontextprotocol/client"
import { McpServer } from "@modelcontextprotocol/server"

const server = new McpServer({ name: "first", version: "1.0.0" })
toolTasks(server, { timeout: "1 minute" })
server.registerTool("greet", {}, async () => {
  await asyncio.sleep("1 milli")
  return { content: [{ type: "text", text: `called as ${asyncio.currentTask()?.getName()}` }] }
})

const client = new Client({ name: "first", version: "1.0.0" })
const [here, there] = InMemoryTransport.createLinkedPair()
await Promise.all([server.connect(there), client.connect(here)])
console.log(JSON.stringify((await client.callTool({ name: "greet" })).content))
await client.close()
