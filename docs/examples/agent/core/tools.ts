/**
 * The session as tools of Effect's McpServer: as tools.ts of the folder above.
 */
import { toolTasks } from "@effect-asyncio/mcp/effect"
import { Effect, Layer, Schema } from "effect"
import { McpServer, Tool, Toolkit } from "effect/ai"
import type { Session } from "./session.ts"
import { command } from "./terminal.ts"

const Tools = Toolkit.make(
  Tool.make("agents", {
    description: "list, ended, stop ID WHY, stop all, ...",
    parameters: Schema.Struct({ line: Schema.String }),
    success: Schema.String
  })
)

/** Among the `registrations` of a server. */
export const tools = (session: Session) =>
  McpServer.toolkit(Tools).pipe(
    Layer.provide(Tools.toLayer({ agents: ({ line }) => Effect.orDie(command(session, line)) })),
    Layer.merge(toolTasks({ timeout: "30 seconds" }).layerGlobal)
  )
