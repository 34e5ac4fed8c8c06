/**
 * The tool calls of Effect's `McpServer` as tasks: what this package has for core.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import * as McpSchema from "effect/ai/McpSchema"
import * as McpServer from "effect/ai/McpServer"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as Layer from "effect/Layer"
import { Stdio } from "effect/Stdio"
import { enter, type RequestKey, RunningCall } from "./internal/effectCalls.ts"
import { metaOf, requestOf, tapped, tappedHttp } from "./internal/effectMessages.ts"
import {
  CLIENT_GONE,
  describe,
  REQUEST_CANCELLED,
  REQUEST_TIMEOUT,
  STOP,
  type Stop,
  TOO_LONG
} from "./internal/stop.ts"
import type { ProgressOptions } from "./progress.ts"

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
}

/**
 * What {@link toolTasks} gives: middleware of Effect's `McpServer`, which needs no service but the server itself.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export type ToolTasks = McpServer.Middleware<{
  provides: never
  error: McpSchema.McpErrorBase
  requires: never
  layerError: never
  layerRequires: McpServer.McpServer
}>

/**
 * Middleware that has each tool call of Effect's `McpServer` run as a task.
 *
 * **When to use**
 *
 * Its `layerGlobal` among the `registrations` of a server; its `layer` provided to those tools that are to be tasks.
 *
 * **Details**
 *
 * The task has the name of the tool, and the labels `request` and `session`, where these are known. It belongs to the loop of the fiber, and has
 * the services of the request. {@link reportProgress} tells the client how far it is.
 *
 * The middleware of Effect is not told which request it runs for, nor why that is cancelled. {@link layerStdio} and {@link layerHttp} read
 * that off the messages: provide the one to the server, merge the other with it.
 *
 * A call that ends with a stop is answered with an error of JSON-RPC, whose `data["effect-asyncio/stop"]` has the `kind` and the `reason`: of
 * code -32001 for a timeout, of -32800 for any cancellation. So no request stays without an answer.
 *
 * **Cancellation**
 *
 * `notifications/cancelled` cancels the task with its reason; the kind is `requested`. A connection that closes, and over HTTP a client
 * that hangs up, cancels with the kind `disconnect`, a limit with `timeout`. The answer is sent when the task is done, its cleanup included.
 *
 * **Gotchas**
 *
 * A `Toolkit` runs its handlers in fibers of their own, where a cancellation is an interrupt, which no code catches: `Effect.onInterrupt`
 * cleans up. Which kind it was and why is in the answer, and in the snapshot of the task when that is done.
 *
 * **asyncio**
 *
 * Beyond asyncio. A task of [`asyncio.create_task`](https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task) is not made for a
 * request, and [`task.cancel()`](https://docs.python.org/3/library/asyncio-task.html#asyncio.Task.cancel) has no kind.
 *
 * **Example** (A tool that is too slow)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { toolTasks } from "@effect-asyncio/mcp/effect"
 * import { Effect, Layer } from "effect"
 * import { McpProtocol, McpServer, McpTest, Tool, Toolkit } from "effect/ai"
 *
 * const Tools = Toolkit.make(Tool.make("copy"))
 * const registrations = McpServer.toolkit(Tools).pipe(
 *   Layer.provide(Tools.toLayer({ copy: () => Effect.orDie(asyncio.sleep("1 hour")) })),
 *   Layer.merge(toolTasks({ timeout: 10 }).layerGlobal)
 * )
 *
 * const main = Effect.gen(function*() {
 *   const client = yield* McpTest.makeClient(registrations, { protocols: [McpProtocol.v2025_11_25] })
 *   return yield* Effect.flip(client.callTool({ name: "copy", arguments: {} }))
 * })
 *
 * const { code, message } = await asyncio.run(Effect.scoped(main))
 * const seen = [code, message]
 * seen // => [-32001, "copy took too long"]
 * ```
 *
 * @category running
 * @stability unstable
 * @since 0.1.0
 */
export const toolTasks = (options: ToolTasksOptions = {}): ToolTasks => {
  lowlevel.checkOptions(options, "toolTasks()", '{ timeout: "30 seconds" }')
  return McpServer.middleware(
    Effect.map(
      McpServer.McpServer,
      ({ notifications }): Middleware =>
        (tool, given) =>
          given.method === "tools/call" ? run(tool, given, options, notifications) : tool
    )
  )
}

