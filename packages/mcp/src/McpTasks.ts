/**
 * The Tasks extension of MCP: calls that are answered with a task.
 *
 * @since 0.1.0
 */
import type * as asyncio from "@effect-asyncio/compat"
import * as Duration from "effect/Duration"
import type { DetailedTask, TaskEntry, TaskFacts } from "./internal/taskEntry.ts"

export type { DetailedTask, TaskFacts, TaskStatus } from "./internal/taskEntry.ts"

/**
 * Options of {@link McpTasks}.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface McpTasksOptions {
  /** How long a task can be asked for, from when it was made; `"10 minutes"` by default. One that still runs then ends with a timeout. */
  readonly ttl?: Duration.Input | undefined
  /** How often a client should ask; `"1 second"` by default. */
  readonly pollInterval?: Duration.Input | undefined
  /** How long a call may take that is answered with its result and not with a task; 50 milliseconds by default. */
  readonly patience?: Duration.Input | undefined
  /** How many tasks can be asked for at a time, those included that are over; 10,000 by default. Calls beyond are refused, with code -32000. */
  readonly limit?: number | undefined
  /** Is told of each new status: the parameters of `notifications/tasks`, which `taskNotifications` sends to clients that listen. */
  readonly onStatus?: ((task: DetailedTask) => void) | undefined
}

/**
 * The calls of tools that were answered with a task: the server side of the
 * [Tasks extension](https://modelcontextprotocol.io/seps/2663-tasks-extension), `io.modelcontextprotocol/tasks`. Give it to `toolTasks`.
 *
 * **When to use**
 *
 * For tools that take longer than a client waits for an answer, or that ask in the middle. The task goes on when the connection is
 * gone, and its client comes back for the result.
 *
 * **Details**
 *
 * One object serves all requests and sessions. `tasks/get` tells how a task stands and, when it is completed, its result; `tasks/update` brings
 * answers to what the tool has asked for with `requestInput`; `tasks/cancel` asks the task to cancel itself, and is answered at once. The tool
 * may still complete, as in asyncio.
 *
 * A tool that fails is `completed`, with `isError`, as without tasks; what is thrown with a whole number as its `code`, such as the SDK's
 * `ProtocolError`, is `failed`, and so is a timeout. Where requests have an access token, a task is known to the client of that token only; otherwise to every client
 * that knows its id, which is random.
 *
 * Results are kept until the `ttl` is over, in memory: a process that ends loses them.
 *
 * **asyncio**
 *
 * Beyond asyncio: a [task of asyncio](https://docs.python.org/3/library/asyncio-task.html#task-object) is known in its process alone, and is not kept when
 * it is over.
 *
 * **Example** (A server with a tool that takes its time)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 * import { McpTasks, toolTasks } from "@effect-asyncio/mcp"
 * import { createMcpHandler, McpServer } from "@modelcontextprotocol/server"
 *
 * const tasks = new McpTasks({ ttl: "1 hour" })
 * const handler = createMcpHandler(() => {
 *   const server = new McpServer({ name: "builds", version: "1.0.0" })
 *   toolTasks(server, { tasks, support: { build: "optional" } })
 *   server.registerTool("build", {}, async () => {
 *     await asyncio.sleep("10 minutes")
 *     return { content: [{ type: "text", text: "built" }] }
 *   })
 *   return server
 * })
 *
 * await handler.close()
 * tasks.list() // => []
 * ```
 *
 * @category running
 * @stability unstable
 * @since 0.1.0
 */
export class McpTasks {
  /** @internal */
  readonly ttlMs: number
  /** @internal */
  readonly pollIntervalMs: number
  /** @internal */
  readonly patienceMs: number
  readonly #limit: number
  readonly #onStatus: McpTasksOptions["onStatus"]
  // In the order in which they were made, which is that in which they expire.
  readonly #entries = new Map<string, TaskEntry>()

  constructor(options: McpTasksOptions = {}) {
    const { limit = 10_000, onStatus, patience = 50, pollInterval = "1 second", ttl = "10 minutes" } = options
    // The protocol has whole milliseconds.
    this.ttlMs = Math.ceil(Duration.toMillis(ttl))
    this.pollIntervalMs = Math.ceil(Duration.toMillis(pollInterval))
    this.patienceMs = Duration.toMillis(patience)
    this.#limit = limit
    this.#onStatus = onStatus
  }

  /** How all tasks stand that can be asked for, the oldest first. */
  list(): ReadonlyArray<TaskFacts> {
    this.#forget()
    return Array.from(this.#entries.values(), (entry) => entry.facts())
  }

  /** The task that runs the call with this id of a task of the protocol; undefined where there is none. */
  get(taskId: string): asyncio.Task<unknown> | undefined {
    return this.find(taskId)?.task
  }

  /** How many calls have begun of which it is not known yet whether they become a task. @internal */
  undecided = 0

  /** Whether there is room for no other one. @internal */
  get full(): boolean {
    this.#forget()
    return this.#entries.size + this.undecided >= this.#limit
  }

  /** @internal */
  find(taskId: string): TaskEntry | undefined {
    this.#forget()
    return this.#entries.get(taskId)
  }

  /** @internal */
  add(entry: TaskEntry): void {
    this.#forget()
    this.#entries.set(entry.taskId, entry)
  }

  readonly #watchers = new Set<(entry: TaskEntry) => void>()

  /** Tells of each new status, until what it gives is called. @internal */
  watch(watcher: (entry: TaskEntry) => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  /** @internal */
  onStatus(entry: TaskEntry): void {
    // One that has just expired is forgotten already: its listeners learn how it has ended.
    for (const watcher of this.#watchers) watcher(entry)
    if (this.#entries.has(entry.taskId)) this.#onStatus?.(entry.detailed())
  }

  #forget(): void {
    for (const [taskId, entry] of this.#entries) {
      if (!entry.expired) return
      // It is past its time limit: what does not end for that is not kept for it.
      this.#entries.delete(taskId)
    }
  }
}
