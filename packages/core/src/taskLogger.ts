/**
 * Task names in logs.
 *
 * @since 0.1.0
 */
import type * as Cause from "effect/Cause"
import type * as Fiber from "effect/Fiber"
import type * as Logger from "effect/Logger"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as References from "effect/References"
import type * as Context from "effect/Context"
import { cancellationOf } from "./internal/task/cancellation.ts"
import { attributesOf } from "./internal/task/taskTexts.ts"
import { taskOf } from "./internal/task/current.ts"

/**
 * Puts the name of the task on every log line, as the annotation `task`, whatever loggers the program uses. A line with the cause of a
 * cancellation gets the annotations `cancellation.kind`, `cancellation.reason` and `cancellation.requestedBy`: the cause itself is an
 * interrupt, which prints without them.
 *
 * **asyncio**
 *
 * What `%(taskName)s` is for Python's logging: one of the
 * [attributes of a record](https://docs.python.org/3/library/logging.html#logrecord-attributes).
 *
 * **Example** (Which task says it)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect, Logger, References } from "effect"
 *
 * const lines: Array<unknown> = []
 * const logger = Logger.make(({ fiber, message }) => {
 *   lines.push([message, fiber.getRef(References.CurrentLogAnnotations).task])
 * })
 *
 * const main = Effect.gen(function*() {
 *   yield* yield* asyncio.createTask(Effect.log("hello"), { name: "worker" })
 * }).pipe(Effect.provide(asyncio.taskLogger), Effect.provide(Logger.layer([logger])))
 *
 * await asyncio.run(main)
 * lines // => [[["hello"], "worker"]]
 * ```
 *
 * @category logging
 * @since 0.1.0
 */
export const taskLogger: Layer.Layer<never> = /*#__PURE__*/ Layer.effect(
  References.CurrentLoggers,
  /*#__PURE__*/ Effect.map(References.CurrentLoggers, (loggers) => new Set([...loggers].map(withTaskName)))
)

// `Logger.make` would be shorter, and its module imports that of streams: half as much code again as all of Effect's fibers.
const withTaskName = (logger: Logger.Logger<unknown, unknown>): Logger.Logger<unknown, unknown> => {
  const log: typeof logger.log = (entry) => logger.log({ ...entry, fiber: annotated(entry.fiber, entry.cause) })
  return Object.create(logger, { log: { value: log } }) as typeof logger
}

/** The fiber as a logger sees it, with the task's name, and what the cause says of a cancellation, among its annotations. */
const annotated = (
  fiber: Fiber.Fiber<unknown, unknown>,
  cause: Cause.Cause<unknown>
): Fiber.Fiber<unknown, unknown> => {
  const task = taskOf(fiber)?.getName()
  const error = cancellationOf(cause)
  if (task === undefined && error === undefined) return fiber
  const ours = { ...(task !== undefined && { task }), ...(error !== undefined && attributesOf(error)) }
  const getRef = <A>(reference: Context.Reference<A>): A => {
    const value = fiber.getRef(reference)
    const isAnnotations = (reference as unknown) === References.CurrentLogAnnotations
    return isAnnotations ? ({ ...ours, ...(value as object) } as A) : value
  }
  return Object.create(fiber, { getRef: { value: getRef } }) as Fiber.Fiber<unknown, unknown>
}
