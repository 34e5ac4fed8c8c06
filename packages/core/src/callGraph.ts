/**
 * Who waits for whom.
 *
 * @since 0.1.0
 */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { withHint } from "./errors.ts"
import { type Future, isFuture } from "./Future.ts"
import { frameTexts } from "./internal/frames.ts"
import type { FutureImpl } from "./internal/future.ts"
import { valueRepr } from "./internal/repr.ts"
import { TaskImpl } from "./internal/task.ts"
import { quote } from "./internal/text.ts"
import { taskOf } from "./internal/wait.ts"
import { isTask, type StackEntry } from "./Task.ts"

/**
 * A future or task, its coroutines, and those who wait for it.
 *
 * @category models
 * @since 0.1.0
 */
export interface FutureCallGraph {
  readonly future: Future<unknown, unknown>
  /** The coroutines on the task's stack, the newest first. */
  readonly callStack: ReadonlyArray<StackEntry>
  readonly awaitedBy: ReadonlyArray<FutureCallGraph>
}

/**
 * Options of the call graph functions.
 *
 * @category models
 * @since 0.1.0
 */
export interface CallGraphOptions {
  /** How many coroutines of each stack to keep: the oldest for a positive number, the newest for a negative one. */
  readonly limit?: number | undefined
}

/**
 * The call graph of a future, of the current task by default; `undefined` when there is none.
 *
 * **Details**
 *
 * Coroutines made with `Effect.fn("name")` show with their name and place. Tasks that await each other in a ring are
 * followed once. What is not a future is a defect: `TypeError: ... object does not appear to be compatible with
 * asyncio.Future`.
 *
 * **asyncio**
 *
 * Same as `asyncio.capture_call_graph`.
 *
 * @category introspection
 * @since 0.1.0
 */
export const captureCallGraph = (
  future?: Future<unknown, unknown>,
  options: CallGraphOptions = {}
): Effect.Effect<FutureCallGraph | undefined> =>
  Effect.withFiberSucceed((fiber) => {
    const root: unknown = future ?? taskOf(fiber)
    if (root === undefined) return undefined
    if (!isFuture(root)) {
      // When: the call graph of something that is no future.
      throw withHint(
        new TypeError(`${valueRepr(root)} object does not appear to be compatible with asyncio.Future`),
        "Give it a task or a future, or nothing for the current task."
      )
    }
    return build(root as FutureImpl, options, new Set())
  })

const build = (future: FutureImpl, options: CallGraphOptions, seen: ReadonlySet<FutureImpl>): FutureCallGraph => {
  const path = new Set([...seen, future])
  const stack = future instanceof TaskImpl ? future.getStack().toReversed() : []
  const { limit = stack.length } = options
  const kept = limit < 0 ? stack.slice(0, -limit) : stack.slice(Math.max(stack.length - limit, 0))
  return {
    future,
    callStack: kept,
    awaitedBy: future
      .awaiters()
      .filter((task) => !path.has(task))
      .map((task) => build(task, options, path))
  }
}

// Numbers that stand for identity where Python prints an address.
const ids = new WeakMap<object, number>()
let lastId = 0

const idOf = (future: object): string => {
  if (!ids.has(future)) ids.set(future, ++lastId)
  return `0x${ids.get(future)!.toString(16)}`
}

/**
 * The call graph as text, empty when there is none.
 *
 * **asyncio**
 *
 * Same format as `asyncio.format_call_graph`; an `id` is a small number that stands for the object. A coroutine whose
 * line is not known prints `defined at line N`.
 *
 * **Example** (Who waits for the worker)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const worker = Effect.fn("worker")(function*() {
 *   return yield* asyncio.formatCallGraph()
 * })
 *
 * const main = Effect.fn("main")(function*() {
 *   const task = yield* asyncio.createTask(worker(), { name: "worker" })
 *   return yield* task
 * })
 *
 * const text = await asyncio.run(main())
 * const lines = text.split("\n").map((line) => line.replace(/id=0x[0-9a-f]+|File .*, in/g, "..."))
 * lines.slice(0, 3) // => ["* Task(name='worker', ...)", "  + Call stack:", "  |   ... async worker()"]
 * lines.slice(3) // => ["  + Awaited by:", "    * Task(name='Task-1', ...)", "      + Call stack:", "      |   ... async main()"]
 * ```
 *
 * @category introspection
 * @since 0.1.0
 */
export const formatCallGraph = (future?: Future<unknown, unknown>, options?: CallGraphOptions): Effect.Effect<string> =>
  Effect.map(captureCallGraph(future, options), (graph) => (graph === undefined ? "" : render(graph, 0).join("\n")))

const render = ({ awaitedBy, callStack, future }: FutureCallGraph, level: number): ReadonlyArray<string> => {
  const name = isTask(future)
    ? `Task(name=${quote(future.getName())}, id=${idOf(future)})`
    : `Future(id=${idOf(future)})`
  const lines = [`* ${name}`]
  if (callStack.length > 0) lines.push("  + Call stack:", ...frameTexts(callStack).map((line) => `  |   ${line}`))
  if (awaitedBy.length > 0) lines.push("  + Awaited by:")
  const indented = lines.map((line) => `${"    ".repeat(level)}${line}`)
  return [...indented, ...awaitedBy.flatMap((parent) => render(parent, level + 1))]
}

/**
 * Prints the call graph to the console.
 *
 * **asyncio**
 *
 * Same as `asyncio.print_call_graph`.
 *
 * @category introspection
 * @since 0.1.0
 */
export const printCallGraph = (future?: Future<unknown, unknown>, options?: CallGraphOptions): Effect.Effect<void> =>
  Effect.flatMap(formatCallGraph(future, options), (text) => Console.log(text))
