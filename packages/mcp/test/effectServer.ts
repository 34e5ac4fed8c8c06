/**
 * A server of Effect for tests: what its tools have ended with is a tool as well.
 */
import * as asyncio from "@effect-asyncio/core"
import { layerHttp, layerStdio, reportProgress, toolTasks, type ToolTasksOptions } from "@effect-asyncio/mcp/effect"
import { Effect, Layer, Schema } from "effect"
import { McpProtocol, McpServer, Tool, Toolkit } from "effect/ai"

const Tools = Toolkit.make(
  Tool.make("who", { success: Schema.Unknown }),
  Tool.make("hang", { success: Schema.String }),
  Tool.make("copy", { success: Schema.Unknown }),
  Tool.make("fail", { success: Schema.String, failure: Schema.String, failureMode: "error" }),
  Tool.make("seen", { success: Schema.Unknown })
)

/** What the tools of a server have seen: how many calls of `hang` have begun, and how each has ended. */
export const makeTools = () => {
  const seen = { begun: 0, ends: [] as Array<{ readonly kind: string; readonly reason?: string }> }
  const hang = Effect.gen(function* () {
    const task = yield* asyncio.currentTask
    let cleaned = false
    task.addDoneCallbackUnsafe(() => {
      // A limit of its own is no cancellation of the task.
      const { kind, reason } = task.snapshot().cancellation ?? { kind: "timeout" }
      if (cleaned) seen.ends.push(reason === undefined ? { kind } : { kind, reason })
    })
    seen.begun++
    return yield* Effect.ensuring(
      Effect.orDie(asyncio.sleep("1 hour", "done")),
      Effect.sync(() => (cleaned = true))
    )
  })
  const handlers = Tools.toLayer({
    who: () => Effect.map(asyncio.currentTask, (task) => [task.getName(), task.labels]),
    hang: () => hang,
    fail: () => Effect.fail("no such file"),
    copy: () =>
      Effect.as(
        // The client hears no more of it once it has the result, which may come in one piece with the last of them.
        Effect.forEach([0, 1, 1, 0.5, 2, 3], (done) =>
          Effect.andThen(reportProgress(done, { total: 2, message: `file ${done}` }), Effect.orDie(asyncio.sleep(20)))
        ),
        ["copied"]
      ),
    seen: () => Effect.sync(() => seen)
  })
  return { seen, handlers }
}

const options = (handlers: ReturnType<typeof makeTools>["handlers"], given?: ToolTasksOptions) => ({
  name: "test",
  version: "0.0.0",
  registrations: McpServer.toolkit(Tools).pipe(Layer.provide(handlers), Layer.merge(toolTasks(given).layerGlobal))
})

export const overHttp = (handlers: ReturnType<typeof makeTools>["handlers"], given?: ToolTasksOptions) =>
  McpServer.layerHttp({
    ...options(handlers, given),
    path: "/mcp",
    protocols: [McpProtocol.v2026_07_28, McpProtocol.v2025_11_25],
    allowSessionTermination: true
  }).pipe(Layer.merge(layerHttp))

export const overStdio = (handlers: ReturnType<typeof makeTools>["handlers"], given?: ToolTasksOptions) =>
  McpServer.layerStdio({
    ...options(handlers, given),
    protocols: [McpProtocol.v2026_07_28, McpProtocol.v2025_11_25]
  }).pipe(Layer.provide(layerStdio))
