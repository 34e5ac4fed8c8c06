/**
 * Errors that no code of the program would see otherwise: a loop reports them to its exception handler, or to the loggers of the program.
 */
import { checkNoGenerator } from "../model/arguments.ts"
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as References from "effect/References"
import { type ErrorNotes, unexpectedValue } from "../model/hints.ts"
import type { EventLoop, ExceptionContext, ExceptionHandler } from "../model/EventLoop.ts"
import { hooks } from "./hooks.ts"
import { type UnretrievedFailure, UnretrievedFailures } from "./failures.ts"
import { format } from "../model/format.ts"
import type { Runnable } from "../data/readyQueue.ts"
import { valueRepr } from "../model/repr.ts"
import { isInstance, nameOf, plain, safely, sentence } from "../data/text.ts"
import { hideOwnFramesOfAll } from "../host/stack.ts"
import { enterVariables, leaveVariables } from "../model/variables.ts"

/** A loop, as its reports know it. */
interface ReportingLoop extends EventLoop {
  /** The services of the code that is running, without its task. */
  servicesHere(): Context.Context<never>
}

/** A task that is left on a loop. */
interface Left {
  /** The services that it started with. */
  readonly base: Context.Context<never>
  /** Whether what runs its coroutine goes on when the loop is closed. */
  readonly outlivesLoop?: boolean
  toString(): string
}

export class Reports {
  /** Failures of the loop's tasks and futures that were not retrieved yet. */
  readonly failures = new UnretrievedFailures((failure) => this.#unretrieved(failure))
  readonly #loop: ReportingLoop
  // Undefined for the default one, which logs.
  #handler: ExceptionHandler | undefined = undefined

  constructor(loop: ReportingLoop) {
    this.#loop = loop
  }

  setHandler(handler: ExceptionHandler | undefined): void {
    if (handler !== undefined && typeof handler !== "function") {
      // When: `setExceptionHandler` got no function.
      throw unexpectedValue(
        "A callable object or undefined is expected",
        handler,
        "Give it a function of the loop and the context, or `undefined` for the default one."
      )
    }
    checkNoGenerator(handler, "setExceptionHandler()", "setExceptionHandler((loop, context) => ...)")
    this.#handler = handler
  }

  get handler(): ExceptionHandler | undefined {
    return this.#handler
  }

  /** Hands `context` to the exception handler, or to the loggers of `services`, by default those of the code that runs. */
  handle(context: ExceptionContext, services = this.#loop.servicesHere()): void {
    checkContext(context, "callExceptionHandler()")
    for (const listener of hooks.reports) listener(this.#loop, context)
    if (this.#handler === undefined) return this.#log(context, services)
    try {
      this.#handler(this.#loop, context)
    } catch (exception) {
      // When: your exception handler threw. Both errors are logged.
      const broken = { message: "Unhandled error in exception handler", exception, hint: "Let the handler not throw." }
      this.#log(broken, services)
      this.#log(context, services)
    }
  }

  /** What is done without a handler. */
  handleByDefault(context: ExceptionContext): void {
    checkContext(context, "defaultExceptionHandler()")
    this.#log(context, this.#loop.servicesHere())
  }

  /** Debug mode: names the step or callback that kept all others waiting for `taken` milliseconds. */
  slow(item: Runnable, taken: number): void {
    const who = item.task?.toString() ?? `<Handle ${item.label ?? "callback()"}>`
    // When: in debug mode, one step or callback took longer than `slowCallbackDuration`; nothing else ran meanwhile.
    const report = {
      message: `Executing ${who} took ${(taken / 1000).toFixed(3)} seconds`,
      hint: "Let others run with `sleep(0)` now and then, or move the work with `toThread`."
    }
    const services = item.task?.base ?? item.services ?? this.#loop.servicesHere()
    this.#emit(Effect.logWarning(`${report.message}\nhint: ${report.hint}`), services)
  }

  /** Names the tasks that a loop leaves behind when it is closed: they will never go on. */
  pending(tasks: ReadonlyArray<Left>): void {
    for (const task of tasks) {
      if (task.outlivesLoop === true) continue
      const context = {
        // When: a loop was closed before its tasks were done, or a hundred rounds of cancelling did not end them all.
        message: "Task was destroyed but it is pending!",
        hint: "Cancel and await tasks before the loop is closed; let cleanup not make a task whenever one is cancelled.",
        task: String(task)
      }
      this.handle(context, task.base)
    }
  }

  #unretrieved(failure: UnretrievedFailure): void {
    const createdAt = failure.description.createdAt()
    const context = {
      ...(failure.shielded === true ? behindShield(failure.error) : neverRetrieved(failure.kind)),
      exception: failure.error,
      cause: failure.cause,
      [failure.kind === "Task" && failure.shielded !== true ? "task" : "future"]: failure.description.repr(),
      ...(createdAt === undefined ? {} : { createdAt })
    }
    const outer = enterVariables(failure.variables)
    try {
      this.handle(context, failure.services)
    } finally {
      leaveVariables(outer)
    }
  }

  /** The default handler: one log entry at level Error. */
  #log(context: ExceptionContext, services: Context.Context<never>): void {
    const text = textOf(context)
    if (!this.#loop.getDebug()) hideOwnFramesOfAll(context.exception)
    const details = context.cause ?? context.exception
    const entry = details === undefined ? Effect.logError(text) : Effect.logError(text, details)
    // An error that cannot be read cannot be logged either. What is known of it can.
    const withoutDetails = Effect.suspend(() => Effect.logError(`${text}\nexception: ${valueRepr(context.exception)}`))
    const logged = Effect.catchCause(entry, (cause) =>
      details === undefined ? Effect.failCause(cause) : withoutDetails
    )
    this.#emit(
      Effect.catchCause(logged, (cause) =>
        Console.error("Exception in default exception handler:", Cause.squash(cause))
      ),
      services
    )
  }

  /** Writes a log entry through the loggers of the program, consoles on stderr. */
  #emit(entry: Effect.Effect<void>, services: Context.Context<never>): void {
    Effect.runForkWith(services)(Effect.provideService(entry, References.LogToStderr, true))
  }
}

