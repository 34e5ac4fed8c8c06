import { Client } from "@modelcontextprotocol/sdk/client/index.js"
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js"
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js"
import { z } from "zod"
import { type Progress, attemptOf } from "./support/clients.ts"
import { sevenWays } from "./support/sevenWays.ts"

const library = "@modelcontextprotocol/sdk"

const calls = new Map<string, Progress>()
let names = 0
let client: Client
let server: McpServer

const open = async () => {
  server = new McpServer({ name: "fake", version: "1.0.0" })
  server.registerTool("hang", { inputSchema: { name: z.string() } }, async ({ name }, { signal }) => {
    const call = calls.get(name)
    call?.begun()
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }))
    calls.delete(name)
    call?.stopped()
    return { content: [] }
  })
  client = new Client({ name: "test", version: "1.0.0" })
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  await Promise.all([server.connect(theirs), client.connect(ours)])
}
const close = async () => {
  await client.close()
  await server.close()
}

const call = (progress: Progress) => {
  const name = `call ${++names}`
  calls.set(name, progress)
  return { name: "hang", arguments: { name } }
}

sevenWays(
  { library, operation: "callTool(…, { signal })", means: "signal" },
  {
    open,
    close,
    attempt: () => attemptOf((signal, progress) => client.callTool(call(progress), undefined, { signal }))
  }
)
