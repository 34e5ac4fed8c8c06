/**
 * A service from its start to its end, for both packages:
 *
 *     starting ──ready, listens──▶ running ──stop──▶ leaving ──the delay──▶ draining ──idle──▶ over
 *         │                                             │                      │ the grace      ▲
 *         └──stop: nothing was taken on yet─────────────┴──stop again──▶ cancelling ──idle──────┤
 *                                                                              └──the cleanup───┘
 *
 * Nothing here waits without an end: what does not end is named, and the process ends without it. It looks every few milliseconds
 * whether a stage is over, because that happens once, and what it waits for may be broken.
 */
import type * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type { AnyTask } from "@effect-asyncio/core/lowlevel"
import type { IncomingMessage, ServerResponse } from "node:http"
import type {
  IgnoringWork,
  ListenTarget,
  ServeOptions,
  ServeReport,
  ServiceHandle,
  ServiceState,
  TrackedServer
} from "../Service.ts"
import { inFlight, setAdmission } from "./inFlight.ts"
import { onStops, statusOf } from "./stops.ts"
import { ClosingServer, listen } from "./trackedServer.ts"

// How often it looks whether a stage is over, in milliseconds.
const glance = 5

// What a process may still do when all is over, before it is ended, in milliseconds.
const aftermath = 1000

// What stops it, and how long that may take, is not the run's to say.
export const ofTheService = { grace: undefined, handleSigint: false, signals: [] } as const

export class ServiceImpl implements ServiceHandle {
  state: ServiceState = "starting"
  readonly #delay: number
  readonly #grace: number
  readonly #cleanup: number
  readonly #exits: boolean
  readonly #say: (line: string) => void
  readonly #servers: Array<ClosingServer> = []
  readonly #hooks: Array<() => unknown> = []
  #hooksLeft = 0
  #stops = 0
  #reason = "done"
  #main: AnyTask | undefined = undefined
  // Done when what was taken on is over.
  #drained: asyncio.Future<void> | undefined = undefined
  // The main function is not at work: it waits for the service to be drained, or has returned.
  #mainWaits = false
  #runOver = false
  #cut: ReadonlyArray<string> = []
  readonly #ignoring: Array<IgnoringWork> = []
  readonly #named = new Set<AnyTask>()
  #shutdown: Promise<void> | undefined = undefined
  #noteStop!: () => void
  readonly #firstStop = new Promise<void>((resolve) => (this.#noteStop = resolve))

  constructor(options: ServeOptions) {
    lowlevel.checkOptions(options, "serve()", '{ grace: "10 seconds" }')
    const {
      cleanup = 5000,
      delay = 0,
      exit = true,
      grace = 10_000,
      log = (line: string) => console.error(line)
    } = options
    this.#delay = lowlevel.toMillis(delay)
    this.#grace = lowlevel.toMillis(grace)
    this.#cleanup = lowlevel.toMillis(cleanup)
    this.#exits = exit
    this.#say = log
  }

  get stopping(): boolean {
    return this.state !== "starting" && this.state !== "running"
  }

  ready(): void {
    if (this.state === "starting") this.state = "running"
  }

  track<S extends TrackedServer>(server: S): S {
    const closing = new ClosingServer(server)
    this.#servers.push(closing)
    server.on("listening", () => {
      // A server that comes when it is too late.
      if (this.stopping) closing.close()
      else this.ready()
    })
    if (server.listening) this.ready()
    return server
  }

  /** Tracks a server and has it listen. */
  async listenTo(server: Parameters<typeof listen>[0], target: ListenTarget) {
    return await listen(this.track(server), target)
  }

  onStop(hook: () => unknown): void {
    this.#hooks.push(hook)
  }

  readonly health = (_request: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(this.stopping ? 503 : 200, { "content-type": "application/json" })
    response.end(JSON.stringify({ state: this.state }))
  }

