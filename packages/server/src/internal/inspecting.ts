/**
 * What a running program tells of its tasks by HTTP, and to which clients.
 */
import { createHash, timingSafeEqual } from "node:crypto"
import type { IncomingHttpHeaders } from "node:http"
import type * as asyncio from "@effect-asyncio/core"
import { ValueError } from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type * as Context from "effect/Context"
import { formatUnsafe } from "effect/observability/PrometheusMetrics"
import type { InspectionOptions, TaskReport, TasksReport } from "../inspection.ts"
import { countInFlight } from "./inFlight.ts"

/** An answer, as every server can give it. */
export interface Told {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface Asker {
  readonly headers: Pick<IncomingHttpHeaders, "authorization" | "host"> & Readonly<Record<string, unknown>>
  /** The address of the other side of the connection; undefined where it has none, as on a socket of the file system. */
  readonly address: string | undefined
}

// A shorter one could be guessed.
const leastToken = 16

// How many tasks one answer has.
const most = 1000

export class Inspecting {
  readonly #token: Buffer | undefined

  /** Throws for options that cannot be meant; `by` is the function that was given them. */
  constructor(options: InspectionOptions, by: string) {
    lowlevel.checkOptions(options, by, '{ token: process.env["INSPECTION_TOKEN"] }')
    const { token } = options
    if (token !== undefined && (typeof token !== "string" || token.length < leastToken))
      throw new ValueError(`token must be a string of at least ${leastToken} characters`)
    this.#token = token === undefined ? undefined : digestOf(token)
  }

  /** What a client is told that may not know; undefined for one that may. */
  refusal(asker: Asker): Told | undefined {
    if (this.#token !== undefined) {
      return this.#knowsToken(asker.headers.authorization) ? undefined : refused(401, "a token is asked for")
    }
    return isLocal(asker) ? undefined : refused(403, "only programs of the same machine are answered")
  }

  #knowsToken(authorization: string | undefined): boolean {
    const [, given] = /^Bearer +(\S+)$/i.exec(authorization ?? "") ?? []
    return given !== undefined && timingSafeEqual(digestOf(given), this.#token!)
  }
}

// Digests are of one length, which is what can be compared in constant time.
const digestOf = (token: string): Buffer => createHash("sha256").update(token).digest()

const forwarding = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"]

/**
 * Whether a program of this machine asks for itself: not a proxy on this machine for another client, and not the page of a web site under a name
 * that leads to this machine.
 */
const isLocal = ({ address, headers }: Asker): boolean =>
  /^(::1|(::ffff:)?127(\.\d+){3})$/.test(address ?? "") &&
  /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/i.test(headers.host ?? "") &&
  !forwarding.some((name) => headers[name] !== undefined)

const told = (status: number, type: string, body: string): Told => ({
  status,
  headers: { "content-type": type, "cache-control": "no-store", "x-content-type-options": "nosniff" },
  body
})

/** The answer to a client that is told nothing else. */
export const refused = (status: 401 | 403 | 404 | 405, text: string): Told => {
  const answer = told(status, "text/plain; charset=utf-8", `${text}\n`)
  const more = { 401: { "www-authenticate": "Bearer" }, 403: {}, 404: {}, 405: { allow: "GET, HEAD" } }[status]
  return { ...answer, headers: { ...answer.headers, ...more } }
}

/** The tasks that are not done, of all loops of this thread. */
export const tasksTold = (): Told => {
  const tasks: Array<TaskReport> = []
  let count = 0
  for (const loop of lowlevel.loopsUnsafe()) {
    for (const task of loop.allTasksUnsafe()) {
      count++
      if (tasks.length < most) tasks.push(reportOf(task, loop.time()))
    }
  }
  const report: TasksReport = { inFlight: countInFlight(), tasks, omitted: count - tasks.length }
  return told(200, "application/json", JSON.stringify(report))
}

const reportOf = (task: asyncio.Task<unknown, unknown>, now: number): TaskReport => {
  const { cancellation, createdAt, createdBy, id, labels, name, state, waitingFor } = task.snapshot()
  return { id, name, labels, state, ageMs: Math.round(now - createdAt), createdBy, waitingFor, cancellation }
}

/** What the program measures, in the text format of Prometheus, and how much is in flight. */
export const metricsTold = (context: Context.Context<never>): Told => {
  const measured = formatUnsafe(context)
  const alive = lowlevel.loopsUnsafe().reduce((sum, loop) => sum + loop.allTasksUnsafe().length, 0)
  const lines = [
    ...gauge(
      "asyncio_in_flight",
      "Requests, sockets, jobs and detached work that a shutdown would wait for",
      countInFlight()
    ),
    // The layer taskMetrics has it, too.
    ...(/^asyncio_tasks_alive /m.test(measured) ? [] : gauge("asyncio_tasks_alive", "Tasks that are not done", alive))
  ]
  return told(200, "text/plain; version=0.0.4; charset=utf-8", `${lines.join("\n")}\n${measured}`)
}

const gauge = (name: string, help: string, value: number): ReadonlyArray<string> => [
  `# HELP ${name} ${help}`,
  `# TYPE ${name} gauge`,
  `${name} ${value}`
]
