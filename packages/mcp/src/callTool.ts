/**
 * The calls of tools as tasks, on the side of the client.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/compat"
import { EXTENSION } from "./internal/capability.ts"
import { anything } from "./internal/anything.ts"
import type { InputRequest } from "./internal/inputs.ts"
import { ProtocolError } from "./internal/sdk.ts"
import type { DetailedTask, TaskFacts } from "./internal/taskEntry.ts"

/**
 * What this package needs of a client of the official SDK: a `Client` of `@modelcontextprotocol/client` that is connected.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface AnyClient {
  /** Whose messages are looked at before the SDK. */
  readonly transport?: AnyTransport | undefined
  /** Calls a tool. */
  readonly callTool: (params: any, options: any) => Promise<any>
  /** Sends a request that the SDK does not know. */
  readonly request: (request: any, schema: any, options?: any) => Promise<any>
  /** Opens a subscription, see `listen` of {@link CallToolOptions}. */
  readonly listen?: (filter: any, options?: any) => Promise<Subscription>
}

interface AnyTransport {
  onmessage?: ((...args: any) => void) | undefined
}

interface Subscription {
  readonly close: () => Promise<void>
}

/**
 * What a tool has answered.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface ToolResult {
  readonly content: ReadonlyArray<{ readonly type: string; readonly [key: string]: unknown }>
  readonly isError?: boolean
  readonly structuredContent?: unknown
  readonly [key: string]: unknown
}

/**
 * Options of {@link callTool}.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface CallToolOptions extends Pick<asyncio.CreateTaskOptions, "name" | "labels" | "detached" | "signal"> {
  /** Options for the SDK's request: `onprogress`, `timeout`, `headers`. */
  readonly request?: object | undefined
  /** Answers what a task asks for, each key once. Without it such a task waits until it is cancelled. */
  readonly onInput?: ((request: InputRequest, key: string) => PromiseLike<object> | object) | undefined
  /** Is told how the remote task stands, whenever that was asked for, or the server has told it. */
  readonly onStatus?: ((task: TaskFacts) => void) | undefined
  /**
   * Whether to listen to `notifications/tasks`, by a request that stays open as long as the task, so that a new status is known at once; false
   * by default. It is asked for all the same: servers need not tell.
   */
  readonly listen?: boolean | undefined
}

/**
 * Calls a tool of a server, and gives the task that stands for the call: whether the server answers with a result, or with a task of its
 * own, which is then asked for until it is over.
 *
 * **Details**
 *
 * The task has the name of the tool. It ends as the remote one: with the result, with an error that has the `code` of JSON-RPC where that
 * has failed, and cancelled where that was. A tool that fails has a result with `isError`. For calls that may be answered with a task
 * the client has to declare `io.modelcontextprotocol/tasks` among its capabilities, in `extensions`, and to speak the protocol of 2026-07-28.
 *
 * **Cancellation**
 *
 * Cancels the request with the reason, or asks the remote task to cancel itself by `tasks/cancel`. That may complete all the same; it is
 * not waited for. Over HTTP, a cancellation that comes while the answer is on its way has nothing to name the remote task by: that goes on until
 * the `ttl` of the server.
 *
 * **asyncio**
 *
 * Beyond asyncio: a [task of asyncio](https://docs.python.org/3/library/asyncio-task.html#task-object) runs a coroutine of its own process.
 *
 * **Example** (A limit for a remote tool)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 * import { callTool, toolTasks } from "@effect-asyncio/mcp"
 * import { Client, InMemoryTransport } from "@modelcontextprotocol/client"
 * import { McpServer } from "@modelcontextprotocol/server"
 *
 * const server = new McpServer({ name: "builds", version: "1.0.0" })
 * toolTasks(server)
 * server.registerTool("build", {}, async () => {
 *   await asyncio.sleep("1 hour")
 *   return { content: [] }
 * })
 * const client = new Client({ name: "example", version: "1.0.0" })
 * const [here, there] = InMemoryTransport.createLinkedPair()
 * await Promise.all([server.connect(there), client.connect(here)])
 *
 * const result = await asyncio.run(async () => {
 *   const call = callTool(client, { name: "build" })
 *   await asyncio.wait([call], { timeout: 20 })
 *   await asyncio.cancelAndWait(call, { message: "too slow" })
 *   return [call.getName(), call.cancelled()]
 * })
 * await client.close()
 * result // => ["build", true]
 * ```
 *
 * @category tools
 * @stability unstable
 * @since 0.1.0
 */
export const callTool = (
  client: AnyClient,
  params: { readonly name: string; readonly arguments?: object | undefined },
  options: CallToolOptions = {}
): asyncio.Task<ToolResult> => {
  const { detached, labels, name = params.name, signal } = options
  return asyncio.createTask(() => call(client, params, options), { name, labels, detached, signal })
}

const call = async (client: AnyClient, params: object, options: CallToolOptions): Promise<ToolResult> => {
  takeHandles(client)
  const result = (await send((signal) => client.callTool(params, { ...options.request, signal }))) as ToolResult
  const handle = (result["_meta"] as Readonly<Record<string, unknown>> | undefined)?.[HANDLE]
  return handle === undefined ? result : follow(client, handle as TaskFacts, options)
}

