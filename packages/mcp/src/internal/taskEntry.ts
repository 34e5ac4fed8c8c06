/**
 * A call that may be answered with a task, and how it stands.
 */
import type * as asyncio from "@effect-asyncio/compat"
import type { InputRequest, InputRequests } from "./inputs.ts"
import { answerOfDone } from "./runCall.ts"
import { isProtocolError } from "./sdk.ts"
import { describe, REQUEST_TIMEOUT, STOP } from "./stop.ts"
import { stopOfError } from "./stops.ts"

/** The states of the protocol. The last three are final. */
export type TaskStatus = "working" | "input_required" | "completed" | "failed" | "cancelled"

/** What the protocol says of a task, wherever it speaks of one. Times are milliseconds, dates ISO 8601. */
export interface TaskFacts {
  readonly taskId: string
  readonly status: TaskStatus
  readonly statusMessage?: string
  readonly createdAt: string
  readonly lastUpdatedAt: string
  readonly ttlMs: number
  readonly pollIntervalMs: number
}

/** What `tasks/get` answers: the facts, with what the status brings along. */
export interface DetailedTask extends TaskFacts {
  /** Of a task that is completed: what the call would have been answered with. */
  readonly result?: object
  /** Of one that has failed: an error of JSON-RPC. */
  readonly error?: object
  /** Of one that waits for its client: what it has asked for, by keys. */
  readonly inputRequests?: Readonly<Record<string, InputRequest>>
}

const INTERNAL_ERROR = -32603

interface Times {
  readonly ttlMs: number
  readonly pollIntervalMs: number
  readonly onStatus: (entry: TaskEntry) => void
}

export class TaskEntry {
  // A client that does not know it cannot ask for the task: it is the only key where there are no access tokens.
  readonly taskId = crypto.randomUUID()
  readonly name: string
  readonly task: asyncio.Task<unknown>
  readonly inputs: InputRequests
  /** The client that the access token of the call belongs to. */
  readonly client: string | undefined
  readonly createdAt = Date.now()
  #lastUpdatedAt = this.createdAt
  #lastStatus: TaskStatus = "working"
  #message: string | undefined
  readonly #times: Times

  constructor(
    times: Times,
    name: string,
    task: asyncio.Task<unknown>,
    inputs: InputRequests,
    client: string | undefined
  ) {
    this.name = name
    this.task = task
    this.inputs = inputs
    this.client = client
    this.#times = times
    task.addDoneCallback(() => {
      const error = task.cancelled() ? undefined : task.exception()
      // Also retrieves the failure: clients that ask for the task are told of it.
      this.#message = messageOfEnd(task, error) ?? this.#message
      this.changed()
    })
  }

  get expired(): boolean {
    return Date.now() > this.createdAt + this.#times.ttlMs
  }

  status(): TaskStatus {
    const { inputs, task } = this
    if (!task.done()) return inputs.size > 0 ? "input_required" : "working"
    if (task.cancelled()) return "cancelled"
    return task.exception() === undefined || task.exception() === null ? "completed" : "failed"
  }

  say(message: string): void {
    this.#message = message
    this.#lastUpdatedAt = Date.now()
  }

  /** To be called when the status may be another. */
  changed(): void {
    const status = this.status()
    if (status === this.#lastStatus) return
    this.#lastStatus = status
    this.#lastUpdatedAt = Date.now()
    this.#times.onStatus(this)
  }

  facts(): TaskFacts {
    const { pollIntervalMs, ttlMs } = this.#times
    return {
      taskId: this.taskId,
      status: this.status(),
      ...(this.#message === undefined ? {} : { statusMessage: this.#message }),
      createdAt: new Date(this.createdAt).toISOString(),
      lastUpdatedAt: new Date(this.#lastUpdatedAt).toISOString(),
      ttlMs,
      pollIntervalMs
    }
  }

  /** The facts, with what its state brings along. */
  detailed(): DetailedTask {
    const facts = this.facts()
    switch (facts.status) {
      case "input_required":
        return { ...facts, inputRequests: this.inputs.toObject() }
      case "completed":
        return { ...facts, result: answerOfDone(this.task) }
      case "failed":
        return { ...facts, error: errorOf(this.name, this.task.exception()) }
      default:
        return facts
    }
  }
}

const messageOfEnd = (task: asyncio.Task<unknown>, error: unknown): string | undefined => {
  if (task.cancelled()) {
    try {
      task.result()
    } catch (cancelled) {
      return stopOfError(cancelled)?.reason
    }
  }
  return error instanceof Error ? error.message : undefined
}

const errorOf = (name: string, error: unknown): object => {
  const stop = stopOfError(error)
  if (stop !== undefined) return { code: REQUEST_TIMEOUT, message: describe(name, stop), data: { [STOP]: stop } }
  if (!isProtocolError(error))
    return { code: INTERNAL_ERROR, message: error instanceof Error ? error.message : String(error) }
  const { code, data, message } = error
  return { code, message, ...(data === undefined ? {} : { data }) }
}
