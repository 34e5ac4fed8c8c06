/**
 * Which task waits for which.
 *
 * @since 0.1.0
 */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { withHint } from "./internal/model/hints.ts"
import { type Future, isFuture } from "./Future.ts"
import { frameTexts } from "./internal/task/frames.ts"
import type { FutureImpl } from "./internal/task/future.ts"
import { valueRepr } from "./internal/model/repr.ts"
import { TaskImpl } from "./internal/task/task.ts"
import { quote } from "./internal/data/text.ts"
import { taskOf } from "./internal/task/current.ts"
import { type StackEntry, isTask } from "./Task.ts"
import { checkLimit, checkOptions } from "./internal/model/arguments.ts"

/**
 * A future or task, its coroutines, and the tasks and futures that wait for it.
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
 * Coroutines made with `Effect.fn("name")` show with their name and place. A task in the graph more than once is the same object
 * everywhere, and a ring of tasks that await each other is followed once. A task awaits by way of its branches (`Effect.all`,
 * races, streams), too. What is not a future is a defect: `TypeError: ... object does not appear to be compatible with
 * asyncio.Future`.
 *
 * **asyncio**
 *
 * Same as [`asyncio.capture_call_graph`](https://docs.python.org/3/library/asyncio-graph.html#asyncio.capture_call_graph).
 *
 * **Example** (A task and the one that waits for it)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   const worker = yield* asyncio.createTask(Effect.andThen(asyncio.sleep(0), asyncio.captureCallGraph()))
 *   const graph = yield* worker
 *   return graph?.awaitedBy.map(({ future }) => asyncio.isTask(future) && future.getName())
 * })
 *
 * await asyncio.run(main) // => ["Task-1"]
 * ```
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
    checkOptions(options, "captureCallGraph()", "{ limit: 3 }")
    checkLimit(options.limit, "captureCallGraph()")
    return build(root as FutureImpl, options)
  })

type Mutable = Omit<FutureCallGraph, "awaitedBy"> & { readonly awaitedBy: Array<FutureCallGraph> }

// Each future is looked at once, however many ways lead to it: in layers of tasks the ways double with each layer. Without
// recursion, because tasks may wait for each other in a chain of any length.
const build = (root: FutureImpl, options: CallGraphOptions): FutureCallGraph => {
  const known = new Map<FutureImpl, Mutable>()
  // The futures on the way from the root, each with the awaiters that are still to be looked at: a ring closes at one of them.
  const path = new Map<FutureImpl, Iterator<FutureImpl>>()
  const enter = (future: FutureImpl): Mutable => {
    const node = { future, callStack: stackOf(future, options), awaitedBy: [] }
    known.set(future, node)
    path.set(future, future.awaiters()[Symbol.iterator]())
    return node
  }
  const graph = enter(root)
  const way = [graph]
  for (let node = way.at(-1); node !== undefined; node = way.at(-1)) {
    const future = node.future as FutureImpl
    const next = path.get(future)!.next()
    if (next.done === true) {
      path.delete(future)
      way.pop()
    } else if (!path.has(next.value)) {
      const seen = known.get(next.value)
      node.awaitedBy.push(seen ?? enter(next.value))
      if (seen === undefined) way.push(known.get(next.value)!)
    }
  }
  return graph
}

const stackOf = (future: FutureImpl, options: CallGraphOptions): ReadonlyArray<StackEntry> => {
  const stack = future instanceof TaskImpl ? future.getStack().toReversed() : []
  const { limit = stack.length } = options
  return limit < 0 ? stack.slice(0, -limit) : stack.slice(Math.max(stack.length - limit, 0))
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
 * Same format as [`asyncio.format_call_graph`](https://docs.python.org/3/library/asyncio-graph.html#asyncio.format_call_graph); an
 * `id` is a small number that stands for the object. A coroutine whose line is not known prints `defined at line N`. A task that
 * is there already prints its name and `(above)`, and of a large graph the end is only counted.
 *
 * **Example** (What waits for the worker)
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
  Effect.map(captureCallGraph(future, options), (graph) => (graph === undefined ? "" : render(graph)))

// So much of a graph prints; the rest is counted.
const mostLines = 2000
const deepest = 100

const render = (root: FutureCallGraph): string => {
  const lines: Array<string> = []
  const printed = new Set<FutureCallGraph>()
  const todo: Array<readonly [FutureCallGraph, number]> = [[root, 0]]
  for (let next = todo.pop(); next !== undefined && lines.length < mostLines; next = todo.pop()) {
    const [node, level] = next
    const { awaitedBy } = node
    const indentation = "    ".repeat(level)
    lines.push(...linesOf(node, printed.has(node)).map((line) => `${indentation}${line}`))
    if (printed.has(node)) continue
    printed.add(node)
    if (awaitedBy.length === 0) continue
    if (level === deepest) lines.push(`${indentation}    * ...`)
    else for (const parent of awaitedBy.toReversed()) todo.push([parent, level + 1])
  }
  const left = sizeOf(root) - printed.size
  if (left > 0) lines.push(`<${left} more>`)
  return lines.join("\n")
}

/** How a future prints, without its awaiters; if it is in the graph already, `again`, by its name. */
const linesOf = ({ awaitedBy, callStack, future }: FutureCallGraph, again: boolean): Array<string> => {
  const name = isTask(future)
    ? `* Task(name=${quote(future.getName())}, id=${idOf(future)})`
    : `* Future(id=${idOf(future)})`
  if (callStack.length === 0 && awaitedBy.length === 0) return [name]
  if (again) return [`${name} (above)`]
  const lines = [name]
  if (callStack.length > 0) lines.push("  + Call stack:", ...frameTexts(callStack).map((line) => `  |   ${line}`))
  if (awaitedBy.length > 0) lines.push("  + Awaited by:")
  return lines
}

/** How many futures are in a graph. */
const sizeOf = (root: FutureCallGraph): number => {
  const seen = new Set([root])
  for (const { awaitedBy } of seen) for (const parent of awaitedBy) seen.add(parent)
  return seen.size
}

/**
 * Prints the call graph to the console.
 *
 * **asyncio**
 *
 * Same as [`asyncio.print_call_graph`](https://docs.python.org/3/library/asyncio-graph.html#asyncio.print_call_graph).
 *
 * **Example** (On a console of your own)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Console, Effect } from "effect"
 *
 * const lines: Array<string> = []
 * const collecting = { ...globalThis.console, log: (text: string) => lines.push(...text.split("\n")) }
 *
 * await asyncio.run(Effect.provideService(asyncio.printCallGraph(), Console.Console, collecting))
 * lines[0]?.split(", ")[0] // => "* Task(name='Task-1'"
 * ```
 *
 * @category introspection
 * @since 0.1.0
 */
export const printCallGraph = (future?: Future<unknown, unknown>, options?: CallGraphOptions): Effect.Effect<void> =>
  Effect.flatMap(formatCallGraph(future, options), (text) => Console.log(text))