type Middleware = McpServer.middleware.Fn<never, McpSchema.McpErrorBase, never>
type Notifications = McpServer.McpServer["Service"]["notifications"]

const run = Effect.fnUntraced(function* (
  tool: Parameters<Middleware>[0],
  given: McpServer.MiddlewareOptions,
  { labels, timeout }: ToolTasksOptions,
  notifications: Notifications
) {
  const { sessionId: session, target: name } = given
  const { id: request, key } = yield* requestOf(given)
  const limit = typeof timeout === "function" ? timeout(name) : timeout
  const token = metaOf(given)["progressToken"] as ToolCall["token"]
  const told = Effect.provideService(tool, CurrentCall, { notifications, token, progress: -Infinity })
  const limited = asyncio
    .timeout(limit, told)
    .pipe(Effect.catchTag("TimeoutError", () => Effect.fail(stopped(name, { kind: "timeout", reason: TOO_LONG }))))
  const options = {
    name,
    labels: { ...labels, ...(request === undefined ? {} : { request }), ...(session === undefined ? {} : { session }) }
  }
  // An interrupt between the two would leave a task that no code stops.
  return yield* Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(asyncio.createTask(limited, options), (task) => answerOf(task, key, restore))
  )
})

type Answered = Effect.Effect<McpServer.MiddlewareSuccess, McpSchema.McpErrorBase>

/** Waits for the task of a call, and cancels it when the fiber is interrupted: its client is gone. */
const answerOf = (
  task: asyncio.Task<McpServer.MiddlewareSuccess, McpSchema.McpErrorBase>,
  key: RequestKey | undefined,
  restore: (effect: Effect.Effect<void>) => Effect.Effect<void>
): Answered => {
  const call = new RunningCall(task, key?.connection)
  if (key !== undefined) enter(call, key)
  const settled = Effect.callback<void>((resume) => task.addDoneCallbackUnsafe(() => resume(Effect.void)))
  const ended = Effect.onInterrupt(restore(settled), () => {
    call.stop({ kind: "disconnect", reason: CLIENT_GONE })
    return settled
  })
  return Effect.flatMap(ended, () => {
    if (!task.cancelled()) return task.exitUnsafe() as Answered
    const { kind = "requested", reason = "" } = task.snapshot().cancellation ?? {}
    return Effect.fail(stopped(task.getName(), { kind, reason }))
  })
}

const stopped = (name: string, stop: Stop): McpSchema.McpErrorBase =>
  new McpSchema.McpErrorBase({
    code: stop.kind === "timeout" ? REQUEST_TIMEOUT : REQUEST_CANCELLED,
    message: describe(name, stop),
    data: { [STOP]: stop }
  })

/** What a tool can do by way of the call that it runs in. */
interface ToolCall {
  readonly notifications: Notifications
  readonly token: string | number | undefined
  /** The highest progress that was sent: the protocol wants it to increase. */
  progress: number
}

const CurrentCall = Context.Reference<ToolCall | undefined>("@effect-asyncio/mcp/effect/CurrentCall", {
  defaultValue: () => undefined
})

/**
 * Tells the client how far the tool is that the current fiber belongs to.
 *
 * **Details**
 *
 * It goes out as `notifications/progress` where the client has asked for that with a `progressToken`; otherwise nothing happens, nor outside of
 * a call that {@link toolTasks} runs. `progress` and `total` have the tool's own unit. The protocol wants `progress` to increase: what does not is left out.
 *
 * Waits until it is sent. Does not fail.
 *
 * **Cancellation**
 *
 * The notification may be sent or not.
 *
 * **asyncio**
 *
 * Beyond asyncio: a [task of asyncio](https://docs.python.org/3/library/asyncio-task.html#task-object) does not tell how far it is.
 *
 * **Example** (A tool that tells how far it is)
 *
 * ```ts import.meta.vitest
 * import { reportProgress } from "@effect-asyncio/mcp/effect"
 * import { Effect } from "effect"
 *
 * const copy = Effect.fn("copy")(function*(files: ReadonlyArray<string>) {
 *   for (const [done, file] of files.entries()) yield* reportProgress(done, { total: files.length, message: file })
 *   return files.length
 * })
 *
 * await Effect.runPromise(copy(["a.txt", "b.txt"])) // => 2
 * ```
 *
 * @category tools
 * @stability unstable
 * @since 0.1.0
 */
