/**
 * Blocking work on another thread.
 *
 * @since 0.1.0
 */
import { checkMaxThreads, checkFunction, checkNoGenerator, checkOptions } from "./internal/model/arguments.ts"
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import { unexpectedValue } from "./internal/model/hints.ts"
import { variablesOf } from "./internal/make/variablesOf.ts"
import { loopOf } from "./internal/make/loops.ts"
import { ThreadFuture, type ThreadJob, Threads } from "./internal/combine/threads.ts"
import { isCancelled } from "./internal/model/CancelledError.ts"
import { toTagged } from "./internal/model/thrown.ts"
import { taskOf } from "./internal/task/current.ts"

/**
 * A function of a module, for {@link toThread}: the usual way, because a thread cannot see the caller's variables.
 *
 * @category models
 * @since 0.1.0
 */
export interface ModuleFunction {
  /** The module to import on the thread, such as `new URL("./resize.js", import.meta.url)`. */
  readonly module: string | { readonly href: string }
  /** The name of the exported function; `default` by default. */
  readonly name?: string | undefined
}

/**
 * Runs a function on a worker thread and waits for its result. The loop goes on meanwhile.
 *
 * **When to use**
 *
 * For work that computes long and would stop every other task. I/O needs no thread in JavaScript.
 *
 * **Details**
 *
 * Threads share no memory: arguments, results and errors are copied (the structured clone algorithm), and the function
 * sees none of the caller's variables. Give a {@link ModuleFunction}, or a function that needs nothing from outside. The
 * function may be async. On the thread, `globalThis.asyncio` has `taskName`, and `variables`: the values of the task's
 * ContextVars by name, as far as they can be copied.
 *
 * A loop has `min(32, processors + 4)` threads at most, or as many as the option `maxThreads` of `run` says; further calls
 * wait for a free one, in order. To let fewer of one kind work at a time, use a semaphore; {@link threadPool} has threads of its own.
 * A thread is kept for the next call, for ten seconds at most, and then finds imported modules as they were. What a function leaves
 * under way ends with it: where it left a timer, a connection or a listener behind, its thread is replaced.
 *
 * A call that has to start a thread takes some 50 ms longer than one that finds a thread free, which takes a fraction of one: the first call
 * of a loop, the first after a cancellation or after ten idle seconds, and more calls at a time than there were before. Under `tsx`,
 * which has every thread load its compiler, it is twice that. Work of a few milliseconds is better done where it is, in pieces.
 *
 * Fails with Effect's `UnknownError` whose `cause` is what the function has thrown, or a DataCloneError for what cannot be copied; or
 * with what `catch` makes of that: `toThread({ try: parse, catch: (cause) => new Unreadable({ cause }) }, text)`. A defect: a RuntimeError where
 * the host has no worker threads, or when the function ended its thread; a TypeError for what has no source, such as
 * `JSON.parse` or a bound function.
 *
 * **Cancellation**
 *
 * Ends the thread at once, in the middle of whatever it does. A call that still waits for a thread leaves the queue.
 *
 * **asyncio**
 *
 * Same purpose as [`asyncio.to_thread`](https://docs.python.org/3/library/asyncio-task.html#asyncio.to_thread), and the same
 * number of threads. Its threads share memory, and go on when the waiting is cancelled.
 *
 * **Example** (Counting without blocking)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 *
 * const main = asyncio.toThread((n: number) => {
 *   let sum = 0
 *   for (let i = 1; i <= n; i++) sum += i
 *   return sum
 * }, 1000)
 *
 * await asyncio.run(main) // => 500500
 * ```
 *
 * @category waiting
 * @since 0.1.0
 */
export const toThread: ToThread = (run: unknown, ...args: ReadonlyArray<unknown>): Effect.Effect<never> =>
  onThreadOf(threadsOfLoops, run, args)

/**
 * Runs a function on a worker thread and waits for its result, as {@link toThread} does.
 *
 * @category models
 * @since 0.1.0
 */
export interface ToThread {
  <Args extends ReadonlyArray<unknown>, A, E>(
    run: {
      readonly try: (...args: Args) => A
      /** What it fails with, given what the function has thrown. */
      readonly catch: (error: unknown) => E
    },
    ...args: Args
  ): Effect.Effect<Awaited<A>, E>
  <A = unknown, E = never>(
    run: ModuleFunction & {
      /** What it fails with, given what the function has thrown. */
      readonly catch: (error: unknown) => E
    },
    ...args: ReadonlyArray<unknown>
  ): Effect.Effect<A, E>
  <Args extends ReadonlyArray<unknown>, A>(
    run: (...args: Args) => A,
    ...args: Args
  ): Effect.Effect<Awaited<A>, Cause.UnknownError>
  <A = unknown>(run: ModuleFunction, ...args: ReadonlyArray<unknown>): Effect.Effect<A, Cause.UnknownError>
}

