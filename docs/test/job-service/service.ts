// A version of the job service as a child process, and what a client does with it.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process"
import { type IncomingHttpHeaders, request as httpRequest } from "node:http"
import { fileURLToPath } from "node:url"
import { once } from "node:events"
import { type Program, startProgram } from "../../../packages/tools/servers/programs.ts"
import type { JobView } from "../../examples/job-service/shared/job.ts"
import { within } from "./within.ts"

export type Version = "promises" | "compat" | "core" | "cluster/compat" | "cluster/core"

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: unknown
}

export interface Line {
  readonly event: string
  readonly [field: string]: unknown
}

/** How a process ended. */
export interface End {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stderr: string
  /** The jobs as the shutdown reported them. */
  readonly final: ReadonlyArray<Line>
}

export type Settings = Readonly<Record<string, number | string>>

export interface RequestOptions {
  readonly signal?: AbortSignal
  /** The body is the beginning of one that never comes to its end. */
  readonly unfinished?: boolean
}

const program = (version: Version, name: "main" | "work") =>
  fileURLToPath(new URL(`../../examples/job-service/${version}/${name}.ts`, import.meta.url))

// The runner's own settings, such as its conditions, are not for the programs.
const environment = (settings: Settings, database: string | undefined) => ({
  ...process.env,
  NODE_OPTIONS: undefined,
  DATABASE_URL: database,
  PORT: "0",
  ...mapValues(settings, String)
})

/** A worker of a version in a process of its own, as soon as it is there. */
export const startWorker = async (version: Version, settings: Settings, database: string): Promise<Program> => {
  const worker = startProgram(program(version, "work"), { packages: "built", env: environment(settings, database) })
  await worker.line(/"working"/)
  return worker
}

