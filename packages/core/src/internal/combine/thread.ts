/**
 * One worker thread.
 */
import * as Exit from "effect/Exit"
import { RuntimeError } from "../model/errors.ts"
import { withHint } from "../model/hints.ts"
import type { Task } from "../model/Task.ts"
import { stuck, type ThreadAnswer, threadProgram } from "./threadProgram.ts"

interface Port {
  postMessage(message: unknown): void
  on(event: "message", listener: (answer: ThreadAnswer | typeof stuck) => void): unknown
  on(event: "messageerror", listener: (error: unknown) => void): unknown
  unref(): void
  close(): void
}

interface Worker {
  on(event: "error", listener: (error: unknown) => void): unknown
  on(event: "exit", listener: (code: number) => void): unknown
  terminate(): Promise<unknown>
  ref(): void
  unref(): void
}

/** What is used of the host's `node:worker_threads`. */
export interface WorkerThreads {
  readonly Worker: new (
    code: string,
    options: { readonly eval: true; readonly workerData: unknown; readonly transferList: ReadonlyArray<unknown> }
  ) => Worker
  readonly MessageChannel: new () => { readonly port1: Port; readonly port2: Port }
  readonly receiveMessageOnPort: (port: Port) => { readonly message: ThreadAnswer | typeof stuck } | undefined
}

/** How a job ends. */
export type Outcome = Exit.Exit<unknown, unknown>

/** The task that a job belongs to, for the errors to name. */
export type Owner = Task<unknown, unknown> | undefined

/** A thread, and where the answer to its job goes. */
export class Thread {
  readonly #worker: Worker
  // A channel of our own: what a job posts to its parent is no answer.
  readonly #port: Port
  readonly #receive: WorkerThreads["receiveMessageOnPort"]
  readonly #onGone: () => void
  #settle: ((outcome: Outcome, reusable: boolean) => void) | undefined = undefined
  // The task whose job the thread has.
  #owner: Owner = undefined
  // False once it was told to stop, has failed or has ended.
  #alive = true
  #isStuck = false

  constructor(threads: WorkerThreads, onGone: () => void) {
    const { port1, port2 } = new threads.MessageChannel()
    this.#worker = new threads.Worker(threadProgram(), {
      eval: true,
      workerData: { port: port2 },
      transferList: [port2]
    })
    this.#port = port1
    this.#receive = threads.receiveMessageOnPort
    this.#onGone = onGone
    port1.on("message", (answer) => this.#answered(answer))
    port1.on("messageerror", (error) => this.#answered({ error, hint: undefined, quiet: true }))
    // The thread itself came to an end: by an uncaught error, for want of memory, by process.exit.
    this.#worker.on("error", (error) => this.#failed(error))
    this.#worker.on("exit", (code) => this.#exited(code))
    // Only a job keeps the process alive.
    port1.unref()
    this.#worker.unref()
  }

  get alive(): boolean {
    return this.#alive
  }

  /** Whether its job waits for what cannot come. */
  get isStuck(): boolean {
    return this.#isStuck
  }

  #answered(answer: ThreadAnswer | typeof stuck): void {
    if (!this.#alive) return
    this.#worker.unref()
    this.#isStuck = answer === stuck
    if (answer === stuck) return
    this.#end("error" in answer ? Exit.fail(errorIn(answer, this.#owner)) : Exit.succeed(answer.value), answer.quiet)
  }

  /** The answer and the end travel on channels of their own, in no order. */
  #lastAnswer(): void {
    const last = this.#receive(this.#port)
    if (last !== undefined) this.#answered(last.message)
    this.#alive = false
  }

  #failed(error: unknown): void {
    this.#lastAnswer()
    this.#end(Exit.fail(error))
  }

  #exited(code: number): void {
    this.#lastAnswer()
    this.#port.close()
    this.#end(Exit.die(ended(code, this.#owner)))
    this.#onGone()
  }

  #end(outcome: Outcome, reusable = false): void {
    const settle = this.#settle
    this.#settle = undefined
    settle?.(outcome, reusable)
  }

  /** Hands over a job. Throws the host's error where a part of the job cannot be copied. */
  begin(job: object, owner: Owner, settle: (outcome: Outcome, reusable: boolean) => void): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread has no origin
    this.#port.postMessage(job)
    this.#worker.ref()
    this.#owner = owner
    this.#settle = settle
  }

  /** Ends the thread, in the middle of whatever it does; the promise is settled when it is gone. */
  stop(): Promise<unknown> {
    this.#alive = false
    this.#settle = undefined
    this.#worker.unref()
    return this.#worker.terminate()
  }
}

const errorIn = ({ error, hint }: { readonly error: unknown; readonly hint: unknown }, owner: Owner): unknown =>
  error instanceof Error && typeof hint === "string" ? withHint(error, hint, owner) : error

const ended = (code: number, owner: Owner): RuntimeError =>
  // When: the code of `toThread` ended its thread, with `process.exit` for one.
  withHint(new RuntimeError(`the thread ended with exit code ${code}`), "Return from the function instead.", owner)