/** A request of the SDK, which has an error of its own for a signal that aborts. */
const send = async <A>(request: (signal: AbortSignal) => Promise<A>): Promise<A> => {
  const signal = asyncio.currentSignal()
  try {
    return await request(signal)
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  }
}

const follow = async (client: AnyClient, handle: TaskFacts, options: CallToolOptions): Promise<ToolResult> => {
  const { taskId } = handle
  const ask = (method: string, params?: object) =>
    send((signal) => client.request({ method, params: { taskId, ...params } }, anything, { signal }))
  const answered = new Set<string>()
  const news = options.listen === true ? new News(client, taskId) : undefined
  try {
    for (let task: DetailedTask = handle; ;) {
      options.onStatus?.(task)
      if (task.status === "completed") return task.result as ToolResult
      if (task.status === "failed") throw errorOf(task)
      if (task.status === "cancelled")
        throw new asyncio.CancelledError(task.statusMessage ?? "the server has cancelled it")
      await answer(task, answered, options, ask)
      const interval = task.pollIntervalMs ?? 1000
      const told = news === undefined ? await asyncio.sleep(interval) : await news.within(interval)
      task = told ?? ((await ask("tasks/get")) as DetailedTask)
    }
  } catch (error) {
    // The caller wants the result no more. Whether the remote task is over says it better than whose cancellation this is.
    if (error instanceof asyncio.CancelledError && asyncio.currentTask()!.cancelling() > 0) {
      await client
        .request({ method: "tasks/cancel", params: { taskId, reason: error.reason } }, anything)
        .catch(() => {})
    }
    throw error
  } finally {
    news?.close()
  }
}

/** What the server tells of a task by itself. A server that does not know how, or does not want to, tells nothing. */
class News {
  readonly #told = new asyncio.Queue<DetailedTask>()
  readonly #followers: Followers | undefined
  readonly #taskId: string
  readonly #subscription: Promise<Subscription | undefined>

  constructor(client: AnyClient, taskId: string) {
    this.#taskId = taskId
    this.#followers = client.transport && followersOf.get(client.transport)
    this.#followers?.set(taskId, (task) => this.#told.putNowait(task))
    this.#subscription = Promise.resolve(client.listen?.({ taskIds: [taskId] })).catch(() => undefined)
  }

  /** What comes first, unless that takes longer. */
  async within(milliseconds: number): Promise<DetailedTask | undefined> {
    const { value } = await asyncio.moveOn(milliseconds, () => this.#told.get())
    return value
  }

  close(): void {
    this.#followers?.delete(this.#taskId)
    // The subscription may still be opening.
    void this.#subscription.then((subscription) => subscription?.close()).catch(() => {})
  }
}

const answer = async (
  { inputRequests = {} }: DetailedTask,
  answered: Set<string>,
  { onInput }: CallToolOptions,
  ask: (method: string, params: object) => Promise<unknown>
): Promise<void> => {
  if (onInput === undefined) return
  for (const [key, request] of Object.entries(inputRequests)) {
    // What was answered may still be in the list when it is asked for the next time.
    if (answered.has(key)) continue
    answered.add(key)
    await ask("tasks/update", { inputResponses: { [key]: await onInput(request, key) } })
  }
}

const errorOf = ({ error, taskId }: DetailedTask): ProtocolError => {
  const { code, data, message } = (error ?? {}) as Partial<ProtocolError>
  return new ProtocolError(code ?? -32603, message ?? `task ${taskId} has failed`, data)
}

const HANDLE = `${EXTENSION}/handle`

type Followers = Map<string, (task: DetailedTask) => void>

/** By their transports: no server tells of the tasks of another. */
const followersOf = new WeakMap<object, Followers>()

interface Message {
  readonly method?: string
  readonly params?: DetailedTask
  readonly result?: TaskResult
}

/**
 * The SDK refuses an answer that is a task: where one comes in, it is made a result that has the task in its `_meta`. What is told of tasks goes
 * to the calls that follow them, and to the SDK.
 */
const takeHandles = ({ transport }: AnyClient): void => {
  if (transport === undefined || followersOf.has(transport)) return
  const followers: Followers = new Map()
  followersOf.set(transport, followers)
  const receive = transport.onmessage
  // A transport has one listener, and is no EventTarget.
  // oxlint-disable-next-line unicorn/prefer-add-event-listener
  transport.onmessage = (message: Message, ...more: ReadonlyArray<unknown>) => {
    const { method, params, result } = message
    if (method === "notifications/tasks" && params !== undefined) followers.get(params.taskId)?.(params)
    receive?.(result?.resultType === "task" ? { ...message, result: wrapped(result) } : message, ...more)
  }
}

interface TaskResult {
  readonly resultType?: string
  readonly _meta?: object
}

const wrapped = (handle: TaskResult): object => ({
  resultType: "complete",
  content: [],
  _meta: { ...handle._meta, [HANDLE]: handle }
})