  /** The main task has begun. */
  begin(loop: asyncio.EventLoop, main: AnyTask): void {
    this.#main = main
    this.#drained = loop.createFutureUnsafe<void>()
    if (this.#stops > 0) main.cancelUnsafe(this.#message, { kind: "shutdown" })
  }

  /** What the main function waits for. To be called when it begins to wait. */
  whenDrained(): asyncio.Future<void> {
    this.#mainWaits = true
    // Nothing listens, so that nothing can come any more.
    if (this.#stops === 0 && this.state === "starting") this.stop("done")
    return this.#drained!
  }

  stop(reason = "stop"): void {
    this.#stops++
    if (this.#stops === 1) {
      this.#reason = reason
      this.#shutdown = this.#shutDown()
      this.#noteStop()
    }
    if (this.#stops === 3) this.#endNow()
  }

  get #message(): string {
    return `the service is shutting down: ${this.#reason}`
  }

  get #hurried(): boolean {
    return this.#stops > 1
  }

  async #shutDown(): Promise<void> {
    // Before anything listens there is nothing to wait for.
    if (this.state !== "starting" || this.#mainWaits) {
      this.state = "leaving"
      if (this.#reason !== "done") await this.#until(() => this.#hurried, this.#delay)
      await this.#drain()
    }
    if (!this.#isIdle()) await this.#cancelAll()
    this.state = "over"
    for (const server of this.#servers) server.destroy()
    const drained = this.#drained
    if (drained?.done() === false) drained.setResultUnsafe(undefined)
    // What the main function cleans up, and then what the run has left.
    await this.#until(() => this.#runOver || this.#main?.done() === true, this.#cleanup)
    await this.#until(() => this.#runOver, this.#cleanup)
  }

  async #drain(): Promise<void> {
    this.state = "draining"
    setAdmission(this, "last")
    for (const server of this.#servers) server.close()
    this.#callHooks()
    const works = inFlight()
    for (const work of works) if (work.endless) work.stop(this.#message)
    const count = works.filter((work) => !work.endless).length
    if (count > 0) this.#say(`${this.#reason}: ${count} in flight, for ${this.#grace / 1000} seconds at most`)
    const isOver = () => {
      for (const server of this.#servers) server.closeIdle()
      return this.#hurried || this.#isIdle()
    }
    await this.#until(isOver, this.#grace)
  }

  #callHooks(): void {
    for (const hook of this.#hooks.toReversed()) {
      this.#hooksLeft++
      void Promise.resolve()
        .then(hook)
        .catch((error: unknown) => this.#say(`onStop has failed: ${String(error)}`))
        .finally(() => this.#hooksLeft--)
    }
  }

  #isIdle(): boolean {
    const mainIsIdle = this.#mainWaits || this.#runOver || this.#main?.done() === true
    return mainIsIdle && this.#hooksLeft === 0 && inFlight().length === 0 && this.#servers.every((each) => !each.isBusy)
  }

  async #cancelAll(): Promise<void> {
    const works = inFlight()
    const main = this.#mainWaits ? undefined : this.#main
    this.state = "cancelling"
    setAdmission(this, "refused")
    const tasks = [...works.map(({ task }) => task), ...(main === undefined ? [] : [main])].filter(
      (task) => !task.done()
    )
    this.#cut = tasks.map((task) => task.getName())
    if (this.#cut.length > 0) this.#say(`${this.#reason}: cancels ${counted(this.#cut)}`)
    for (const work of works) work.stop(this.#message)
    main?.cancelUnsafe(this.#message, { kind: "shutdown" })
    await this.#until(() => this.#isIdle(), this.#cleanup)
    for (const task of tasks) if (!task.done()) this.#name(task)
  }

  /** Says what ignores its cancellation. */
  #name(task: AnyTask): void {
    if (this.#named.has(task)) return
    this.#named.add(task)
    const name = task.getName()
    const { coroutine, waitingFor } = task.snapshot()
    const stack = task.getStack().length > 0 ? task.formatStack() : coroutine
    // Many may hang in the same place.
    if (this.#ignoring.some((each) => each.name === name && each.stack === stack)) return
    this.#ignoring.push({ name, stack, waitingFor })
    const waits = waitingFor === undefined ? "waits for nothing that can be cancelled" : `waits for ${waitingFor}`
    this.#say(`${name} does not end, and ${waits}:\n${stack.trimEnd()}`)
  }

  /** Waits until something is so, or the time is up. */
  async #until(isSo: () => boolean, limit: number): Promise<void> {
    const end = performance.now() + limit
    while (!isSo() && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(glance, Math.max(0, end - performance.now()))))
    }
  }

  /**
   * Runs the program, and ends with a report when it has, or when it does not end by itself. `run` begins the run, which calls
   * {@link begin}, and settles with it.
   */
  async serve(run: () => Promise<unknown>, { messages = ["shutdown"], signals = ["SIGTERM", "SIGINT"] }: ServeOptions) {
    const stopListening = onStops(signals, messages, (reason) => this.stop(reason))
    let failure: { readonly error: unknown } | undefined
    try {
      const ended = run().then(
        () => (this.#runOver = true),
        (error: unknown) => {
          this.#runOver = true
          // Else it was told to stop, and did.
          if (this.#main?.cancelled() !== true || this.#stops === 0) failure = { error }
        }
      )
      await Promise.race([ended, this.#firstStop])
      // A run that ends by itself, because it has failed, leaves its servers.
      if (this.#stops === 0) this.stop("failed")
      await this.#shutdown
      if (!this.#runOver) this.#nameWhatIsLeft()
    } finally {
      stopListening()
      setAdmission(this, "open")
    }
    if (failure !== undefined) throw failure.error
    return this.#end()
  }

  #nameWhatIsLeft(): void {
    const loop = this.#main?.loop
    for (const task of loop?.allTasksUnsafe() ?? []) if (!task.done()) this.#name(task)
    if (this.#ignoring.length === 0) this.#say("the run does not end")
  }

  #report(): ServeReport {
    const isStuck = this.#ignoring.length > 0 || !this.#runOver
    const exitCode = isStuck ? 1 : this.#cut.length > 0 ? statusOf(this.#reason) : 0
    return { reason: this.#reason, exitCode, cut: this.#cut, ignoring: this.#ignoring }
  }

  #end(): ServeReport {
    const report = this.#report()
    if (!this.#exits) return report
    if (!this.#runOver) process.exit(report.exitCode)
    process.exitCode = report.exitCode
    // In a worker of a cluster the channel to its parent would keep it.
    if (process.connected) process.disconnect()
    const linger = () => {
      const resources = process.getActiveResourcesInfo().filter((name) => name !== "Timeout")
      this.#say(`the process does not end by itself: ${counted(resources)}`)
      process.exit(report.exitCode)
    }
    setTimeout(linger, aftermath).unref()
    return report
  }

  /** The third call of {@link stop}. */
  #endNow(): void {
    const names = inFlight().map(({ task }) => task.getName())
    if (names.length > 0) this.#say(`${this.#reason}: ends at once, without ${counted(names)}`)
    if (this.#exits) process.exit(statusOf(this.#reason))
  }
}

/** Names, each once, with how many times it is there. */
const counted = (names: ReadonlyArray<string>): string => {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return Array.from(counts, ([name, count]) => (count === 1 ? name : `${name} (${count})`)).join(", ")
}
