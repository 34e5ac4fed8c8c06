/**
 * Telling clients how their tasks stand: what the SDK has no way for yet.
 *
 * @since 0.1.0
 */
import { EXTENSION } from "./internal/capability.ts"
import { TaskStream } from "./internal/taskStream.ts"
import type { McpTasks } from "./McpTasks.ts"

/**
 * What {@link taskNotifications} needs of a handler of the official SDK: what `createMcpHandler` gives.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface AnyHttpHandler {
  /** Answers a request. */
  readonly fetch: (request: Request, options?: any) => Promise<Response>
  /** Ends what is being answered. */
  readonly close: () => Promise<void>
}

/**
 * A handler that also sends `notifications/tasks`: to clients that listen to tasks, by `subscriptions/listen` with `taskIds` in its filter.
 *
 * **Details**
 *
 * The SDK serves such a request for the changes that it knows, and passes over the ids. Its answer, a stream of events, is taken on: the ids are in
 * the acknowledgement, as far as there are such tasks of that client; then comes how each of them stands, and each new status. When all are over,
 * and the client listens to nothing else, the stream ends. All other requests go to the handler as they are.
 *
 * Over HTTP, that is; over standard input and output the SDK answers `subscriptions/listen` by itself.
 *
 * **asyncio**
 *
 * Beyond asyncio: who wants to hear of a task there calls
 * [`task.add_done_callback`](https://docs.python.org/3/library/asyncio-task.html#asyncio.Task.add_done_callback), in the same process.
 *
 * **Example** (A handler for tools that take their time)
 *
 * ```ts import.meta.vitest
 * import { McpTasks, taskNotifications, toolTasks } from "@effect-asyncio/mcp"
 * import { createMcpHandler, McpServer } from "@modelcontextprotocol/server"
 *
 * const tasks = new McpTasks()
 * const makeServer = () => {
 *   const server = new McpServer({ name: "builds", version: "1.0.0" })
 *   toolTasks(server, { tasks, support: { build: "optional" } })
 *   return server
 * }
 * const handler = taskNotifications(createMcpHandler(makeServer), tasks)
 *
 * await handler.close()
 * typeof handler.fetch // => "function"
 * ```
 *
 * @category running
 * @stability unstable
 * @since 0.1.0
 */
export const taskNotifications = <H extends AnyHttpHandler>(handler: H, tasks: McpTasks): H => {
  const open = new Set<TaskStream>()
  const fetch = async (request: Request, options?: RequestOptions): Promise<Response> => {
    const asked = await taskIdsOf(request, options)
    const response = await handler.fetch(request, options)
    const entries = asked.flatMap((taskId) => {
      const entry = tasks.find(taskId)
      // The tasks of others are as unknown as those that never were.
      return entry === undefined || entry.client !== options?.authInfo?.clientId ? [] : [entry]
    })
    const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") === true
    if (entries.length === 0 || !isStream || response.body === null) return response
    const stream = new TaskStream(response.body, entries, tasks, () => open.delete(stream))
    open.add(stream)
    return new Response(stream.body, { status: response.status, headers: response.headers })
  }
  const close = async (): Promise<void> => {
    for (const stream of open) stream.end()
    await handler.close()
  }
  return { ...handler, fetch, close }
}

interface RequestOptions {
  readonly parsedBody?: unknown
  readonly authInfo?: { readonly clientId?: string } | undefined
}

/** The tasks that a request listens to. */
const taskIdsOf = async (request: Request, options: RequestOptions | undefined): Promise<ReadonlyArray<string>> => {
  // The protocol has each method in a header, which the SDK compares with the body.
  if (request.headers.get("mcp-method") !== "subscriptions/listen") return []
  const { params } = (options?.parsedBody ??
    (await request
      .clone()
      .json()
      .catch(() => ({}))) ??
    {}) as ListenRequest
  const capabilities = params?._meta?.["io.modelcontextprotocol/clientCapabilities"]
  const ids = params?.notifications?.taskIds
  if (capabilities?.extensions?.[EXTENSION] === undefined || !Array.isArray(ids)) return []
  return [...new Set(ids.filter((id) => typeof id === "string"))]
}

interface ListenRequest {
  readonly params?: {
    readonly _meta?: {
      readonly "io.modelcontextprotocol/clientCapabilities"?: {
        readonly extensions?: Readonly<Record<string, unknown>>
      }
    }
    readonly notifications?: { readonly taskIds?: unknown }
  }
}
