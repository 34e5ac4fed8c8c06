/**
 * What a running program tells of its tasks by HTTP, for servers of `node:http` and what is built on them.
 *
 * @since 0.1.0
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import type * as asyncio from "@effect-asyncio/core"
import * as Context from "effect/Context"
import { Inspecting, metricsTold, refused, tasksTold } from "./internal/inspecting.ts"

/**
 * Options of the routes by which a program tells of its tasks.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface InspectionOptions {
  /**
   * A secret of at least 16 characters, which clients send as `Authorization: Bearer …`. Without one only programs of the same machine are
   * answered, and not what a proxy on it forwards.
   */
  readonly token?: string | undefined
}

/**
 * A task, as `/tasks` tells it.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface TaskReport extends Pick<
  asyncio.TaskSnapshot,
  "id" | "name" | "labels" | "state" | "createdBy" | "waitingFor"
> {
  /** For how many milliseconds it has been there. */
  readonly ageMs: number
  readonly cancellation: asyncio.CancellationSnapshot | undefined
}

/**
 * What `/tasks` answers.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface TasksReport {
  /** How many requests, sockets, jobs and pieces of detached work a shutdown would wait for. */
  readonly inFlight: number
  /** The tasks that are not done, at most 1,000. */
  readonly tasks: ReadonlyArray<TaskReport>
  /** How many more there are. */
  readonly omitted: number
}

/**
 * A listener of `node:http` that tells of the program by two paths: what ends in `/tasks`, which tasks there are, as JSON; and `/metrics`, how much is
 * in flight and what the program measures, in the text format of Prometheus.
 *
 * **When to use**
 *
 * For a path of a server that exists: `app.use("/internal", inspectionListener())` with Express, and elsewhere where the path is looked at.
 *
 * **Details**
 *
 * It is safe by default: it changes nothing, and answers only programs of the same machine, or with the option `token` every client that sends that. Others
 * are answered 403 or 401. It calls nothing of the program, so that a program that has lost its way can be asked as long as it answers at all.
 *
 * Throws a TypeError or a ValueError for options that cannot be meant.
 *
 * **Cancellation**
 *
 * It answers at once.
 *
 * **asyncio**
 *
 * No such thing: [`python -m asyncio ps`](https://docs.python.org/3/whatsnew/3.14.html#asyncio-introspection-capabilities) reads the memory of the
 * process.
 *
 * **Example** (What a program on the same machine is told)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 * import { inspectionListener, type TasksReport } from "@effect-asyncio/server/inspection"
 * import { once } from "node:events"
 * import { createServer } from "node:http"
 *
 * const job = asyncio.createTask(() => asyncio.sleep("1 hour"), { name: "import", labels: { file: 7 } })
 * const server = createServer(inspectionListener())
 * server.listen(0, "127.0.0.1")
 * await once(server, "listening")
 * const { port } = server.address() as { port: number }
 * const response = await fetch(`http://127.0.0.1:${port}/tasks`, { headers: { connection: "close" } })
 * const { tasks } = await response.json() as TasksReport
 * const found = tasks.filter(({ name }) => name === "import").map(({ labels, state }) => [labels, state])
 * job.cancel()
 * server.close()
 * found // => [[{ file: 7 }, "pending"]]
 * ```
 *
 * @category introspection
 * @stability unstable
 * @since 0.1.0
 */
export const inspectionListener = (
  options: InspectionOptions = {}
): ((request: IncomingMessage, response: ServerResponse) => void) => {
  const inspecting = new Inspecting(options, "inspectionListener()")
  return (request, response) => {
    const { headers, method, socket, url = "" } = request
    const refusal = inspecting.refusal({ headers, address: socket.remoteAddress })
    const isRead = method === "GET" || method === "HEAD"
    const {
      body,
      headers: told,
      status
    } = refusal ?? (isRead ? tellOf(url) : refused(405, "there is nothing to change here"))
    response.writeHead(status, told)
    response.end(method === "HEAD" ? undefined : body)
  }
}

const tellOf = (url: string) => {
  const [, name] = /([^/]*)\/?$/.exec(url.split("?", 1)[0]!) ?? []
  if (name === "tasks") return tasksTold()
  return name === "metrics" ? metricsTold(Context.empty()) : refused(404, "there are /tasks and /metrics")
}
