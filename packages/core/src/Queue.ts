/**
 * Queues between tasks.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { QueueEmpty, QueueFull, QueueShutDown, ValueError } from "./errors.ts"
import { withHint } from "./internal/model/hints.ts"
import { noteMade } from "./internal/model/made.ts"
import { checkComparison, checkFunction, checkMaxsize, checkOptions } from "./internal/model/arguments.ts"
import { FifoItems, type Items, LifoItems, PriorityItems } from "./internal/data/queueItems.ts"
import { Attempt } from "./internal/sync/attempt.ts"
import { valueRepr } from "./internal/model/repr.ts"
import { abridged, nameOf, plain } from "./internal/data/text.ts"
import { LoopBinding, WaitQueue } from "./internal/sync/waitQueue.ts"
import { inspect } from "./internal/host/inspect.ts"

// So many items print; a log line must stay a line.
const mostPrinted = 100

/**
 * Options of a queue.
 *
 * @category models
 * @since 0.1.0
 */
export interface QueueOptions {
  /** How many items fit; zero or less, the default, means any number. */
  readonly maxsize?: number | undefined
}

/**
 * A queue between tasks, first in, first out.
 *
 * **Details**
 *
 * Producers wait while it is full, consumers while it is empty, each in the order they came. `taskDone` and `join` count
 * what was put and not yet dealt with. After `shutdown` nothing can be put, and what is left can still be got.
 *
 * **asyncio**
 *
 * Same as [`asyncio.Queue`](https://docs.python.org/3/library/asyncio-queue.html#asyncio.Queue).
 *
 * **Example** (A producer and a consumer)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const got: Array<number> = []
 * const main = Effect.gen(function*() {
 *   const queue = yield* asyncio.Queue.make<number>({ maxsize: 1 })
 *   const consume = queue.get.pipe(
 *     Effect.tap((item) => Effect.sync(() => got.push(item))),
 *     Effect.andThen(queue.taskDone),
 *     Effect.forever,
 *     Effect.catchTag("QueueShutDown", () => Effect.void)
 *   )
 *   const consumer = yield* asyncio.createTask(consume)
 *   for (const item of [1, 2, 3]) yield* queue.put(item)
 *   yield* queue.join
 *   yield* queue.shutdown()
 *   yield* consumer
 * })
 *
 * await asyncio.run(main)
 * got // => [1, 2, 3]
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export class Queue<in out A> {
  // A bundler may shorten the name of the class.
  static readonly name: string = "Queue"

  /** Makes an empty queue. */
  static make<A>(options?: QueueOptions): Effect.Effect<Queue<A>> {
    return Effect.sync(() => new Queue(new FifoItems<A>(), options))
  }

  /** How many items fit; zero or less means any number. */
  readonly maxsize: number
  readonly #items: Items<A>
  readonly #binding = new LoopBinding(this)
  readonly #getters = new WaitQueue(this.#binding)
  readonly #putters = new WaitQueue(this.#binding)
  // Tasks that wait for #unfinished to be 0.
  readonly #joiners = new WaitQueue(this.#binding)
  #unfinished = 0
  #isShutDown = false

  protected constructor(items: Items<A>, options: QueueOptions | undefined) {
    checkOptions(options, "Queue", "{ maxsize: 10 }")
    this.maxsize = options?.maxsize === undefined ? 0 : options.maxsize
    checkMaxsize(this.maxsize)
    this.#items = items
    noteMade("queue", this)
  }

  /** How many items are in it. */
  qsize(): number {
    return this.#items.size
  }

  /** Whether nothing is in it. */
  empty(): boolean {
    return this.#items.size === 0
  }

  /** Whether `put` would wait. Never for a queue without a limit. */
  full(): boolean {
    return this.maxsize > 0 && this.#items.size >= this.maxsize
  }

  /** The tasks that wait for an item. @internal */
  waiting(): Iterable<unknown> {
    return this.#getters.waiting()
  }

  /**
   * Puts an item, waiting for a free place. Fails with {@link QueueShutDown} once the queue is shut down.
   *
   * **Cancellation**
   *
   * The item is not put; the place goes to the next producer.
   */
  put(item: A): Effect.Effect<void, QueueShutDown> {
    return new Attempt(
      this.#putters,
      () => (!this.full() || this.#isShutDown ? (this.putUnsafe(item) as Exit.Exit<void, QueueShutDown>) : undefined),
      this.#giveUpPlace
    )
  }

  readonly #giveUpPlace = (given: boolean): void => {
    if (given && !this.full()) this.#putters.takeAndWakeNext()
  }

  /** Puts an item now, or fails with {@link QueueFull} or {@link QueueShutDown}. */
  putNowait(item: A): Effect.Effect<void, QueueFull | QueueShutDown> {
    return Effect.suspend(() => this.putUnsafe(item))
  }

  /**
   * {@link putNowait} for core itself, which knows whether there is a place.
   *
   * @internal
   */
  putUnsafe(item: A): Exit.Exit<void, QueueFull | QueueShutDown> {
    if (this.#isShutDown) return Exit.fail(new QueueShutDown())
    if (this.full()) return Exit.fail(new QueueFull())
    this.#items.add(item)
    this.#unfinished++
    this.#getters.takeAndWakeNext()
    return Exit.void
  }

  /**
   * Takes the next item, waiting for one. Fails with {@link QueueShutDown} when the queue is shut down and empty.
   *
   * **Cancellation**
   *
   * No item is taken; one that had arrived goes to the next consumer.
   */
  readonly get: Effect.Effect<A, QueueShutDown> = new Attempt(
    this.#getters,
    () => (!this.empty() || this.#isShutDown ? (this.#takeUnsafe() as Exit.Exit<A, QueueShutDown>) : undefined),
    (given) => {
      if (given && !this.empty()) this.#getters.takeAndWakeNext()
    }
  )

  /** Takes the next item now, or fails with {@link QueueEmpty} or {@link QueueShutDown}. */
  readonly getNowait: Effect.Effect<A, QueueEmpty | QueueShutDown> = Effect.suspend(() => this.#takeUnsafe())

  #takeUnsafe(): Exit.Exit<A, QueueEmpty | QueueShutDown> {
    if (this.empty()) return Exit.fail(this.#isShutDown ? new QueueShutDown() : new QueueEmpty())
    const item = this.#items.take()
    this.#putters.takeAndWakeNext()
    return Exit.succeed(item)
  }

  /** Says that an item that was got is dealt with. A defect, `ValueError: task_done() called too many times`. */
  readonly taskDone: Effect.Effect<void> = Effect.sync(() => {
    // When: more `taskDone` than items were put.
    if (this.#unfinished <= 0) {
      throw withHint(
        new ValueError("task_done() called too many times"),
        "Call `taskDone` once for each item that was got, after working on it."
      )
    }
    this.#unfinished--
    this.#wakeJoiners()
  })

  #wakeJoiners(): void {
    if (this.#unfinished === 0) this.#joiners.wake(Infinity)
  }

  /**
   * Waits until everything that was put is dealt with.
   *
   * **Cancellation**
   *
   * Ends the waiting and nothing else.
   */
  readonly join: Effect.Effect<void> = new Attempt(
    this.#joiners,
    (called) => (called || this.#unfinished === 0 ? Exit.void : undefined),
    () => {}
  )

  /**
   * Shuts the queue down: producers fail at once, consumers when nothing is left. With `immediate`, what is left is
   * thrown away and counts as dealt with.
   */
  shutdown(immediate: boolean = false): Effect.Effect<void> {
    return Effect.sync(() => {
      this.#isShutDown = true
      // First the tasks in `join`, then consumers and producers: CPython wakes them in this order.
      if (immediate) this.#throwAway()
      this.#getters.takeAndWakeAll()
      this.#putters.takeAndWakeAll()
    })
  }

  #throwAway(): void {
    while (!this.empty()) {
      this.#items.take()
      if (this.#unfinished > 0) this.#unfinished--
    }
    this.#wakeJoiners()
  }

  /** How it prints: what it is and its state, in Python's format. */
  toString(): string {
    const parts = [`maxsize=${this.maxsize}`]
    if (!this.empty()) parts.push(`_queue=[${abridged(this.#items.toArray(), mostPrinted, valueRepr).join(", ")}]`)
    if (this.#getters.size > 0) parts.push(`_getters[${this.#getters.size}]`)
    if (this.#putters.size > 0) parts.push(`_putters[${this.#putters.size}]`)
    if (this.#unfinished > 0) parts.push(`tasks=${this.#unfinished}`)
    if (this.#isShutDown) parts.push("shutdown")
    return `<${plain(nameOf(this.constructor))} ${parts.join(" ")}>`
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
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const queue = yield* asyncio.LifoQueue.make<string>()
 *   yield* queue.put("first")
 *   yield* queue.put("second")
 *   return [yield* queue.get, yield* queue.get]
 * })
 *
 * await asyncio.run(main) // => ["second", "first"]
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export class LifoQueue<in out A> extends Queue<A> {
  static override readonly name: string = "LifoQueue"

  static override make<A>(options?: QueueOptions): Effect.Effect<LifoQueue<A>> {
    return Effect.sync(() => new LifoQueue(new LifoItems<A>(), options))
  }
}

/**
 * Options of {@link PriorityQueue}.
 *
 * @category models
 * @since 0.1.0
 */
export interface PriorityQueueOptions<A> extends QueueOptions {
  /**
   * Which of two items comes first, as `Array.sort` asks: negative for the first, positive for the second, zero for the one that was put
   * first. `(a, b) => a.rank - b.rank`, or an `Order` of Effect. By default numbers and strings by `<`, and arrays member by member.
   */
  readonly order?: ((a: A, b: A) => number) | undefined
}

/**
 * A queue that gives the smallest item. Of equal items, the one that was put first.
 *
 * **Details**
 *
 * Without an `order`, numbers and strings are compared by `<`, and arrays member by member. With one, as `Array.sort` does it. What
 * compares and gives no number is a TypeError, a defect of the `put` that asks for it.
 *
 * **asyncio**
 *
 * Same as [`asyncio.PriorityQueue`](https://docs.python.org/3/library/asyncio-queue.html#asyncio.PriorityQueue), which leaves the
 * order of equal items open.
 *
 * **Example** (The most urgent first)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const queue = yield* asyncio.PriorityQueue.make<[number, string]>()
 *   yield* queue.put([2, "write"])
 *   yield* queue.put([1, "read"])
 *   return [yield* queue.get, yield* queue.get]
 * })
 *
 * await asyncio.run(main) // => [[1, "read"], [2, "write"]]
 * ```
 *
 * **Example** (By an order of one's own)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const queue = yield* asyncio.PriorityQueue.make<string>({ order: (a, b) => b.length - a.length })
 *   for (const word of ["a", "abc", "ab"]) yield* queue.put(word)
 *   return [yield* queue.get, yield* queue.get]
 * })
 *
 * await asyncio.run(main) // => ["abc", "ab"]
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export class PriorityQueue<in out A> extends Queue<A> {
  static override readonly name: string = "PriorityQueue"

  static override make<A>(options?: PriorityQueueOptions<A>): Effect.Effect<PriorityQueue<A>> {
    return Effect.sync(() => {
      const order = options?.order
      if (order !== undefined) checkFunction(order, "PriorityQueue", "{ order: (a, b) => a.rank - b.rank }")
      const compare = order === undefined ? naturalOrder : (a: A, b: A) => checkComparison(order(a, b))
      return new PriorityQueue(new PriorityItems<A>(compare), options)
    })
  }
}

const naturalOrder = (a: unknown, b: unknown): number => {
  if (!Array.isArray(a) || !Array.isArray(b))
    return (a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = naturalOrder(a[i], b[i])
    if (order !== 0) return order
  }
  return a.length - b.length
}
