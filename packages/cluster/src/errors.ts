/**
 * What can go wrong between the process that wants something done and the one that does it.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import { innermost } from "./internal/innermost.ts"

/**
 * A payload that does not fit the schema of its definition.
 *
 * **Details**
 *
 * On the `"client"`, before anything was sent; or at the `"worker"`, whose program has another schema than the client's: one of the two is older.
 * A payload of yesterday is decoded by the worker of today, so that a new field needs a default.
 *
 * @category errors
 * @stability unstable
 * @since 0.1.0
 */
export class PayloadError extends Data.TaggedError("PayloadError")<{
  readonly definition: string
  readonly where: "client" | "worker"
  /** What the schema says. */
  readonly problem: string
}> {
  override get message(): string {
    const whose =
      this.where === "client" ? "does not fit its schema" : "does not fit the schema of the worker that got it"
    return `the payload of a task of "${this.definition}" ${whose}: ${this.problem}`
  }
}

/**
 * A result that cannot be handed over: it does not fit the schema of its definition, on the worker or on the client, or is larger than the limit.
 *
 * @category errors
 * @stability unstable
 * @since 0.1.0
 */
export class ResultError extends Data.TaggedError("ResultError")<{
  readonly definition: string
  readonly problem: string
}> {
  override get message(): string {
    return `the result of a task of "${this.definition}" cannot be handed over: ${this.problem}`
  }
}

/**
 * There is a task of this name, and another was not to be joined: `ifExists: "fail"`, or it is one of another definition.
 *
 * @category errors
 * @stability unstable
 * @since 0.1.0
 */
export class TaskExistsError extends Data.TaggedError("TaskExistsError")<{
  /** The name. */
  readonly task: string
  /** The definition of the task that is there. */
  readonly definition: string
}> {
  override get message(): string {
    return `there is a task of the name "${this.task}" already, of the definition "${this.definition}"`
  }
}

/**
 * There is no task of this name: none was created, it is one of another definition, or it is not kept any more.
 *
 * @category errors
 * @stability unstable
 * @since 0.1.0
 */
export class NoSuchTaskError extends Data.TaggedError("NoSuchTaskError")<{
  /** The name. */
  readonly task: string
  /** The definition that was asked for. */
  readonly definition: string
}> {
  override get message(): string {
    return `there is no task of the name "${this.task}" and the definition "${this.definition}", or none any more`
  }
}

/**
 * A task that did not begin within its `startWithin`, and now never will.
 *
 * @category errors
 * @stability unstable
 * @since 0.1.0
 */
export class NotStartedError extends Data.TaggedError("NotStartedError")<{
  /** The name. */
  readonly task: string
  readonly definition: string
  /** Whether there was a worker for it, which had no place. */
  readonly served: boolean
}> {
  override get message(): string {
    const why = this.served ? "its workers have no place" : "no worker serves its definition"
    return `the task "${this.task}" of "${this.definition}" did not begin in time: ${why}`
  }
}

/**
 * The database did not answer, so that nothing was created. What was created is not affected by a database that is away: it is waited for.
 *
 * @category errors
 * @stability unstable
 * @since 0.1.0
 */
export class DatabaseError extends Data.TaggedError("DatabaseError")<{ readonly cause: unknown }> {
  override get message(): string {
    return `the database of the cluster did not answer: ${innermost(this.cause)}`
  }
}

/**
 * A defect of a task in another process, as text: its error's name, message and stack.
 *
 * @category errors
 * @stability unstable
 * @since 0.1.0
 */
export class RemoteDefect extends Error {
  override readonly name: string
  /** The stack of the error where it was thrown. */
  readonly remoteStack: string | undefined

  constructor(defect: { readonly name: string; readonly message: string; readonly stack?: string | undefined }) {
    super(defect.message)
    this.name = defect.name
    this.remoteStack = defect.stack
    if (defect.stack !== undefined) this.stack = defect.stack
  }
}
