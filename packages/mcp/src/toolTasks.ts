/**
 * The tool calls of a server of the official SDK, as tasks.
 *
 * @since 0.1.0
 */
import type * as asyncio from "@effect-asyncio/compat"
import type * as Duration from "effect/Duration"
import { currentCall, type ToolCall } from "./internal/call.ts"
import { declaresTasks, missingCapability } from "./internal/capability.ts"
import { answerOfDone, cancellationOf, settled, startCall, tie } from "./internal/runCall.ts"
import {
  type CallHandler,
  factsOf,
  type HandlerContext,
  type HighLevelServer,
  methodOf,
  type ProtocolServer,
  type RequestFacts,
  type ToolRequest
} from "./internal/sdk.ts"
import { describe, REQUEST_CANCELLED, STOP, type Stop } from "./internal/stop.ts"
import { stopOfError } from "./internal/stops.ts"
import { callAsTask, install } from "./internal/taskCalls.ts"
import type { McpTasks } from "./McpTasks.ts"

/**
 * Whether the calls of a tool may be answered with a task: `"optional"` where the client knows the extension and the call takes longer than
 * `patience`; `"required"` where a client that does not know it is refused.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export type TaskSupport = "optional" | "required"

/**
 * Options of {@link toolTasks}.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface ToolTasksOptions {
  /** How long a call may take, in milliseconds or as `"30 seconds"`, or what says so by the name of the tool. Without it, any time. */
  readonly timeout?: Duration.Input | ((tool: string) => Duration.Input | undefined) | undefined
  /** Labels of each task, beside `request` and `session`. */
  readonly labels?: asyncio.Labels | undefined
  /**
   * Whether a call that its client has cancelled is answered, with an error of code -32800; true by default. The protocol says that a
   * server should not, and clients that go by it pass such an answer over; one that waits for it would wait for ever.
   */
  readonly answerCancelled?: boolean | undefined
  /** Where calls are that were answered with a task. It outlives the server: one that is made for each request has none of its own. */
  readonly tasks?: McpTasks | undefined
  /** Which tools may be answered with a task, with `tasks`. The others are answered with their results. */
  readonly support?: Readonly<Record<string, TaskSupport>> | undefined
}

/**
 * What this package needs of a server of the official SDK: an `McpServer` or a `Server`, of version 2 (`@modelcontextprotocol/server`) or of
 * version 1 (`@modelcontextprotocol/sdk`).
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export type AnyServer = HighLevelServer | ProtocolServer

/**
 * Has every tool call of a server run as a task. Call it before the first tool is registered; the tools stay as they are.
 *
 * **When to use**
 *
 * For a server whose tools take time, and can be stopped: by their client, by a limit, by the operator of the server.
 *
 * **Details**
 *
 * The task has the name of the tool, and the labels `request` and `session`, the latter where there is one. In the tool `currentTask`,
 * `currentSignal` and context variables are those of the task, {@link reportProgress} tells its client how far it is, and the signal in the context that
 * the SDK gives to the tool aborts however the task was cancelled.
 *
 * A call that ends with a stop is answered as an error of the tool, which a model reads; `_meta["effect-asyncio/stop"]` has its `kind` and
 * `reason`. With `tasks` and `support` calls are answered with a task, see {@link McpTasks}; that needs version 2 of the SDK and a client
 * on the protocol of 2026-07-28.
 *
 * Throws what the SDK throws where tools were registered before.
 *
 * **Cancellation**
 *
 * `notifications/cancelled` cancels the task with its reason; the kind is `requested`. A connection that closes, and over HTTP a
 * client that hangs up, cancels with the kind `disconnect`, a limit with `timeout`. The answer is sent when the task is done, its cleanup
 * included. A tool that returns a result all the same has finished, as in asyncio.
 *
 * **asyncio**
 *
 * Beyond asyncio. A task of [`asyncio.create_task`](https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task) is not made for a
 * request, and [`task.cancel()`](https://docs.python.org/3/library/asyncio-task.html#asyncio.Task.cancel) has no kind.
 *
 * **Example** (A tool that is too slow)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 * import { toolTasks } from "@effect-asyncio/mcp"
 * import { Client, InMemoryTransport } from "@modelcontextprotocol/client"
 * import { McpServer } from "@modelcontextprotocol/server"
 *
 * const server = new McpServer({ name: "files", version: "1.0.0" })
 * toolTasks(server, { timeout: 10 })
 * server.registerTool("copy", {}, async () => {
 *   await asyncio.sleep("1 hour")
 *   return { content: [] }
 * })
 *
 * const client = new Client({ name: "example", version: "1.0.0" })
 * const [here, there] = InMemoryTransport.createLinkedPair()
 * await Promise.all([server.connect(there), client.connect(here)])
 * const { content, isError } = await client.callTool({ name: "copy" })
 * await client.close()
 * const seen = [isError, content]
 * seen // => [true, [{ type: "text", text: "copy took too long" }]]
 * ```
 *
 * @category running
 * @stability unstable
 * @since 0.1.0
 */
