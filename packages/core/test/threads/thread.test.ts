// A thread as its host shows it: what the events of a worker say, in whichever order they come.
import { EventEmitter } from "node:events"
import { afterEach, assert, describe, it, vi } from "@effect/vitest"
import { Cause, Effect, Exit } from "effect"
import { Thread, type WorkerThreads } from "../../src/internal/combine/thread.ts"
import { macrotask } from "../support.ts"

/** A host whose workers do nothing by themselves. */
const host = () => {
  const workers: Array<EventEmitter> = []
  const ports: Array<EventEmitter> = []
  const lines: Array<string> = []
  const noting = (...words: ReadonlyArray<string>) =>
    Object.fromEntries(words.map((word) => [word, () => void lines.push(word)]))
  class Worker extends EventEmitter {
    constructor() {
      super()
      workers.push(Object.assign(this, noting("ref", "unref", "terminate")))
    }
  }
  class MessageChannel {
    readonly port1 = Object.assign(new EventEmitter(), noting("postMessage", "close"), { unref: () => {} })
    readonly port2 = {}
    constructor() {
      ports.push(this.port1)
    }
  }
  const state: { unread: { message: unknown } | undefined } = { unread: undefined }
  const threads = { Worker, MessageChannel, receiveMessageOnPort: () => state.unread } as unknown as WorkerThreads
  return { threads, workers, ports, lines, state }
}

const job = (lines: Array<string>) => (outcome: Exit.Exit<unknown, unknown>) =>
  void lines.push(Exit.isSuccess(outcome) ? `gave ${String(outcome.value)}` : String(Cause.squash(outcome.cause)))

const quiet = (value: string) => ({ value, quiet: true })

describe("a thread", () => {
  it("keeps the process alive while it has a job", () => {
    const { lines, ports, threads } = host()
    const thread = new Thread(threads, () => {})
    thread.begin({}, undefined, job(lines))
    ports[0]!.emit("message", quiet("a result"))
    assert.deepStrictEqual(lines, ["unref", "postMessage", "ref", "unref", "gave a result"])
  })

  it.each(["error", "exit"])("has given its last answer also where the event %s comes before it", (event) => {
    const { lines, state, threads, workers } = host()
    const thread = new Thread(threads, () => void lines.push("gone"))
    thread.begin({}, undefined, job(lines))
    lines.length = 0
    state.unread = { message: quiet("a result") }
    workers[0]!.emit(event, event === "exit" ? 0 : new Error("uncaught"))
    assert.deepStrictEqual(lines, ["unref", "gave a result", ...(event === "exit" ? ["close", "gone"] : [])])
    assert.isFalse(thread.alive)
  })
})

describe("toThread", () => {
  afterEach(() => {
    vi.doUnmock("node:worker_threads")
    vi.resetModules()
  })

  it("does not use a thread again that has failed and has not ended yet", async () => {
    const { ports, threads, workers } = host()
    vi.doMock("node:worker_threads", () => threads)
    vi.resetModules()
    const { toThread } = await import("../../src/toThread.ts")
    const answered = async (n: number) => {
      const result = Effect.runPromise(toThread((): unknown => n))
      // What imports the threads takes a few macrotasks of the host.
      while (ports.length === 0 || ports[workers.length - 1]!.listenerCount("message") === 0) await macrotask()
      await macrotask()
      ports[workers.length - 1]!.emit("message", quiet(`from ${workers.length}`))
      return result
    }

    const results = [await answered(1), await answered(2)]
    workers[0]!.emit("error", new Error("uncaught"))
    results.push(await answered(3))

    assert.deepStrictEqual(results, ["from 1", "from 1", "from 2"])
  })
})