const threadsOfLoops = /*#__PURE__*/ new Threads()

const onThreadOf = (threads: Threads, run: unknown, args: ReadonlyArray<unknown>): Effect.Effect<never> =>
  Effect.withFiber((fiber) => {
    const task = taskOf(fiber)
    const { catch: handler, try: call } = given(run)
    const job = {
      ...codeOf(call),
      args,
      taskName: task?.getName(),
      variables: task === undefined ? undefined : variablesOf(fiber)?.values
    }
    const future = new ThreadFuture(loopOf(fiber), task, job, threads) as unknown as Effect.Effect<never>
    return Effect.mapError(future, (error: unknown) => (isCancelled(error) ? error : handler(error)) as never)
  })

interface Given {
  readonly try: unknown
  readonly catch: (error: unknown) => unknown
}

/** What is to run, and what is to be made of what it throws. */
const given = (run: unknown): Given => {
  const { catch: handler, try: call = run } = (run ?? {}) as Partial<Given>
  if (typeof run === "function" || handler === undefined)
    return { try: call, catch: (error) => toTagged(error, "toThread()") }
  checkFunction(handler, "catch of toThread()", "toThread({ try: () => ..., catch: (error) => ... })")
  return { try: call, catch: handler }
}

/**
 * Options of {@link threadPool}.
 *
 * @category models
 * @since 0.1.0
 */
export interface ThreadPoolOptions {
  /** How many threads the pool may have at a time; those of the loop do not count. */
  readonly maxThreads: number
}

/**
 * Makes a {@link toThread} with threads of its own, beside those of the loop.
 *
 * **When to use**
 *
 * Where long work of one kind would keep short work waiting, or should have few threads: previews that are computed for minutes,
 * beside passwords that are hashed. Where the same threads will do, and only few are to work at one kind, use a semaphore around `toThread`.
 *
 * **Details**
 *
 * Make it once, where the program begins: each call makes another pool. A loop that uses it has `maxThreads` threads of the pool at most;
 * they are made when they are needed, and end with the loop, as its own do.
 *
 * Throws a ValueError for no thread at all, and a TypeError for what is no number.
 *
 * **Cancellation**
 *
 * As of {@link toThread}: it ends the thread, and a call that waits for one leaves the queue.
 *
 * **asyncio**
 *
 * Same purpose as the executor in
 * [`loop.run_in_executor(executor, func, *args)`](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.run_in_executor),
 * with `ThreadPoolExecutor(max_workers=...)`.
 *
 * **Example** (Two threads for what takes long)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 *
 * const toSlowThread = asyncio.threadPool({ maxThreads: 2 })
 *
 * const square = (n: number) => n * n
 *
 * const main = asyncio.gather([1, 2, 3].map((n) => toSlowThread(square, n)))
 *
 * await asyncio.run(main) // => [1, 4, 9]
 * ```
 *
 * @category elsewhere
 * @since 0.1.0
 */
export const threadPool = (options: ThreadPoolOptions): ToThread => {
  checkOptions(options ?? null, "threadPool()", "{ maxThreads: 2 }")
  checkMaxThreads(options.maxThreads ?? null)
  const threads = new Threads(options.maxThreads)
  return (run: unknown, ...args: ReadonlyArray<unknown>) => onThreadOf(threads, run, args)
}

const codeOf = (run: unknown): Pick<ThreadJob, "source" | "module" | "name"> => {
  checkNoGenerator(run, "toThread()", "toThread(async () => ...)")
  if (typeof run === "function") return { source: sourceOf(run), module: undefined, name: undefined }
  const { module, name = "default" } = (run ?? {}) as Partial<ModuleFunction>
  const href = typeof module === "string" ? module : module?.href
  if (typeof href !== "string") {
    // When: `toThread` got neither a function nor the place of one.
    throw unexpectedValue(
      "a function or { module, name } was expected by toThread()",
      run,
      "Give it a function that uses nothing from outside itself, or the URL and the name of an exported one."
    )
  }
  return { source: undefined, module: href, name }
}

/** The text of a function that is whole without its surroundings, as far as that can be seen from outside. */
const sourceOf = (run: object): string => {
  const source = Function.prototype.toString.call(run)
  if (/\[native code\]\s*\}$/.test(source)) {
    // When: `toThread` was given a function of the host, such as `JSON.parse`, or what `bind` gave: neither has a source.
    throw unexpectedValue(
      "a function with a source was expected by toThread()",
      run,
      "Write a function around it, and hand over what it needs: `toThread((text) => JSON.parse(text), text)`."
    )
  }
  if (/^class\b/.test(source)) {
    // When: `toThread` was given a class.
    throw unexpectedValue(
      "a function that can be called was expected by toThread()",
      run,
      "Write a function around it: `toThread(() => ...)`."
    )
  }
  return source
}