export const toolTasks = (server: AnyServer, options: ToolTasksOptions = {}): void => {
  const protocol = "server" in server ? server.server : server
  protocol.assertCanSetRequestHandler("tools/call")
  if ("registerTool" in server) noteThrown(server)
  if (options.tasks !== undefined) install(options.tasks, protocol)
  const set = protocol.setRequestHandler.bind(protocol)
  protocol.setRequestHandler = (...args) => {
    if (methodOf(args[0]) !== "tools/call") return set(...args)
    const handler = args.pop() as CallHandler
    set(...args, (request: ToolRequest, context: HandlerContext) =>
      handle(protocol, options, handler, request, context)
    )
  }
}

/** McpServer turns what a tool throws into an answer: here it is seen before. */
const noteThrown = (server: HighLevelServer): void => {
  const register = server.registerTool.bind(server)
  server.registerTool = (...args) => {
    const tool = args.pop() as (...given: ReadonlyArray<unknown>) => unknown
    return register(...args, async (...given: ReadonlyArray<unknown>) => {
      try {
        return await tool(...given)
      } catch (error) {
        const call = currentCall.get()
        if (call !== undefined) call.thrown = error
        throw error
      }
    })
  }
}

const handle = async (
  protocol: ProtocolServer,
  options: ToolTasksOptions,
  handler: CallHandler,
  request: ToolRequest,
  context: HandlerContext
): Promise<object> => {
  const { name } = request.params
  const { answerCancelled = true, labels, support, tasks, timeout } = options
  const facts = factsOf(request, context)
  const limit = typeof timeout === "function" ? timeout(name) : timeout
  const start = (call: ToolCall, more: ReadonlyArray<Duration.Input>, asTask: boolean) =>
    startCall({ handler, request, context, call, labels, limits: [limit, ...more], asTask })
  const supported =
    tasks === undefined || support === undefined || !Object.hasOwn(support, name) ? undefined : support[name]
  if (supported !== undefined && tasks !== undefined) {
    if (declaresTasks(facts, protocol)) {
      return callAsTask(tasks, name, facts, (call, ttl) => start(call, [ttl], true))
    }
    if (supported === "required") throw missingCapability(`${name} is answered with a task`)
  }
  const task = start(plainCall(facts), [], false)
  const release = tie(task, facts.signal)
  await settled(task)
  release()
  if (answerCancelled && facts.signal.aborted && task.cancelled()) tellCancelled(protocol, facts, task)
  return answerOfDone(task)
}

const plainCall = (facts: RequestFacts): ToolCall => ({
  facts,
  progress: -Infinity,
  thrown: undefined,
  inputs: undefined,
  said: () => {}
})

/** The SDK drops the answers of requests that were cancelled. */
const tellCancelled = (protocol: ProtocolServer, { id }: RequestFacts, task: asyncio.Task<unknown>): void => {
  const stop = stopOfError(cancellationOf(task)) as Stop
  if (stop.kind === "disconnect") return
  const error = { code: REQUEST_CANCELLED, message: describe(task.getName(), stop), data: { [STOP]: stop } }
  void protocol.transport?.send({ jsonrpc: "2.0", id, error }).catch(() => {})
}