const checkContext = (context: ExceptionContext, operation: string): void => {
  if (typeof (context as ExceptionContext | undefined)?.message === "string") return
  // When: `callExceptionHandler` or `defaultExceptionHandler` got no context with a message, but an error, say.
  throw unexpectedValue(
    `a context with a message was expected by ${operation}`,
    context,
    "Write `{ message: ..., exception: error }`."
  )
}

/** What a log entry says beside the error itself. */
const textOf = (context: ExceptionContext): string => {
  const lines = [context.message]
  // Effect prints an error by its stack: what to do about it would stay unsaid.
  const ofException = safely<unknown, undefined>(() => (context.exception as ErrorNotes | undefined)?.hint, undefined)
  for (const hint of [ofException, context.hint]) {
    if (typeof hint === "string") lines.push(`hint: ${sentence(hint)}`)
  }
  for (const key of ["task", "future", "handle", "createdAt"] as const) {
    const described: unknown = context[key]
    if (described !== undefined) lines.push(`${key}: ${typeof described === "string" ? described : format(described)}`)
  }
  return lines.join("\n")
}

const neverRetrieved = (kind: "Task" | "Future") => ({
  // When: a task or a future failed, and no code retrieved the failure until it was collected, or until the run was over.
  message: `${kind} exception was never retrieved`,
  hint: "Await it, make it in a task group, or look at its `exception()`."
})

const behindShield = (error: unknown) => ({
  // When: what `shield` protects failed after the task that waited for it was cancelled, and no code retrieved the failure later.
  message: `${isInstance(error, Error) ? kindOf(error) : typeof error} exception in shielded future`,
  hint: "Keep a reference to what is shielded, and await it as well."
})

const kindOf = (error: Error): string => {
  const name = safely<unknown, undefined>(() => error.name, undefined)
  return plain(typeof name === "string" ? name : nameOf(safely(() => error.constructor, undefined)))
}
