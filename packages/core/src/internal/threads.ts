/**
 * Worker threads for `toThread`: made when needed, kept for the next job, ended with the job that is cancelled.
 */
import * as Exit from "effect/Exit"
import { type CancelledError, RuntimeError, withHint } from "../errors.ts"
import type { EventLoopImpl } from "./eventLoop.ts"
import { FutureImpl } from "./future.ts"

/** What a thread is asked to do: a function as text, or one of a module. */
export interface ThreadJob {
  readonly source: string | undefined
  readonly module: string | undefined
  readonly name: string | undefined
  readonly args: ReadonlyArray<unknown>
  readonly taskName: string | undefined
  readonly variables: ReadonlyMap<object, unknown> | undefined
}

type Answer = { readonly value: unknown } | { readonly error: unknown; readonly hint: unknown }

interface Worker {
  postMessage(message: unknown): void
  on(event: "message", listener: (answer: Answer) => void): unknown
  on(event: "error", listener: (error: unknown) => void): unknown
  on(event: "exit", listener: (code: number) => void): unknown
  terminate(): Promise<unknown>
  ref(): void
  unref(): void
}

interface WorkerThreads {
  readonly Worker: new (code: string, options: { readonly eval: true }) => Worker
}

const noFunction = {
  // When: the module that `toThread` was given has no such function.
  name: "TypeError",
  message: "exports no function",
  hint: "Export the function from the module, or look at the name."
}

// Runs on the thread, as a script or as a module: a process that was started with `--input-type=module` passes that on. A
// result that cannot be copied is an error like any other.
const program = `
import("node:worker_threads").then(({ parentPort }) => {
  parentPort.on("message", async ({ source, module, name, args, taskName, variables }) => {
    try {
      globalThis.asyncio = { taskName, variables }
      const run = source === undefined ? (await import(module))[name] : (0, eval)("(" + source + ")")
      if (typeof run !== "function") {
        const { hint, message } = ${JSON.stringify(noFunction)}
        throw Object.assign(new TypeError(module + " " + message + " " + name), { hint })
      }
      parentPort.postMessage({ value: await run(...args) })
    } catch (error) {
      try {
        // A copy of an error loses what it says beside its message.
        parentPort.postMessage({ error, hint: typeof error?.hint === "string" ? error.hint : undefined })
      } catch {
        parentPort.postMessage({ error: new Error(String(error)) })
      }
    }
  })
})
`

/** A thread, and where the answer to its job goes. */
class Thread {
  readonly #worker: Worker
  #settle: ((exit: Exit.Exit<unknown, unknown>) => void) | undefined = undefined
  // Never among the idle again once false: an answer may still come from a thread that was told to stop.
  #alive = true

  constructor(worker: Worker) {
    this.#worker = worker
    worker.on("message", (answer) => {
      if (!this.#alive) return
      worker.unref()
      idle.push(this)
      this.#end("error" in answer ? Exit.fail(errorIn(answer)) : Exit.succeed(answer.value))
    })
    // The thread itself came to an end: by an error that nobody caught there, for want of memory, by process.exit.
    worker.on("error", (error) => this.#gone(Exit.fail(error)))
    worker.on("exit", (code) => this.#gone(Exit.die(ended(code))))
    // Only a job keeps the process alive.
    worker.unref()
  }

  #gone(exit: Exit.Exit<unknown, unknown>): void {
    this.#alive = false
    if (idle.includes(this)) idle.splice(idle.indexOf(this), 1)
    this.#end(exit)
  }

  #end(exit: Exit.Exit<unknown, unknown>): void {
    const settle = this.#settle
    this.#settle = undefined
    settle?.(exit)
  }

  /** Hands over a job. What of it cannot be copied is thrown. */
  begin(job: object, settle: (exit: Exit.Exit<unknown, unknown>) => void): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread has no origin
    this.#worker.postMessage(job)
    this.#worker.ref()
    this.#settle = settle
  }

  stop(): void {
    this.#alive = false
    this.#settle = undefined
    void this.#worker.terminate()
  }
}

const errorIn = ({ error, hint }: { readonly error: unknown; readonly hint: unknown }): unknown =>
  error instanceof Error && typeof hint === "string" ? withHint(error, hint) : error

const ended = (code: number): RuntimeError =>
  // When: the code of `toThread` ended its thread, with `process.exit` for one.
  withHint(new RuntimeError(`the thread ended with exit code ${code}`), "Return from the function instead.")

const idle: Array<Thread> = []
// Not a literal, so that bundlers for browsers leave it alone.
const workerThreads: string = "node:worker_threads"
let threads: Promise<WorkerThreads> | undefined

const takeThread = async (): Promise<Thread> => {
  const kept = idle.pop()
  if (kept !== undefined) return kept
  threads ??= import(workerThreads) as Promise<WorkerThreads>
  const { Worker } = await threads.catch(() => {
    threads = undefined
    // When: `toThread` in a browser or the like.
    throw withHint(
      new RuntimeError("toThread() needs worker threads, and this host has none"),
      "Use a Worker of the host, or stay on this thread."
    )
  })
  return new Thread(new Worker(program, { eval: true }))
}

const { structuredClone } = globalThis as unknown as { readonly structuredClone: (value: unknown) => unknown }

/** The variables by name, without those that cannot be copied. */
const copyable = (variables: ReadonlyMap<object, unknown> | undefined): Record<string, unknown> => {
  const copies: Record<string, unknown> = {}
  for (const [variable, value] of variables ?? []) {
    try {
      copies[(variable as { readonly name: string }).name] = structuredClone(value)
    } catch {
      // It stays behind.
    }
  }
  return copies
}

/** The result of a job. Cancelling it ends the thread. */
export class ThreadFuture extends FutureImpl {
  #thread: Thread | undefined = undefined

  constructor(loop: EventLoopImpl, job: ThreadJob) {
    super(loop)
    takeThread().then(
      (thread) => this.#begin(thread, job),
      (error: unknown) => this.#settle(Exit.die(error))
    )
  }

  #begin(thread: Thread, job: ThreadJob): void {
    // Cancelled before there was a thread.
    if (this.exit !== undefined) return void idle.push(thread)
    try {
      thread.begin({ ...job, variables: copyable(job.variables) }, (exit) => this.#settle(exit))
      this.#thread = thread
    } catch (error) {
      idle.push(thread)
      this.#settle(Exit.fail(error))
    }
  }

  #settle(exit: Exit.Exit<unknown, unknown>): void {
    this.#thread = undefined
    if (this.exit === undefined && !this.loop.isClosed()) this.setExitUnsafe(exit)
  }

  override cancelWith(error: CancelledError): boolean {
    this.#thread?.stop()
    this.#thread = undefined
    return super.cancelWith(error)
  }
}