export const reportProgress = (progress: number, options: ProgressOptions = {}): Effect.Effect<void> =>
  Effect.withFiber((fiber) => {
    const call = Context.get(fiber.context, CurrentCall)
    if (call === undefined || !(progress > call.progress)) return Effect.void
    call.progress = progress
    const { notifications, token: progressToken } = call
    if (progressToken === undefined) return Effect.void
    const { message, total } = options
    return Effect.ignore(notifications["notifications/progress"]({ progressToken, progress, total, message }))
  })

export type { ProgressOptions } from "./progress.ts"

/**
 * Standard input and output for `McpServer.layerStdio`, off which {@link toolTasks} learns which request a call is, and what its client cancels.
 *
 * **Details**
 *
 * Provide it to the server, and `Stdio` of the platform to it: `Layer.provide(layerStdio), Layer.provide(NodeStdio.layer)`. Cancellations of
 * calls that are tasks do not get to the server, which would say nothing of the reason and leave the request without an answer. A line that is
 * no JSON does not either: the server would lose what has come with it.
 *
 * When standard input ends, the calls that still run are cancelled, with the kind `disconnect`.
 *
 * **asyncio**
 *
 * Beyond asyncio, whose
 * [`loop.connect_read_pipe`](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.connect_read_pipe) knows bytes, and no messages.
 *
 * **Example** (A client that ends its input)
 *
 * ```ts import.meta.vitest
 * import { layerStdio } from "@effect-asyncio/mcp/effect"
 * import { Effect, Layer, Stdio, Stream } from "effect"
 *
 * const input = Stream.encodeText(Stream.make('{"jsonrpc":"2.0","id":1,"method":"ping"}\nno JSON\n'))
 * const read = Stdio.Stdio.use(({ stdin }) => Stream.mkString(Stream.decodeText(stdin)))
 *
 * await Effect.runPromise(
 *   Effect.provide(read, Layer.provide(layerStdio, Stdio.layerTest({ stdin: input })))
 * ) // => '{"jsonrpc":"2.0","id":1,"method":"ping"}\n'
 * ```
 *
 * @category layers
 * @stability unstable
 * @since 0.1.0
 */
export const layerStdio: Layer.Layer<Stdio, never, Stdio> = Layer.effect(
  Stdio,
  Effect.map(Stdio, (stdio) => ({ ...stdio, stdin: tapped(stdio.stdin) }))
)

/**
 * Middleware of the router for `McpServer.layerHttp`, by which {@link toolTasks} learns what the clients of its sessions cancel, and why.
 *
 * **Details**
 *
 * Merge it with the server. Cancellations of calls that are tasks do not get to the server, which would say nothing of the reason and leave
 * the request without an answer. Only requests with `Mcp-Session-Id` are looked at. The protocol of 2026-07-28 has no sessions: there a client cancels
 * by hanging up.
 *
 * **asyncio**
 *
 * Beyond asyncio, whose [streams](https://docs.python.org/3/library/asyncio-stream.html#asyncio.StreamReader) know bytes, and no HTTP.
 *
 * **Example** (A server over HTTP)
 *
 * ```ts import.meta.vitest
 * import { layerHttp, toolTasks } from "@effect-asyncio/mcp/effect"
 * import { Effect, Layer } from "effect"
 * import { McpProtocol, McpServer, Tool, Toolkit } from "effect/ai"
 * import { HttpRouter } from "effect/http"
 *
 * const Tools = Toolkit.make(Tool.make("build"))
 * const registrations = McpServer.toolkit(Tools).pipe(
 *   Layer.provide(Tools.toLayer({ build: () => Effect.void })),
 *   Layer.merge(toolTasks().layerGlobal)
 * )
 * const app = McpServer.layerHttp({
 *   name: "builds",
 *   version: "1.0.0",
 *   path: "/mcp",
 *   protocols: [McpProtocol.v2025_11_25],
 *   registrations
 * }).pipe(Layer.merge(layerHttp))
 *
 * const { dispose, handler } = HttpRouter.toWebHandler(app, { disableLogger: true })
 * const { status } = await handler(new Request("http://localhost/mcp"))
 * await dispose()
 * status // => 405
 * ```
 *
 * @category layers
 * @stability unstable
 * @since 0.1.0
 */
export const layerHttp: Layer.Layer<never, never, HttpRouter.HttpRouter> = HttpRouter.middleware(tappedHttp, {
  global: true
})
