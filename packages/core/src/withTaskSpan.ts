/**
 * Tasks in traces.
 *
 * @since 0.1.0
 */
import type * as Exit from "effect/Exit"
import type * as Tracer from "effect/Tracer"
import * as Effect from "effect/Effect"
import { currentTask } from "./Task.ts"
import { cancellationIn } from "./internal/task/cancellation.ts"
import { attributesOf } from "./internal/task/taskTexts.ts"
import type { AnyEffect } from "./internal/model/AnyEffect.ts"
import { checkEffect } from "./internal/model/arguments.ts"
import { unexpectedValue } from "./internal/model/hints.ts"
import { wrapping } from "./internal/task/frames.ts"

/**
 * Runs an effect in a tracing span that says which task runs it: the span has the task's name, or the given one, and the attribute
 * `task`. Where the effect is cancelled the span has the attributes `cancellation.kind`, `cancellation.reason` and
 * `cancellation.requestedBy` as well.
 *
 * **When to use**
 *
 * Around what a task is made of, to see it in a trace. The span begins when the effect does, and takes the name that the task has by
 * then. Outside of any task it makes one for the fiber, as `currentTask` does. It is `Effect.withSpan` that makes the span, and takes the
 * options; without a tracer in the program's services a span is only known to `Effect.currentSpan` and to log lines.
 *
 * **Cancellation**
 *
 * Passes through. The span ends when the effect has ended, cleanup included.
 *
 * **asyncio**
 *
 * Has no traces. It is to spans what `%(taskName)s` is to a
 * [record of Python's logging](https://docs.python.org/3/library/logging.html#logrecord-attributes).
 *
 * **Example** (A span for each task)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const work = Effect.map(Effect.currentSpan, (span) => [span.name, span.attributes.get("task")])
 *
 * const main = Effect.gen(function*() {
 *   const tasks = [
 *     yield* asyncio.createTask(work.pipe(asyncio.withTaskSpan()), { name: "import 17" }),
 *     yield* asyncio.createTask(work.pipe(asyncio.withTaskSpan("import")), { name: "import 18" })
 *   ]
 *   return yield* asyncio.gather(tasks)
 * })
 *
 * await asyncio.run(main) // => [["import 17", "import 17"], ["import", "import 18"]]
 * ```
 *
 * @category tracing
 * @since 0.1.0
 */
export const withTaskSpan: {
  (
    name?: string,
    options?: Tracer.SpanOptions
  ): <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, Exclude<R, Tracer.ParentSpan>>
  <A, E, R>(
    effect: Effect.Effect<A, E, R>,
    name?: string,
    options?: Tracer.SpanOptions
  ): Effect.Effect<A, E, Exclude<R, Tracer.ParentSpan>>
} = ((first: unknown, second?: unknown, third?: unknown) =>
  Effect.isEffect(first)
    ? inTaskSpan(first, checkedName(second), third as Tracer.SpanOptions)
    : inTaskSpanLast(checkedName(first), second as Tracer.SpanOptions)) as never

const inTaskSpanLast = (name: string | undefined, options: Tracer.SpanOptions | undefined) => (effect: AnyEffect) =>
  inTaskSpan(checkEffect(effect, "withTaskSpan()"), name, options)

const inTaskSpan = (effect: AnyEffect, name: string | undefined, options: Tracer.SpanOptions | undefined): AnyEffect =>
  wrapping(
    effect,
    Effect.flatMap(currentTask, (current) => {
      const task = current.getName()
      const attributes = { task, ...options?.attributes }
      return Effect.withSpan(Effect.onExit(effect, noteCancellation), name ?? task, { ...options, attributes })
    })
  )

const checkedName = (name: unknown): string | undefined => {
  if (name === undefined || typeof name === "string") return name
  // When: the first argument of `withTaskSpan` is neither an Effect nor the name of a span.
  throw unexpectedValue(
    "the name of a span was expected by withTaskSpan()",
    name,
    "Give it a string, or nothing for the name of the task; options come after it."
  )
}

const noteCancellation = (exit: Exit.Exit<unknown, unknown>): Effect.Effect<void> => {
  const error = cancellationIn(exit)
  return error === undefined ? Effect.void : Effect.annotateCurrentSpan(attributesOf(error))
}
