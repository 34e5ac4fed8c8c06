/**
 * A server of the official SDK over standard input and output, with the tools `hang` and `who`.
 */
import * as asyncio from "@effect-asyncio/compat"
import { toolTasks } from "@effect-asyncio/mcp"
import { McpServer } from "@modelcontextprotocol/server"
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio"
import { text, watch } from "../support.ts"

const { ends, hang } = watch()
const server = new McpServer({ name: "test", version: "0.0.0" })
toolTasks(server)
server.registerTool("hang", {}, async () => text(await hang({})))
server.registerTool("who", {}, async () => text(JSON.stringify([asyncio.currentTask()?.getName()])))
process.on("exit", () => process.stderr.write(`${JSON.stringify(ends)}\n`))
await server.connect(new StdioServerTransport())