export class Service {
  /** With a database its workers are not in this process: the caller starts them. */
  static async start(version: Version, settings: Settings, guard: number, database?: string): Promise<Service> {
    // Older versions of Node.js warn that they strip types.
    const args = ["--disable-warning=ExperimentalWarning", program(version, "main")]
    const service = new Service(spawn(process.execPath, args, { env: environment(settings, database) }), guard)
    try {
      const { port } = await Promise.race([service.line("listening", 0, 5 * guard), service.#failure()])
      service.#port = port as number
      return service
    } catch (error) {
      await service.destroy()
      throw error
    }
  }

  /** A service, and its one worker in a process of its own; they end together. */
  static async startWithWorker(
    version: Version,
    settings: Settings,
    guard: number,
    database: string
  ): Promise<Service> {
    const [service, worker] = await Promise.allSettled([
      Service.start(version, settings, guard, database),
      startWorker(version, settings, database)
    ])
    if (service.status === "rejected") {
      if (worker.status === "fulfilled") await end(worker.value)
      throw service.reason
    }
    if (worker.status === "rejected") {
      await service.value.destroy()
      throw worker.reason
    }
    service.value.#worker = worker.value
    return service.value
  }

  readonly lines: Array<Line> = []
  readonly #guard: number
  readonly #child: ChildProcessWithoutNullStreams
  readonly #ended: Promise<readonly [number | null, NodeJS.Signals | null]>
  readonly #lineWaiters = new Set<() => void>()
  #worker: Program | undefined
  #port = 0
  #stderr = ""

  private constructor(child: ChildProcessWithoutNullStreams, guard: number) {
    this.#child = child
    this.#guard = guard
    this.#ended = once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>
    child.stderr.setEncoding("utf8").on("data", (text: string) => (this.#stderr += text))
    let partial = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      const lines = (partial + text).split("\n")
      partial = lines.pop()!
      this.lines.push(...lines.map((line) => JSON.parse(line) as Line))
      for (const wake of this.#lineWaiters) wake()
    })
  }

  async #failure(): Promise<never> {
    await this.#ended
    throw new Error(`the service did not start:\n${this.#stderr}`)
  }

  /** The `n`th line that tells of an event. */
  line(event: string, n = 0, patience = this.#guard): Promise<Line> {
    let wake = () => {}
    const found = new Promise<Line>((resolve) => {
      wake = () => {
        const line = this.lines.filter((line) => line.event === event)[n]
        if (line !== undefined) resolve(line)
      }
      this.#lineWaiters.add(wake)
      wake()
    })
    return within(patience, `a line ${event}`, found).finally(() => this.#lineWaiters.delete(wake))
  }

  /** A request as it is: `body` is sent unchanged. Every request has a connection of its own. */
  request(method: string, path: string, body?: string, options: RequestOptions = {}): Promise<Answer> {
    const { signal, unfinished = false } = options
    const answer = new Promise<Answer>((resolve, reject) => {
      const headers = unfinished ? { "content-length": 1_000_000, connection: "keep-alive" } : {}
      const target = { host: "127.0.0.1", port: this.#port, method, path, headers, agent: false, signal }
      const request = httpRequest(target, async (response) => {
        try {
          const chunks: Array<Buffer> = []
          for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk)
          const json = JSON.parse(Buffer.concat(chunks).toString()) as unknown
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: json })
        } catch (error) {
          reject(error)
        }
      })
      request.on("error", reject)
      if (unfinished) request.write(body)
      else request.end(body)
    })
    return within(this.#guard, `an answer to ${method} ${path}`, answer)
  }

  post(job: unknown): Promise<Answer> {
    return this.request("POST", "/jobs", JSON.stringify(job))
  }

  /** Submits a job that has to be accepted. */
  async submit(job: unknown): Promise<string> {
    const { status, body } = await this.post(job)
    if (status !== 202) throw new Error(`not accepted: ${status} ${JSON.stringify(body)}`)
    return (body as { readonly id: string }).id
  }

  async get(id: string, wait = 0, options?: RequestOptions): Promise<JobView> {
    const { body } = await this.request("GET", `/jobs/${id}?wait=${wait}`, undefined, options)
    return body as JobView
  }

  /** The job when it is final. The service does the waiting; a job that is not final in time is given as it is. */
  final(id: string, patience = this.#guard / 2): Promise<JobView> {
    return this.get(id, patience)
  }

  /** Asks for a job until it is as expected. */
  where(id: string, expected: (job: JobView) => boolean): Promise<JobView> {
    return this.#askUntil("another state of the job", () => this.get(id), expected, this.#guard)
  }

  delete(id: string): Promise<Answer> {
    return this.request("DELETE", `/jobs/${id}`)
  }

  async health(): Promise<Record<string, number>> {
    return (await this.request("GET", "/health")).body as Record<string, number>
  }

  /** Asks for the counts until they are as expected. */
  async healthWhere(expected: Readonly<Record<string, number>>, patience = this.#guard): Promise<void> {
    const matches = (counts: Record<string, number>) =>
      Object.entries(expected).every(([name, count]) => counts[name] === count)
    await this.#askUntil(`the counts ${JSON.stringify(expected)}`, () => this.health(), matches, patience)
  }

  async #askUntil<A>(what: string, ask: () => Promise<A>, good: (answer: A) => boolean, patience: number): Promise<A> {
    let last: A | undefined
    let more = true
    const asking = async (): Promise<A> => {
      for (;;) {
        last = await ask()
        if (good(last) || !more) return last
      }
    }
    try {
      return await within(patience, what, asking())
    } catch (error) {
      throw new Error(`${(error as Error).message}; the last answer was ${JSON.stringify(last)}`, { cause: error })
    } finally {
      more = false
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  async ended(): Promise<End> {
    const [code, signal] = await within(this.#guard, "the end of the process", this.#ended)
    return { code, signal, stderr: this.#stderr, final: this.lines.filter(({ event }) => event === "final") }
  }

  /** Ends the process whatever state it is in. */
  async destroy(): Promise<void> {
    this.#child.kill("SIGKILL")
    await this.#ended
    if (this.#worker !== undefined) await end(this.#worker)
  }
}

const end = async (worker: Program): Promise<void> => {
  worker.kill("SIGKILL")
  await worker.ended
}

const mapValues = <A, B>(record: Readonly<Record<string, A>>, f: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value)]))
