/**
 * The tools that the `tasks-*` scenarios of the conformance suite call.
 */
import * as asyncio from "@effect-asyncio/compat"
import { type McpTasks, requestInput, type TaskSupport, toolTasks } from "@effect-asyncio/mcp"
import { inputRequired, type McpServer, ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server"
import * as z from "zod"

const support: Readonly<Record<string, TaskSupport>> = {
  slow_compute: "optional",
  failing_job: "required",
  protocol_error_job: "optional",
  confirm_delete: "optional",
  multi_input: "optional",
  test_tool_with_task: "required"
}

const text = (said: string) => ({ content: [{ type: "text" as const, text: said }] })

/** Asks for a name in a form. */
const form = (message: string) => ({
  message,
  requestedSchema: { type: "object" as const, properties: { value: { type: "string" as const } }, required: ["value"] }
})

const ask = (message: string) =>
  requestInput({ method: "elicitation/create", params: { mode: "form", ...form(message) } })

export const addTaskTools = (server: McpServer, tasks: McpTasks): void => {
  toolTasks(server, { tasks, support })

  server.registerTool(
    "greet",
    { description: "Greets", inputSchema: z.object({ name: z.string() }) },
    async ({ name }) => text(`Hello, ${name}!`)
  )

  server.registerTool(
    "slow_compute",
    {
      description: "Takes so many seconds",
      inputSchema: z.object({ seconds: z.number(), label: z.string().optional() })
    },
    async ({ seconds }) => {
      await asyncio.sleep(seconds * 1000)
      return text(`computed for ${seconds} seconds`)
    }
  )

  server.registerTool("failing_job", { description: "Fails after a second" }, async () => {
    await asyncio.sleep("1 second")
    return { ...text("the job has failed"), isError: true }
  })

  server.registerTool("protocol_error_job", { description: "Breaks the protocol" }, async () => {
    await asyncio.sleep("300 millis")
    throw new ProtocolError(ProtocolErrorCode.InternalError, "the job has broken the protocol")
  })

  server.registerTool(
    "confirm_delete",
    { description: "Asks first", inputSchema: z.object({ filename: z.string().optional() }) },
    async ({ filename }) => {
      const answer = await ask(`Delete ${filename ?? "it"}?`)
      return text(`the answer is ${JSON.stringify(answer)}`)
    }
  )

  server.registerTool("multi_input", { description: "Asks two things" }, async () => {
    const answers = await asyncio.gather([ask("Your name?"), ask("Your town?")])
    return text(`the answers are ${JSON.stringify(answers)}`)
  })

  // Asks before there is a task, and then takes long enough for one.
  server.registerTool("test_tool_with_task", { description: "Asks, and takes its time" }, async ({ mcpReq }) => {
    const answer = mcpReq.inputResponses?.["user_name"]
    if (answer === undefined)
      return inputRequired({ inputRequests: { user_name: inputRequired.elicit(form("Your name?")) } })
    await asyncio.sleep("300 millis")
    return text(`the answer is ${JSON.stringify(answer)}`)
  })
}
