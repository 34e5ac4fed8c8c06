/**
 * Queues between tasks.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import { inspect } from "@effect-asyncio/core/lowlevel"
import { withoutUnhandledRejection } from "./internal/unhandled.ts"
import { inScope } from "./internal/scopes.ts"
import { runAnywhere, runFrom } from "./internal/current.ts"

/**
 * A queue between tasks, first in, first out.
 *
 * **Details**
 *
 * `for await (const item of queue)` takes items until the queue is shut down and empty.
 *
 * **asyncio**
 *
 * Same as [`asyncio.Queue`](https://docs.python.org/3/library/asyncio-queue.html#asyncio.Queue). `for await` over a queue is not
 * in asyncio.
 *
 * **Example** (A producer and a consumer)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const lines: Array<string> = []
 * await asyncio.run(async () => {
 *   const queue = new asyncio.Queue<string>({ maxsize: 1 })
 *   const consumer = asyncio.createTask(async () => {
 *     for await (const item of queue) lines.push(item)
 *     lines.push("no more")
 *   })
 *   for (const item of ["a", "b", "c"]) await queue.put(item)
 *   queue.shutdown()
 *   await consumer
 * })
 * lines // => ["a", "b", "c", "no more"]
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export class Queue<in out A> implements AsyncIterable<A> {
  /** The same queue as core knows it. */
  readonly core: asyncio.Queue<A>

  /** Makes an empty queue; `maxsize` items fit, any number by default. */
  constructor(options?: asyncio.QueueOptions) {
    this.core = this.make(options)
  }

  protected make(options: asyncio.QueueOptions | undefined): asyncio.Queue<A> {
    return runAnywhere(asyncio.Queue.make<A>(options))
  }

  /** How many items fit; zero or less means any number. */
  get maxsize(): number {
    return this.core.maxsize
  }

  /** How many items are in it. */
  qsize(): number {
    return this.core.qsize()
  }

  /** Whether nothing is in it. */
  empty(): boolean {
    return this.core.empty()
  }

  /** Whether `put` would wait. Never for a queue without a limit. */
  full(): boolean {
    return this.core.full()
  }

  /**
   * Puts an item, waiting for a free place. Rejects with {@link QueueShutDown} once the queue is shut down.
   *
   * **Cancellation**
   *
   * The item is not put; the place goes to the next producer.
   */
  put(item: A): Promise<void> {
    return inScope("put()", (scope) => scope.run(this.core.put(item)))
  }

  /** Puts an item now, or throws {@link QueueFull} or {@link QueueShutDown}. */
  putNowait(item: A): void {
    // oxlint-disable-next-line typescript/unbound-method -- only to know it on the stack
    runFrom(this.putNowait, this.core.putNowait(item))
  }

  /**
   * Takes the next item, waiting for one. Rejects with {@link QueueShutDown} when the queue is shut down and empty.
   *
   * **Cancellation**
   *
   * No item is taken; one that had arrived goes to the next consumer.
   */
  get(): Promise<A> {
    return inScope("get()", (scope) => scope.run(this.core.get))
  }

  /** Takes the next item now, or throws {@link QueueEmpty} or {@link QueueShutDown}. */
  getNowait(): A {
    // oxlint-disable-next-line typescript/unbound-method -- only to know it on the stack
    return runFrom(this.getNowait, this.core.getNowait)
  }

  /** Says that an item that was got is dealt with. Throws `ValueError: task_done() called too many times`. */
  taskDone(): void {
    runAnywhere(this.core.taskDone)
  }

  /**
   * Waits until everything that was put is dealt with.
   *
   * **Cancellation**
   *
   * Ends the waiting and nothing else.
   */
  join(): Promise<void> {
    return inScope("join()", (scope) => scope.run(this.core.join))
  }

  /**
   * Shuts the queue down: producers fail at once, consumers when nothing is left. With `immediate`, what is left is
   * thrown away and counts as dealt with.
   */
  shutdown(immediate?: boolean): void {
    runAnywhere(this.core.shutdown(immediate))
  }

  /** Takes items until the queue is shut down and empty. */
  [Symbol.asyncIterator](): AsyncIterator<A, undefined> {
    return { next: () => withoutUnhandledRejection(this.#next()) }
  }

  async #next(): Promise<IteratorResult<A, undefined>> {
    try {
      return { done: false, value: await this.get() }
    } catch (error) {
      if (error instanceof asyncio.QueueShutDown) return { done: true, value: undefined }
      throw error
    }
  }

  toString(): string {
    return this.core.toString()
  }

  /** @internal */
  [inspect](): string {
    return this.toString()
  }
}

/**
 * A queue that gives the item that was put last.
 *
 * **asyncio**
 *
 * Same as [`asyncio.LifoQueue`](https://docs.python.org/3/library/asyncio-queue.html#asyncio.LifoQueue).
 *
 * **Example** (Last in, first out)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const queue = new asyncio.LifoQueue<number>()
 * queue.putNowait(1)
 * queue.putNowait(2)
 * queue.getNowait() // => 2
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export class LifoQueue<in out A> extends Queue<A> {
  protected override make(options: asyncio.QueueOptions | undefined): asyncio.Queue<A> {
    return runAnywhere(asyncio.LifoQueue.make<A>(options))
  }
}

/**
 * A queue that gives the smallest item; of equal ones, the one that was put first.
 *
 * **Details**
 *
 * Without an `order`, numbers and strings are compared by `<`, and arrays member by member. With one, as `Array.sort` does it. What
 * compares and gives no number is a TypeError of the `put` that asks for it.
 *
 * **asyncio**
 *
 * Same as [`asyncio.PriorityQueue`](https://docs.python.org/3/library/asyncio-queue.html#asyncio.PriorityQueue), which leaves the
 * order of equal items open.
 *
 * **Example** (By priority)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * const queue = new asyncio.PriorityQueue<[number, string]>()
 * queue.putNowait([2, "later"])
 * queue.putNowait([1, "first"])
 * queue.getNowait() // => [1, "first"]
 * ```
 *
 * **Example** (By an order of one's own)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * interface Job {
 *   readonly name: string
 *   readonly rank: number
 * }
 *
 * const queue = new asyncio.PriorityQueue<Job>({ order: (a, b) => b.rank - a.rank })
 * queue.putNowait({ name: "report", rank: 1 })
 * queue.putNowait({ name: "alarm", rank: 9 })
 * queue.getNowait().name // => "alarm"
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export class PriorityQueue<in out A> extends Queue<A> {
  // oxlint-disable-next-line no-useless-constructor -- takes another option
  constructor(options?: asyncio.PriorityQueueOptions<A>) {
    super(options)
  }

  protected override make(options: asyncio.PriorityQueueOptions<A> | undefined): asyncio.Queue<A> {
    return runAnywhere(asyncio.PriorityQueue.make<A>(options))
  }
}
