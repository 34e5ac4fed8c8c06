/**
 * Which task waits for which.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import { Future } from "./Future.ts"
import { wrapperFor } from "./given/awaitables.ts"
import { runNow, current } from "./internal/current.ts"

/**
 * A future, the coroutines on its stack, and the same of every task and future that waits for it.
 *
 * @category models
 * @since 0.1.0
 */
export interface FutureCallGraph {
  readonly future: Future<unknown>
  /** The coroutines on the task's stack, the newest first. */
  readonly callStack: ReadonlyArray<asyncio.StackEntry>
  readonly awaitedBy: ReadonlyArray<FutureCallGraph>
}

/**
 * The call graph of a task or future, of the current task by default; `undefined` where there is none. Tasks of core are
 * in it as well.
 *
 * **asyncio**
 *
 * Same as [`asyncio.capture_call_graph`](https://docs.python.org/3/library/asyncio-graph.html#asyncio.capture_call_graph).
 *
 * **Example** (A task and the one that waits for it)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * await asyncio.run(async () => {
 *   const graph = await asyncio.createTask(async () => {
 *     await asyncio.sleep(0)
 *     return asyncio.captureCallGraph()
 *   })
 *   return graph?.awaitedBy.map(({ future }) => (future as asyncio.Task<unknown>).getName())
 * }) // => ["Task-1"]
 * ```
 *
 * @category introspection
 * @since 0.1.0
 */
export const captureCallGraph = (
  future?: Future<unknown>,
  options?: asyncio.CallGraphOptions
): FutureCallGraph | undefined => {
  const root = rootOf(future)
  const graph = root === undefined ? undefined : runNow(asyncio.captureCallGraph(root, options))
  return graph === undefined ? undefined : wrapped(graph)
}

// Core refuses a value that is no future.
const rootOf = (future: Future<unknown> | undefined): asyncio.Future<unknown, unknown> | undefined => {
  if (future === undefined) return current()?.task
  return future instanceof Future ? future.core : future
}

// Each future once, as in core's graph: in layers of tasks the ways to one task double with each layer.
const wrapped = (root: asyncio.FutureCallGraph): FutureCallGraph => {
  const wrappers = new Map<asyncio.FutureCallGraph, FutureCallGraph & { readonly awaitedBy: Array<FutureCallGraph> }>()
  const wrapperOf = (graph: asyncio.FutureCallGraph) => {
    const { callStack, future } = graph
    const wrapper = wrappers.get(graph) ?? {
      future: wrapperFor(future),
      callStack,
      awaitedBy: []
    }
    wrappers.set(graph, wrapper)
    return wrapper
  }
  const wrapper = wrapperOf(root)
  // Grows while it is iterated, until every waiter is in it.
  for (const [graph, { awaitedBy }] of wrappers) for (const parent of graph.awaitedBy) awaitedBy.push(wrapperOf(parent))
  return wrapper
}

/**
 * {@link captureCallGraph} as text, in Python's format; empty where there is none.
 *
 * **asyncio**
 *
 * Same as [`asyncio.format_call_graph`](https://docs.python.org/3/library/asyncio-graph.html#asyncio.format_call_graph).
 *
 * **Example** (As text)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * await asyncio.run(async function main() {
 *   const text = asyncio.formatCallGraph()
 *   return text.includes("* Task(name='Task-1'") && text.includes("async main()")
 * }) // => true
 * ```
 *
 * @category introspection
 * @since 0.1.0
 */
export const formatCallGraph = (future?: Future<unknown>, options?: asyncio.CallGraphOptions): string => {
  const root = rootOf(future)
  return root === undefined ? "" : runNow(asyncio.formatCallGraph(root, options))
}

/**
 * Prints {@link formatCallGraph}.
 *
 * **asyncio**
 *
 * Same as [`asyncio.print_call_graph`](https://docs.python.org/3/library/asyncio-graph.html#asyncio.print_call_graph).
 *
 * **Example** (On the console)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 *
 * await asyncio.run(() => asyncio.printCallGraph()) // => undefined
 * ```
 *
 * @category introspection
 * @since 0.1.0
 */
export const printCallGraph = (future?: Future<unknown>, options?: asyncio.CallGraphOptions): void => {
  const root = rootOf(future)
  if (root !== undefined) runNow(asyncio.printCallGraph(root, options))
}
