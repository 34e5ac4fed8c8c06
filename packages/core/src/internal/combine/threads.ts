/**
 * Worker threads for `toThread`: so many for a loop, or for a pool of its own, made when needed, kept for the next job for a while, ended with the job
 * that is cancelled.
 *
 *              enter             a thread answers, or has ended
 *     waiting ───────▶ running ─────────────────────────────────▶ done
 *        └────────────────┴── cancelled: leaves the queue, or its thread is ended
 *
 * What a job left behind must not meet the next one: a thread that is not as quiet as before is ended. See threadProgram.ts.
 */
import * as Exit from "effect/Exit"
import type { CancelledError } from "../model/CancelledError.ts"
import { withHint } from "../model/hints.ts"
import type { EventLoopImpl } from "../make/eventLoop.ts"
import { FutureImpl } from "../task/future.ts"
import { afterUnref, processors } from "../host/host.ts"
import { importThreads } from "./hostThreads.ts"
import type { Outcome, Owner, Thread } from "./thread.ts"

/** What a thread is asked to do: a function as text, or one of a module. */
export interface ThreadJob {
  readonly source: string | undefined
  readonly module: string | undefined
  readonly name: string | undefined
  readonly args: ReadonlyArray<unknown>
  readonly taskName: string | undefined
  readonly variables: ReadonlyMap<object, unknown> | undefined
}

const defaultLimit = (): number => Math.min(32, processors() + 4)

const plainData = "Threads share no memory: hand over plain data, which is copied, and no functions."

// How long a thread without a job is kept, in milliseconds.
const keptFor = 10_000

interface Idle {
  readonly thread: Thread
  readonly cancelEnd: () => void
}

type StartThread = Awaited<ReturnType<typeof importThreads>>

/** The threads of a loop, or of a pool in a loop. */
class ThreadPool {
  readonly #limit: number
  // How many places are taken: by jobs that wait for the import or have a thread, and by threads that were stopped in a job and live still.
  #busy = 0
  readonly #running = new Set<Thread>()
  // The thread that was used last is taken first, so that threads which are not needed end.
  readonly #idle: Array<Idle> = []
  // Jobs that have no thread yet, in the order in which they came.
  readonly #waiting = new Set<ThreadFuture>()

  constructor(limit: number | undefined) {
    this.#limit = limit ?? defaultLimit()
  }

  /** Begins a job, or lets it wait for a thread. */
  enter(job: ThreadFuture): void {
    if (this.#busy >= this.#limit) return void this.#waiting.add(job)
    this.#busy++
    // Also where the module was imported before, so that a job that is cancelled at once has begun nothing.
    importThreads().then(
      (start) => this.#begin(start, job),
      (error: unknown) => {
        job.settle(Exit.die(error))
        this.#release()
      }
    )
  }

  /** A job that is waiting is cancelled. */
  leave(job: ThreadFuture): void {
    this.#waiting.delete(job)
  }

  #begin(start: StartThread, job: ThreadFuture): void {
    // The job was cancelled before there was a thread, or its loop is closed.
    if (job.done() || job.loop.isClosed()) return this.#release()
    let thread: Thread | undefined
    try {
      thread = this.#take(start)
      this.#hand(thread, job)
    } catch (error) {
      job.settle(Exit.fail(error instanceof Error ? withHint(error, plainData, job.caller) : error))
      if (thread !== undefined) this.#keep(thread)
      this.#release()
    }
  }

  #take(start: StartThread): Thread {
    for (let kept = this.#idle.pop(); kept !== undefined; kept = this.#idle.pop()) {
      kept.cancelEnd()
      if (kept.thread.alive) return kept.thread
    }
    const thread: Thread = start(() => this.#gone(thread))
    return thread
  }

