/**
 * The session as an MCP server: another agent lists what runs, and stops it.
 */
import { toolTasks } from "@effect-asyncio/mcp"
import { McpServer } from "@modelcontextprotocol/server"
import * as z from "zod"
import type { Session } from "./session.ts"
import { command } from "./terminal.ts"

export const makeServer = (session: Session): McpServer => {
  const server = new McpServer({ name: "agents", version: "1.0.0" })
  toolTasks(server, { timeout: "30 seconds" })
  const inputSchema = z.object({ line: z.string() })
  server.registerTool(
    "agents",
    { description: "list, ended, stop ID WHY, stop all, ...", inputSchema },
    async ({ line }) => ({
      content: [{ type: "text", text: await command(session, line) }]
    })
  )
  return server
}
