/**
 * The stream of a client that listens: what the SDK sends on it, and how tasks stand in between.
 */
import type { McpTasks } from "../McpTasks.ts"
import type { DetailedTask, TaskEntry } from "./taskEntry.ts"

const SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId"

interface Message {
  readonly id?: unknown
  readonly result?: unknown
  readonly params?: { readonly notifications?: object; readonly _meta?: Readonly<Record<string, unknown>> }
}

const frameOf = (message: object): Uint8Array =>
  new TextEncoder().encode(`event: message\ndata: ${JSON.stringify(message)}\n\n`)

/** The message of an event; the SDK puts each event in a piece of its own. A comment has none. */
const messageOf = (frame: Uint8Array): Message => {
  const [, data] = /^data: (.*)$/m.exec(new TextDecoder().decode(frame)) ?? []
  return data === undefined ? {} : (JSON.parse(data) as Message)
}

const isOver = ({ status }: { readonly status: string }): boolean => status !== "working" && status !== "input_required"

export class TaskStream {
  readonly body: ReadableStream<Uint8Array>
  readonly #source: ReadableStreamDefaultReader<Uint8Array>
  readonly #waited: Map<string, TaskEntry>
  readonly #tasks: McpTasks
  readonly #ended: () => void
  #controller!: ReadableStreamDefaultController<Uint8Array>
  #subscription: unknown
  #unwatch = (): void => {}
  // The end of the SDK's stream, which comes at once where that has nothing to tell, and is sent when there is nothing of ours either.
  #last: Uint8Array | undefined
  #sourceEnded = false
  #closed = false

  constructor(
    source: ReadableStream<Uint8Array>,
    entries: ReadonlyArray<TaskEntry>,
    tasks: McpTasks,
    ended: () => void
  ) {
    this.#source = source.getReader()
    this.#waited = new Map(entries.map((entry) => [entry.taskId, entry]))
    this.#tasks = tasks
    this.#ended = ended
    this.body = new ReadableStream({
      start: (controller) => {
        this.#controller = controller
        void this.#read().catch(() => this.end())
      },
      cancel: () => this.end()
    })
  }

  /** Ends the stream, as the SDK ends its own where that is over. */
  end(): void {
    if (this.#closed) return
    this.#closed = true
    this.#unwatch()
    this.#ended()
    void this.#source.cancel().catch(() => {})
    try {
      if (this.#last !== undefined) this.#controller.enqueue(this.#last)
      this.#controller.close()
    } catch {
      // The client has hung up.
    }
  }

  async #read(): Promise<void> {
    for (let first = true; ; first = false) {
      const { done, value } = await this.#source.read()
      if (this.#closed) return
      if (done) break
      const message = messageOf(value)
      if (message.result !== undefined) this.#last = value
      else this.#controller.enqueue(first ? this.#acknowledge(message) : value)
      if (first) this.#watch()
    }
    this.#sourceEnded = true
    this.#endIfOver()
  }

  #acknowledge(message: Message): Uint8Array {
    const { _meta, notifications } = message.params ?? {}
    this.#subscription = _meta?.[SUBSCRIPTION]
    return frameOf({
      ...message,
      params: { ...message.params, notifications: { ...notifications, taskIds: [...this.#waited.keys()] } }
    })
  }

  #watch(): void {
    this.#unwatch = this.#tasks.watch((entry) => {
      if (this.#waited.has(entry.taskId)) this.#tell(entry.detailed())
    })
    // What has changed before the client listens would never come.
    for (const entry of this.#waited.values()) this.#tell(entry.detailed())
  }

  #tell(task: DetailedTask): void {
    if (this.#closed) return
    const _meta = { [SUBSCRIPTION]: this.#subscription }
    this.#controller.enqueue(frameOf({ jsonrpc: "2.0", method: "notifications/tasks", params: { ...task, _meta } }))
    if (isOver(task)) this.#waited.delete(task.taskId)
    this.#endIfOver()
  }

  #endIfOver(): void {
    if (this.#sourceEnded && this.#waited.size === 0) this.end()
  }
}