  #hand(thread: Thread, job: ThreadFuture): void {
    thread.begin(job.message(), job.caller, (outcome, reusable) => {
      job.settle(outcome)
      if (!reusable) {
        void thread.stop()
        return
      }
      this.#running.delete(thread)
      this.#keep(thread)
      this.#release()
    })
    this.#running.add(thread)
    job.thread = thread
  }

  #keep(thread: Thread): void {
    const entry: Idle = {
      thread,
      cancelEnd: afterUnref(keptFor, () => {
        this.#idle.splice(this.#idle.indexOf(entry), 1)
        void thread.stop()
      })
    }
    this.#idle.push(entry)
  }

  /** The thread has ended; only now is its place free, because it may have gone on for a while after it was told to stop. */
  #gone(thread: Thread): void {
    const index = this.#idle.findIndex((entry) => entry.thread === thread)
    if (index >= 0) this.#idle.splice(index, 1)[0]!.cancelEnd()
    if (this.#running.delete(thread)) this.#release()
  }

  #release(): void {
    this.#busy--
    const [next] = this.#waiting
    if (next === undefined) return
    this.#waiting.delete(next)
    this.enter(next)
  }

  /** The loop is closed: no task waits for a job any more. */
  close(): void {
    this.#waiting.clear()
    void this.#endIdle()
    for (const thread of this.#running) void thread.stop()
  }

  #endIdle(): ReadonlyArray<Promise<unknown>> {
    return this.#idle.splice(0).map(({ cancelEnd, thread }) => {
      cancelEnd()
      return thread.stop()
    })
  }

  /** Ends the threads that can wake no task: those without a job, and those whose job never ends. */
  endUseless(): ReadonlyArray<Promise<unknown>> {
    const stuck = [...this.#running].filter(({ alive, isStuck }) => alive && isStuck)
    return [...this.#endIdle(), ...stuck.map((thread) => thread.stop())]
  }
}

const host = globalThis as unknown as { readonly structuredClone: (value: unknown) => unknown }

/** The variables by name, without those that cannot be copied. */
const copyable = (variables: ReadonlyMap<object, unknown> | undefined): Record<string, unknown> => {
  const copies: Record<string, unknown> = {}
  for (const [variable, value] of variables ?? []) {
    try {
      copies[(variable as { readonly name: string }).name] = host.structuredClone(value)
    } catch {
      // The variable is left out.
    }
  }
  return copies
}

/** Threads that work at the same calls: a pool in each loop that makes such calls. */
export class Threads {
  readonly #limit: number | undefined
  readonly #pools = new WeakMap<EventLoopImpl, ThreadPool>()

  /** Without a limit of its own each pool has that of the loop. */
  constructor(limit?: number) {
    this.#limit = limit
  }

  of(loop: EventLoopImpl): ThreadPool {
    const known = this.#pools.get(loop)
    if (known !== undefined) return known
    const pool = new ThreadPool(this.#limit ?? loop.maxThreads)
    this.#pools.set(loop, pool)
    const { endThreads: endOthers, endUselessThreads } = loop
    loop.endThreads = () => {
      endOthers?.()
      pool.close()
    }
    loop.endUselessThreads = () => [...(endUselessThreads?.() ?? []), ...pool.endUseless()]
    return pool
  }
}

/** The result of a job. Cancelling it ends the thread. */
export class ThreadFuture extends FutureImpl {
  readonly caller: Owner
  readonly #job: ThreadJob
  readonly #pool: ThreadPool
  // Tells a loop on virtual time that the job is over.
  readonly #over: (() => void) | undefined
  /** The thread that has the job. */
  thread: Thread | undefined = undefined

  constructor(loop: EventLoopImpl, caller: Owner, job: ThreadJob, threads: Threads) {
    loop.checkOpen()
    super(loop)
    this.caller = caller
    this.#job = job
    this.#over = loop.noteOutsideUnsafe("thread")
    this.#pool = threads.of(loop)
    this.#pool.enter(this)
  }

  /** What the thread is given. */
  message(): object {
    return { ...this.#job, variables: copyable(this.#job.variables) }
  }

  settle(outcome: Outcome): void {
    this.thread = undefined
    if (this.exit === undefined && !this.loop.isClosed()) this.setExitUnsafe(outcome)
    this.#over?.()
  }

  override cancelWith(error: CancelledError): boolean {
    void this.thread?.stop()
    this.thread = undefined
    this.#pool.leave(this)
    const accepted = super.cancelWith(error)
    this.#over?.()
    return accepted
  }
}
